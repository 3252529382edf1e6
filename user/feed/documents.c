// SPDX-License-Identifier: GPL-2.0-only
/* JSON documents other than CrowdSec's: the blacklist of AbuseIPDB, and indicators of STIX 2.1. */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "feed_internal.h"

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* --- AbuseIPDB --- */

static void take_abuseipdb(struct feed *feed, const json_t *object, struct feed_entry *entry)
{
	const json_t *score = json_object_get(object, "abuseConfidenceScore");
	const char *address = text_of(object, "ipAddress");
	char reason[REASON_TEXT_MAX];

	if (!feed_take_prefix(feed, address, strlen(address), entry))
		return;
	if (json_is_integer(score)) {
		snprintf(reason, sizeof(reason), "abuse confidence %" PRId64,
			 (int64_t)json_integer_value(score));
		entry->reason = reason;
	}
	feed_emit(feed, entry);
}

/* --- STIX 2.1 --- */

/* Parses RFC 3339 in UTC to milliseconds since 1970; 0 if invalid. */
static int64_t time_of(const char *text)
{
	struct tm parts = {};
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);

	return end && (*end == 'Z' || *end == '.') ? timegm(&parts) * 1000LL : 0;
}

/* A condition that narrows a pattern: an address with a port, or a sequence, does not mean the
 * address alone.
 */
static bool is_narrowed(const char *pattern)
{
	static const char *const words[] = {" AND ",  " NOT ",	   "!=",     "FOLLOWEDBY",
					    " LIKE ", " MATCHES ", "WITHIN", "REPEATS",
					    " IN ",   NULL};

	for (int i = 0; words[i]; i++)
		if (strstr(pattern, words[i]))
			return true;
	return false;
}

static const char *next_object(const char *pattern)
{
	const char *six = strstr(pattern, "ipv6-addr:value"),
		   *four = strstr(pattern, "ipv4-addr:value");

	return !six || (four && four < six) ? four : six;
}

/* "ipv6-addr:value = 'PREFIX'", or ISSUBSET; any number of them. */
static void take_pattern(struct feed *feed, const char *pattern, struct feed_entry *entry)
{
	const char *at = next_object(pattern);

	for (; at; at = next_object(at)) {
		const char *end, *quote = strchr(at, '\'');

		end = quote ? strchr(quote + 1, '\'') : NULL;
		if (!end) {
			feed_bad(feed, entry->line, pattern, strlen(pattern),
				 "is a pattern without a value");
			return;
		}
		if (feed_take_prefix(feed, quote + 1, end - quote - 1, entry))
			feed_emit(feed, entry);
		at = end;
	}
}

static void take_stix(struct feed *feed, const json_t *object, struct feed_entry *entry)
{
	const char *pattern = text_of(object, "pattern"), *kind = text_of(object, "pattern_type");
	const char *name = text_of(object, "name"), *until = text_of(object, "valid_until");
	char reason[REASON_TEXT_MAX], ticket[REASON_TEXT_MAX];

	/* observed data is not an indicator */
	if (strcmp(text_of(object, "type"), "indicator") || (*kind && strcmp(kind, "stix")) ||
	    !next_object(pattern) || json_is_true(json_object_get(object, "revoked"))) {
		feed->ignored++;
		return;
	}
	if (is_narrowed(pattern)) {
		feed_bad(feed, entry->line, pattern, strlen(pattern),
			 "is a pattern of more than addresses");
		return;
	}
	entry->until_ms = time_of(until);
	if (*until && !entry->until_ms) {
		feed_bad(feed, entry->line, until, strlen(until),
			 "is not a time, such as 2026-01-01T00:00:00Z");
		return;
	}
	entry->reason = feed_clean(name, strlen(name), reason, sizeof(reason));
	entry->ticket = feed_clean(text_of(object, "id"), strlen(text_of(object, "id")), ticket,
				   sizeof(ticket));
	take_pattern(feed, pattern, entry);
}

bool feed_document_item(struct feed *feed, unsigned int line, const json_t *object)
{
	struct feed_entry entry = {.line = line};

	if (feed->format == FEED_ABUSEIPDB)
		take_abuseipdb(feed, object, &entry);
	else if (feed->format == FEED_STIX)
		take_stix(feed, object, &entry);
	else
		return false;
	return true;
}
