// SPDX-License-Identifier: GPL-2.0-only
#include "notice.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/when.h"
#include "cli/lib/output/print.h"
#include "facts.h"
#include "template.h"

#define TEMPLATE_BYTES_MAX 65536
#define VALUE_MAX_BYTES	   16384
#define ACTIONS_MAX	   20 /* the newest */

const char *const notice_languages[] = {"en", "ja", NULL};

/* Built in, so that a report needs no file. */
#define BUILT_IN(symbol, file)                                                        \
	__asm__(".pushsection .rodata\n" #symbol ":\n.incbin \"" file "\"\n.byte 0\n" \
		".popsection");                                                       \
	extern const char symbol[] __attribute__((visibility("hidden")))

BUILT_IN(notice_template_en, "user/cli/lib/report/templates/en.txt");
BUILT_IN(notice_template_ja, "user/cli/lib/report/templates/ja.txt");

static const char *const built_in[] = {notice_template_en, notice_template_ja};

struct notice {
	const json_t *facts;
	const struct config_report *sender;
	char value[VALUE_MAX_BYTES]; /* the last one that was asked for */
};

/* --- values --- */

/* In UTC, which every receiver understands, and in the sender's zone. */
static const char *write_time(char *buf, size_t bytes, int64_t us)
{
	char utc[WHEN_TEXT_MAX], local[WHEN_TEXT_MAX];
	size_t n;

	when_format_exact(us, 0, utc);
	when_format_dated(us, true, local);
	n = strlen(local);
	if (n > 4 && !strcmp(local + n - 4, " UTC"))
		snprintf(buf, bytes, "%s", utc);
	else
		snprintf(buf, bytes, "%s (%s)", utc, local);
	return buf;
}

static void put_time(struct notice *notice, const char *key)
{
	if (!member_is_null(notice->facts, key))
		write_time(notice->value, sizeof(notice->value),
			   member_time_us(notice->facts, key));
}

static void put_text(struct notice *notice, const char *key)
{
	if (!member_is_null(notice->facts, key))
		snprintf(notice->value, sizeof(notice->value), "%s",
			 member_text(notice->facts, key));
}

static void put_source(struct notice *notice, const char *key)
{
	if (json_is_true(json_object_get(notice->facts, key)))
		put_text(notice, "prefix");
}

static void put_rate(struct notice *notice, const char *key)
{
	char peak[PRINT_MAX], rate[PRINT_MAX], bits[PRINT_MAX];

	if (member_is_null(notice->facts, "peak_packets_per_second"))
		return;
	snprintf(notice->value, sizeof(notice->value), "peak %s packets/s; last %s packets/s, %s",
		 print_rate(member_number(notice->facts, "peak_packets_per_second"), peak),
		 print_rate(member_number(notice->facts, "packets_per_second"), rate),
		 print_bit_rate(member_number(notice->facts, "bytes_per_second"), bits));
}

static void put_hits(struct notice *notice, const char *key)
{
	int64_t hits = member_integer(notice->facts, key);
	char count[PRINT_MAX];

	if (hits > 0)
		snprintf(notice->value, sizeof(notice->value), "%s", print_count(hits, count));
}

static void put_holder(struct notice *notice, const char *key)
{
	const json_t *holder = json_object_get(notice->facts, key);

	if (json_is_object(holder))
		snprintf(notice->value, sizeof(notice->value), "%s (%s %s %s, holder %s)",
			 member_text(holder, "network"), member_text(holder, "registry"),
			 member_text(holder, "country"), member_text(holder, "status"),
			 member_text(holder, "id"));
}

static void put_evidence(struct notice *notice, const char *key)
{
	const json_t *evidence = json_object_get(notice->facts, key);

	if (json_is_object(evidence))
		snprintf(notice->value, sizeof(notice->value), "%s, %" PRId64 " bytes\nSHA-256 %s",
			 member_text(evidence, "file"), member_integer(evidence, "bytes"),
			 member_text(evidence, "sha256"));
}

/* Lines, as long as there is room: a line is never cut. */
static void add_line(struct notice *notice, const char *line)
{
	size_t n = strlen(notice->value);

	if (n + strlen(line) + 2 <= sizeof(notice->value))
		sprintf(notice->value + n, "%s%s", n ? "\n" : "", line);
}

static void destination_line(struct notice *notice, const json_t *row)
{
	char line[PRINT_TEXT_MAX], rate[PRINT_MAX];

	snprintf(line, sizeof(line), "%s, %s packets/s", member_text(row, "destination"),
		 print_rate(member_number(row, "packets_per_second"), rate));
	add_line(notice, line);
}

/* Not who did it. */
static void action_line(struct notice *notice, const json_t *change)
{
	char line[PRINT_TEXT_MAX], time[2 * WHEN_TEXT_MAX], until[2 * WHEN_TEXT_MAX] = "";
	bool ends = !member_is_null(change, "until"),
	     has_reason = !member_is_null(change, "reason");

	if (ends)
		write_time(until, sizeof(until), member_time_us(change, "until"));
	snprintf(line, sizeof(line), "%s: %s %s%s%s%s%s",
		 write_time(time, sizeof(time), member_time_us(change, "time")),
		 change_name(member_text(change, "action")), member_text(change, "prefix"),
		 ends ? ", until " : "", until, has_reason ? ": " : "",
		 has_reason ? member_text(change, "reason") : "");
	add_line(notice, line);
}

static void packet_line(struct notice *notice, const json_t *packet)
{
	char line[PRINT_TEXT_MAX], ports[2][PRINT_MAX] = {"", ""};
	const char *const keys[2] = {"source_port", "destination_port"};

	for (int i = 0; i < 2; i++)
		if (json_object_get(packet, keys[i]))
			snprintf(ports[i], PRINT_MAX, " port %" PRId64,
				 member_integer(packet, keys[i]));
	snprintf(line, sizeof(line), "%s  %s  %s%s  %s%s  %" PRId64, member_text(packet, "time"),
		 member_text(packet, "class"), member_text(packet, "source_address"), ports[0],
		 member_text(packet, "destination"), ports[1], member_integer(packet, "length"));
	add_line(notice, line);
}

static void put_lines(struct notice *notice, const char *key,
		      void (*put)(struct notice *notice, const json_t *row))
{
	const json_t *row;
	size_t i;

	json_array_foreach (json_object_get(notice->facts, key), i, row)
		put(notice, row);
}

static void put_destinations(struct notice *notice, const char *key)
{
	put_lines(notice, key, destination_line);
}

static void put_actions(struct notice *notice, const char *key)
{
	const json_t *change;
	size_t i, count = 0, earlier;
	char line[64];

	json_array_foreach (json_object_get(notice->facts, key), i, change)
		count += report_is_action(change);
	earlier = count > ACTIONS_MAX ? count - ACTIONS_MAX : 0;
	if (earlier) {
		snprintf(line, sizeof(line), "(%zu before these)", earlier);
		add_line(notice, line);
	}
	json_array_foreach (json_object_get(notice->facts, key), i, change) {
		if (!report_is_action(change))
			continue;
		if (earlier)
			earlier--;
		else
			action_line(notice, change);
	}
}

static void put_packets(struct notice *notice, const char *key)
{
	put_lines(notice, key, packet_line);
}

static void put_organization(struct notice *notice, const char *key)
{
	snprintf(notice->value, sizeof(notice->value), "%s", notice->sender->organization);
}

static void put_contact(struct notice *notice, const char *key)
{
	snprintf(notice->value, sizeof(notice->value), "%s", notice->sender->contact);
}

/* The names of slash64(8), with the member of the facts. */
static const struct value {
	const char *name;
	void (*put)(struct notice *notice, const char *key);
	const char *key;
} values[] = {
	{"prefix", put_text, "prefix"},
	{"source", put_source, "one_source"},
	{"check", put_text, "check_chars"},
	{"spoken", put_text, "spoken"},
	{"class", put_text, "class"},
	{"rule", put_text, "rule"},
	{"first", put_time, "first_seen"},
	{"last", put_time, "last_seen"},
	{"rate", put_rate, NULL},
	{"hits", put_hits, "hits"},
	{"holder", put_holder, "holder"},
	{"destinations", put_destinations, "destinations"},
	{"actions", put_actions, "changes"},
	{"packets", put_packets, "packets"},
	{"evidence", put_evidence, "evidence"},
	{"organization", put_organization, NULL},
	{"contact", put_contact, NULL},
};

static const char *value_of(const char *name, size_t bytes, void *data)
{
	struct notice *notice = data;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (strlen(values[i].name) != bytes || memcmp(values[i].name, name, bytes))
			continue;
		notice->value[0] = '\0';
		values[i].put(notice, values[i].key);
		return notice->value;
	}
	return NULL;
}

/* --- the template --- */

/* The operator's own. -ENOENT: the directory has none for this language. */
static int read_template(const char *path, char text[TEMPLATE_BYTES_MAX], struct error *error)
{
	FILE *file = fopen(path, "re");
	size_t n;
	int err = 0;

	if (!file && errno == ENOENT)
		return -ENOENT;
	if (!file)
		return error_set(error, -errno, "cannot read %s: %s; correct report.templates",
				 path, strerror(errno));
	n = fread(text, 1, TEMPLATE_BYTES_MAX, file);
	if (ferror(file))
		err = error_set(error, -EIO, "cannot read %s: %s", path, strerror(errno));
	else if (n == TEMPLATE_BYTES_MAX)
		err = error_set(error, -EFBIG, "%s has %d bytes or more; make it shorter", path,
				TEMPLATE_BYTES_MAX);
	else
		text[n] = '\0';
	fclose(file);
	return err;
}

char *notice_report(const json_t *facts, const struct config_report *sender, int language,
		    struct error *error)
{
	struct notice notice = {.facts = facts, .sender = sender};
	char path[sizeof(sender->templates) + 16], text[TEMPLATE_BYTES_MAX];
	const char *template = built_in[language];
	char *filled = NULL;
	int err = -ENOENT;

	snprintf(path, sizeof(path), "%s/%s.txt", sender->templates, notice_languages[language]);
	if (sender->templates[0])
		err = read_template(path, text, error);
	if (!err)
		template = text;
	if (!err || err == -ENOENT)
		err = template_fill(path, template, value_of, &notice, &filled, error);
	return err ? NULL : filled;
}
