// SPDX-License-Identifier: GPL-2.0-only
#include "messages.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/text/cef.h"
#include "base/text/when.h"
#include "net/spoken.h"

#define RULE_ORIGIN "detect:"
/* RFC 5612: a number for examples, as slash64 has none of its own */
#define SYSLOG_DATA_ID "slash64@32473"
#define ECS_VERSION    "8.11.0"

const char *message_text(const json_t *change, const char *key)
{
	return json_string_value(json_object_get(change, key));
}

static json_int_t lost(const json_t *change)
{
	return json_integer_value(json_object_get(change, "lost"));
}

const char *message_action(const json_t *change)
{
	const char *action = message_text(change, "action");

	return action ? action : lost(change) ? "lost" : "change";
}

static const char *rule_of(const json_t *change)
{
	const char *origin = message_text(change, "origin");

	return origin && !strncmp(origin, RULE_ORIGIN, strlen(RULE_ORIGIN)) ?
		       origin + strlen(RULE_ORIGIN) :
		       NULL;
}

/* --- what goes to whom --- */

static bool word_matches(const char *word, const char *text)
{
	size_t n = strlen(word);

	if (n && word[n - 1] == '*')
		return !strncmp(word, text, n - 1);
	return !strcmp(word, text);
}

static bool words_match(const struct words *words, const char *text)
{
	for (size_t i = 0; text && i < words->count; i++)
		if (word_matches(words->word[i], text))
			return true;
	return !words->count;
}

/* A change around a prefix of the list is about it too. */
static bool prefix_matches(const struct receiver_filter *only, const char *text)
{
	struct prefix prefix;

	if (!only->within_count)
		return true;
	if (!text || prefix_parse_whole(text, &prefix, NULL))
		return false;
	for (size_t i = 0; i < only->within_count; i++)
		if (prefix_contains(&only->within[i], &prefix) ||
		    prefix_contains(&prefix, &only->within[i]))
			return true;
	return false;
}

bool message_matches(const struct receiver_filter *only, const json_t *change)
{
	return lost(change) || (words_match(&only->actions, message_action(change)) &&
				words_match(&only->origins, message_text(change, "origin")) &&
				words_match(&only->rules, rule_of(change)) &&
				prefix_matches(only, message_text(change, "prefix")));
}

/* --- JSON --- */

char *message_json(const json_t *change)
{
	return json_dumps(change, JSON_COMPACT);
}

static void set_text(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, json_string(text));
}

static void set_object(json_t *object, const char *key, json_t *member)
{
	if (json_object_size(member))
		json_object_set(object, key, member);
	json_decref(member);
}

/* Changes that begin to keep packets out, and those that end it. */
static const char *ecs_type(const char *action)
{
	static const char *const denied[] = {"block", "throttle", "import", NULL};
	static const char *const allowed[] = {"unblock", "end", "allow", NULL};

	for (int i = 0; denied[i]; i++)
		if (!strcmp(action, denied[i]))
			return "denied";
	for (int i = 0; allowed[i]; i++)
		if (!strcmp(action, allowed[i]))
			return "allowed";
	return "change";
}

static json_t *ecs_event(const json_t *change)
{
	const char *action = message_action(change);
	json_t *event =
		json_pack("{s:s, s:[s], s:[s], s:s, s:s}", "kind", "event", "category", "network",
			  "type", ecs_type(action), "action", action, "module", "slash64");
	json_t *number = json_object_get(change, "number");

	if (number)
		json_object_set(event, "sequence", number);
	set_text(event, "reason", message_text(change, "reason"));
	return event;
}

static json_t *ecs_own(const json_t *change)
{
	static const char *const keys[] = {"prefix", "origin", "ticket", "until",
					   "detail", "from",   "lost"};
	json_t *own = json_object();

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		json_t *value = json_object_get(change, keys[i]);

		if (value && !json_is_null(value))
			json_object_set(own, keys[i], value);
	}
	return own;
}

char *message_ecs(const json_t *change, const char *host)
{
	char now[WHEN_TEXT_MAX], *sentence = message_sentence(change), *text;
	const char *time = message_text(change, "time");
	json_t *document =
		json_pack("{s:s, s:{s:s}, s:{s:s, s:s, s:s, s:s}, s:s*}", "@timestamp",
			  time ? time : when_format_exact(when_now(), 3, now), "ecs", "version",
			  ECS_VERSION, "observer", "vendor", "slash64", "product", "slash64",
			  "version", SLASH64_VERSION, "hostname", host, "message", sentence);
	json_t *source = json_object(), *user = json_object(), *rule = json_object();

	set_text(source, "address", message_text(change, "prefix"));
	set_text(user, "name", message_text(change, "who"));
	set_text(rule, "name", rule_of(change));
	set_object(document, "event", ecs_event(change));
	set_object(document, "source", source);
	set_object(document, "user", user);
	set_object(document, "rule", rule);
	set_object(document, "slash64", ecs_own(change));
	text = json_dumps(document, JSON_COMPACT);
	json_decref(document);
	free(sentence);
	return text;
}

/* --- for people --- */

/* "2001:db8:bad:1::/64 (U1)" */
static void put_prefix(FILE *out, const char *text)
{
	char check[SPOKEN_CHECK + 1];
	struct prefix prefix;

	fprintf(out, " %s", text);
	if (!prefix_parse_whole(text, &prefix, NULL) && !prefix_is_v4(&prefix) &&
	    !spoken_check(&prefix, check))
		fprintf(out, " (%s)", check);
}

static void put_part(FILE *out, const char *before, const char *text, const char *behind)
{
	if (text)
		fprintf(out, "%s%s%s", before, text, behind);
}

static void put_sentence(FILE *out, const json_t *change)
{
	const char *prefix = message_text(change, "prefix");

	if (lost(change)) {
		fprintf(out,
			"%lld changes were removed from the log of slash64d before they could be "
			"told",
			(long long)lost(change));
		return;
	}
	fputs(message_action(change), out);
	if (prefix)
		put_prefix(out, prefix);
	put_part(out, " by ", message_text(change, "who"), "");
	put_part(out, ", origin ", message_text(change, "origin"), "");
	put_part(out, ", until ", message_text(change, "until"), "");
	put_part(out, ": ", message_text(change, "reason"), "");
	put_part(out, " [", message_text(change, "ticket"), "]");
	put_part(out, "; ", message_text(change, "detail"), "");
}

char *message_sentence(const json_t *change)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		return NULL;
	put_sentence(out, change);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

/* --- CEF --- */

static int cef_severity(const char *action)
{
	if (!strcmp(action, "lost"))
		return 7;
	return !strcmp(ecs_type(action), "denied") ? 6 : 3;
}

static void put_cef(FILE *out, const json_t *change)
{
	const char *action = message_action(change), *prefix = message_text(change, "prefix");
	int64_t us;

	cef_begin(out, SLASH64_VERSION, action, "Change of slash64", cef_severity(action));
	if (message_text(change, "time") && !when_parse_exact(message_text(change, "time"), &us))
		cef_number(out, "rt", us / WHEN_MS);
	cef_value(out, "act", action);
	cef_value(out, "suser", message_text(change, "who"));
	cef_value(out, "reason", message_text(change, "reason"));
	cef_labelled(out, "cs1", "Source prefix", prefix);
	cef_labelled(out, "cs2", "Origin", message_text(change, "origin"));
	cef_labelled(out, "cs3", "Rule", rule_of(change));
	cef_labelled(out, "cs4", "Ticket", message_text(change, "ticket"));
	if (message_text(change, "until") && !when_parse_exact(message_text(change, "until"), &us))
		cef_number(out, "end", us / WHEN_MS);
	if (json_object_get(change, "number"))
		cef_number(out, "externalId",
			   json_integer_value(json_object_get(change, "number")));
}

char *message_cef(const json_t *change)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		return NULL;
	put_cef(out, change);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

/* --- RFC 5424 --- */

/* 6.3.3: '"', '\' and ']' are escaped. */
static void put_parameter(FILE *out, const char *name, const char *value)
{
	if (!value)
		return;
	fprintf(out, " %s=\"", name);
	for (; *value; value++) {
		if (strchr("\"\\]", *value))
			putc('\\', out);
		putc(*value, out);
	}
	putc('"', out);
}

static void put_data(FILE *out, const json_t *change)
{
	fputs("[" SYSLOG_DATA_ID, out);
	if (json_object_get(change, "number"))
		fprintf(out, " number=\"%lld\"",
			(long long)json_integer_value(json_object_get(change, "number")));
	put_parameter(out, "prefix", message_text(change, "prefix"));
	put_parameter(out, "origin", message_text(change, "origin"));
	put_parameter(out, "ticket", message_text(change, "ticket"));
	put_parameter(out, "until", message_text(change, "until"));
	put_parameter(out, "who", message_text(change, "who"));
	putc(']', out);
}

/* A header field of printable ASCII, or "-". */
static void put_field(FILE *out, const char *text, size_t max)
{
	size_t n = 0;

	for (; *text && n < max; text++)
		if (isgraph((unsigned char)*text)) {
			putc(*text, out);
			n++;
		}
	fputs(n ? " " : "- ", out);
}

char *message_syslog(const json_t *change, int facility, enum syslog_format format,
		     const char *host)
{
	const char *action = message_action(change), *time = message_text(change, "time");
	int severity = !strcmp(action, "lost") ? LOG_WARNING : LOG_NOTICE;
	char *text = NULL,
	     *said = format == SYSLOG_CEF ? message_cef(change) : message_sentence(change);
	size_t bytes;
	FILE *out = said ? open_memstream(&text, &bytes) : NULL;

	if (!out) {
		free(said);
		return NULL;
	}
	fprintf(out, "<%d>1 ", facility | severity);
	put_field(out, time ? time : "-", 48);
	put_field(out, host, 255);
	fprintf(out, "slash64 %d ", (int)getpid());
	put_field(out, action, 32);
	if (format == SYSLOG_CEF)
		putc('-', out);
	else
		put_data(out, change);
	fprintf(out, " %s", said);
	free(said);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}
