// SPDX-License-Identifier: GPL-2.0-only
#include "rules_file.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text/utf8.h"
#include "base/time.h"

#define WRITE_MS    500 /* at the earliest after the last time */
#define SPACE_COSTS 20	/* and so many times what that took */
#define NEW	    ".new"
#define PATH_BYTES  (4096 + sizeof(NEW))
#define TEXT_BYTES  (2 * FLOW_KEY_MAX)

void rules_file_init(struct rules_file *file, const char *path)
{
	*file = (struct rules_file){.path = path, .is_changed = true};
}

/* --- one rule --- */

struct text {
	char buf[TEXT_BYTES];
	size_t bytes;
};

static void add(struct text *text, const char *format, const char *a, size_t bytes)
{
	if (text->bytes >= TEXT_BYTES)
		return;
	text->bytes +=
		snprintf(text->buf + text->bytes, TEXT_BYTES - text->bytes, format, (int)bytes, a);
	if (text->bytes >= TEXT_BYTES)
		utf8_end_whole(text->buf);
}

/* "2001:db8::/64/0" is of no offset. */
static size_t bytes_without_offset(const char *value)
{
	size_t n = strlen(value);
	const char *first = strchr(value, '/');

	return first && n > 2 && !strcmp(value + n - 2, "/0") && first != value + n - 2 ? n - 2 : n;
}

static size_t bytes_of_key(const char *key)
{
	const char *family = strstr(key, "-ipv");

	return family ? (size_t)(family - key) : strlen(key);
}

/* "source 2001:db8::/64 next-header =58", or the names of all but the source */
static void write_components(const json_t *components, bool names_only, struct text *out)
{
	json_t *list, *value;
	const char *key;
	size_t i;

	*out = (struct text){};
	json_object_foreach ((json_t *)components, key, list) {
		if (names_only && !strncmp(key, "source", strlen("source")))
			continue;
		add(out,
		    names_only && out->bytes ? ", %.*s" :
		    out->bytes		     ? " %.*s" :
					       "%.*s",
		    key, bytes_of_key(key));
		json_array_foreach (names_only ? NULL : list, i, value) {
			const char *one = json_string_value(value);

			if (one)
				add(out, i ? ",%.*s" : " %.*s", one, bytes_without_offset(one));
		}
	}
}

static const char *action_of(const struct flow_rule *rule, char text[FLOW_ACTION_MAX])
{
	if (rule->refusal == FLOW_EXECUTED && !rule->blocks)
		snprintf(text, FLOW_ACTION_MAX, "%u packets/s", rule->rate);
	else if (rule->blocks)
		return "discard";
	else
		snprintf(text, FLOW_ACTION_MAX, "%s", *rule->action ? rule->action : "none");
	return text;
}

struct standing {
	const char *state, *why;
	char text[TEXT_BYTES + FLOW_ACTION_MAX];
};

static void judge(const struct flow_rule *rule, const json_t *components, const struct set *set,
		  struct standing *standing)
{
	const struct set_key key = set_key_of_prefix(&rule->source);
	enum set_standing is = SET_WAITS;
	struct text names;

	*standing = (struct standing){.state = "refused"};
	if (rule->refusal == FLOW_EXECUTED) {
		is = set_standing(set, &key);
		standing->state = is == SET_REFUSED  ? "refused" :
				  is == SET_IN_FORCE ? "executed" :
						       "waits";
		standing->why = is == SET_REFUSED ? "slash64d" : NULL;
		if (is == SET_REFUSED)
			strcpy(standing->text, "a guard rail, an allowed prefix, or no room");
		else if (is == SET_WAITS)
			strcpy(standing->text, "until slash64d answers");
		return;
	}
	standing->why = flow_refusal_names[rule->refusal];
	strcpy(standing->text, flow_refusal_texts[rule->refusal]);
	if (rule->refusal != FLOW_COMPONENT)
		return;
	write_components(components, true, &names);
	snprintf(standing->text, sizeof(standing->text), "it also matches %s: %s", names.buf,
		 flow_refusal_texts[FLOW_COMPONENT]);
	utf8_end_whole(standing->text);
}

struct writing {
	FILE *out;
	const struct set *set;
	bool failed;
};

static void write_rule(const char *peer, bool is_up, const struct flow_rule *rule, void *data)
{
	struct writing *writing = data;
	json_t *components = json_loads(rule->key, 0, NULL), *row;
	char action[FLOW_ACTION_MAX], source[PREFIX_TEXT_MAX];
	struct standing standing;
	struct text text;

	write_components(components, false, &text);
	judge(rule, components, writing->set, &standing);
	row = json_pack("{s:s, s:s, s:b, s:s?, s:s, s:s, s:s?, s:s?, s:s, s:O?}", "neighbor", peer,
			"family", rule->is_v4 ? "ipv4" : "ipv6", "session_up", is_up, "source",
			rule->source.length ? prefix_format(&rule->source, source) : NULL, "action",
			action_of(rule, action), "state", standing.state, "why", standing.why,
			"text", *standing.text ? standing.text : NULL, "rule", text.buf,
			"components", components);
	if (!row || json_dumpf(row, writing->out, JSON_COMPACT) || fputc('\n', writing->out) == EOF)
		writing->failed = true;
	json_decref(row);
	json_decref(components);
}

/* --- the file --- */

static int write_file(const struct rules_file *file, const struct rules *rules,
		      const struct set *set)
{
	struct writing writing = {.set = set};
	char path[PATH_BYTES];
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s" NEW, file->path);
	unlink(path); /* whatever it is: others of the group can make files there */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	writing.out = fdopen(fd, "w");
	if (!writing.out) {
		close(fd);
		return -ENOMEM;
	}
	fchmod(fd, 0644); /* whatever ExaBGP's umask is */
	rules_each(rules, write_rule, &writing);
	if (fclose(writing.out) || writing.failed)
		err = errno ? -errno : -EIO;
	if (!err && rename(path, file->path))
		err = -errno;
	if (err)
		unlink(path);
	return err;
}

void rules_file_tick(struct rules_file *file, const struct rules *rules, const struct set *set,
		     int64_t now_ms)
{
	int64_t begun_ms = clock_monotonic_ms();
	struct error error;
	int err;

	if (!file->path[0])
		return;
	if (!file->is_changed && now_ms >= file->touch_ms) {
		file->touch_ms = now_ms + RULES_FILE_TOUCH_MS;
		file->is_changed = utimensat(AT_FDCWD, file->path, NULL, 0) != 0;
	}
	if (!file->is_changed || now_ms < file->write_ms)
		return;
	err = write_file(file, rules, set);
	file->write_ms = now_ms + WRITE_MS + (clock_monotonic_ms() - begun_ms) * SPACE_COSTS;
	file->touch_ms = now_ms + RULES_FILE_TOUCH_MS;
	file->is_changed = err != 0;
	if (!err) {
		told_end(&file->told);
		return;
	}
	error_set(&error, err,
		  "cannot write the list of the rules, %s: %s; see 'rules' in "
		  "slash64-flowspec(8)",
		  file->path, strerror(-err));
	told_warning(&file->told, &error);
}
