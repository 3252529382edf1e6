// SPDX-License-Identifier: GPL-2.0-only
/* Feeds with a JSON object per line: Spamhaus DROP, Suricata's eve.json, our own export. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "feed_internal.h"
#include "base/text/when.h"

/* A string; NULL if absent. False, with a problem, if it is another type. */
static bool take_text(struct feed *feed, const json_t *object, const char *key, const char **text)
{
	const json_t *value = json_object_get(object, key);

	*text = json_string_value(value);
	if (!value || json_is_null(value) || *text)
		return true;
	feed_problem(feed, feed->lines, "'%s' is not a string", key);
	return false;
}

/* The same, cleaned into buf of REASON_TEXT_MAX. */
static bool take_clean(struct feed *feed, const json_t *object, const char *key, char *buf,
		       const char **text)
{
	if (!take_text(feed, object, key, text))
		return false;
	if (*text)
		*text = feed_clean(*text, strlen(*text), buf, REASON_TEXT_MAX);
	return true;
}

static bool take_prefix(struct feed *feed, const json_t *object, const char *key,
			struct feed_entry *entry)
{
	const char *text;

	if (!take_text(feed, object, key, &text))
		return false;
	if (text)
		return feed_take_prefix(feed, text, strlen(text), entry);
	feed_problem(feed, feed->lines, "missing '%s'", key);
	return false;
}

/* --- DROP --- */

static void take_metadata(struct feed *feed, const json_t *object)
{
	const json_t *records = json_object_get(object, "records");
	uint64_t seen = feed->drop_records;

	/* the next of several lists in one text counts from 0 */
	feed->drop_records = 0;
	if (!json_is_integer(records) || json_integer_value(records) == (json_int_t)seen) {
		feed->ignored++;
		return;
	}
	feed->incomplete = true;
	feed_problem(feed, feed->lines,
		     "the list is incomplete: it states %" PRId64 " records, and "
		     "has %" PRIu64,
		     (int64_t)json_integer_value(records), seen);
}

static void take_drop(struct feed *feed, const json_t *object)
{
	struct feed_entry entry = {.line = feed->lines};
	const char *type = json_string_value(json_object_get(object, "type"));
	char ticket[REASON_TEXT_MAX];

	if (!json_object_get(object, "cidr") && type) {
		if (!strcmp(type, "metadata"))
			take_metadata(feed, object);
		else
			feed->ignored++;
		return;
	}
	/* a bad record was counted too: the list is complete except for the bad ones */
	feed->drop_records++;
	if (take_prefix(feed, object, "cidr", &entry) &&
	    take_clean(feed, object, "sblid", ticket, &entry.ticket))
		feed_emit(feed, &entry);
}

/* --- Suricata --- */

static bool is_to_client(const json_t *object)
{
	const char *direction = json_string_value(json_object_get(object, "direction"));

	return direction && !strcmp(direction, "to_client");
}

static void take_eve(struct feed *feed, const json_t *object)
{
	struct feed_entry entry = {.line = feed->lines};
	const json_t *alert = json_object_get(object, "alert"), *id;
	char reason[REASON_TEXT_MAX], ticket[REASON_TEXT_MAX];
	const char *type, *attacker;

	if (!take_text(feed, object, "event_type", &type))
		return;
	/* a packet to the client comes from our server: the attacker is the destination */
	attacker = is_to_client(object) ? "dest_ip" : "src_ip";
	/* an alert below IP has no address */
	if (!type || strcmp(type, "alert") || !json_object_get(object, attacker)) {
		feed->ignored++;
		return;
	}
	if (!take_prefix(feed, object, attacker, &entry) ||
	    !take_clean(feed, alert, "signature", reason, &entry.reason))
		return;
	id = json_object_get(alert, "signature_id");
	if (json_is_integer(id)) {
		snprintf(ticket, sizeof(ticket), "%" PRId64, (int64_t)json_integer_value(id));
		entry.ticket = ticket;
	}
	feed_emit(feed, &entry);
}

/* --- slash64 export --- */

static bool take_origin(struct feed *feed, const json_t *object, char origin[ORIGIN_TEXT_MAX],
			struct feed_entry *entry)
{
	const char *text;

	if (!take_text(feed, object, "origin", &text))
		return false;
	/* a name: cutting or cleaning would make it another one */
	entry->origin = text ? feed_clean(text, strlen(text), origin, ORIGIN_TEXT_MAX) : NULL;
	if (!text || (entry->origin && !strcmp(text, origin)))
		return true;
	feed_bad(feed, feed->lines, text, strlen(text), "is not a valid origin");
	return false;
}

/* A time in RFC 3339, or in seconds since 1970 as 0.1.0 wrote it. */
static int time_of(const json_t *value, int64_t *ms)
{
	double seconds = json_number_value(value);
	int64_t us;

	if (json_is_string(value)) {
		int err = when_parse_exact(json_string_value(value), &us);

		if (!err)
			*ms = us / WHEN_MS;
		return err;
	}
	if (!json_is_number(value) || !(seconds >= 0 && seconds <= WHEN_MAX / WHEN_SECOND))
		return -EINVAL;
	*ms = seconds * 1000 + 0.5;
	return 0;
}

/* Parses a number of at least `min_ms` to *ms; 0 if absent. */
static bool take_time(struct feed *feed, const json_t *object, const char *key, int64_t min_ms,
		      int64_t *ms)
{
	const json_t *value = json_object_get(object, key);

	*ms = 0;
	if (!value || json_is_null(value) || (!time_of(value, ms) && *ms >= min_ms))
		return true;
	feed_problem(feed, feed->lines, "'%s' is not a time, like \"2026-01-01T00:00:00Z\"", key);
	return false;
}

/* A whole number of at least 1; 0 if absent. */
static bool take_count(struct feed *feed, const json_t *object, const char *key, uint32_t max,
		       uint32_t *count)
{
	const json_t *value = json_object_get(object, key);
	json_int_t number = json_integer_value(value);

	*count = 0;
	if (!value || json_is_null(value))
		return true;
	if (json_is_integer(value) && number >= 1 && number <= max) {
		*count = number;
		return true;
	}
	feed_problem(feed, feed->lines, "'%s' is not a whole number from 1 to %u", key, max);
	return false;
}

static bool take_throttle(struct feed *feed, const json_t *object, struct feed_entry *entry)
{
	if (!take_count(feed, object, "rate", RATE_MAX, &entry->rate) ||
	    !take_count(feed, object, "burst", BURST_MAX, &entry->burst))
		return false;
	if (!entry->rate)
		feed_problem(feed, feed->lines, "a throttle needs a 'rate', in packets per second");
	else if (!entry->burst)
		entry->burst = entry->rate * BURST_FACTOR;
	return entry->rate;
}

static bool kind_find(const char *name, enum feed_kind *kind)
{
	static const char *const names[] = {[FEED_BLOCK] = "block",
					    [FEED_THROTTLE] = "throttle",
					    [FEED_ALLOW] = "allow",
					    [FEED_REMOVE] = "unblock"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], name)) {
			*kind = i;
			return true;
		}
	return false;
}

static void take_iface(struct feed *feed, const json_t *object)
{
	struct feed_iface iface = {.line = feed->lines};

	if (!take_text(feed, object, "name", &iface.name) ||
	    !take_text(feed, object, "mode", &iface.mode) ||
	    !take_text(feed, object, "filter", &iface.filter))
		return;
	if (iface.name && iface.mode && feed->callbacks.iface)
		feed->callbacks.iface(&iface, feed->data);
	else
		feed->ignored++;
}

static void take_slash64(struct feed *feed, const json_t *object)
{
	struct feed_entry entry = {.line = feed->lines};
	char origin[ORIGIN_TEXT_MAX], reason[REASON_TEXT_MAX], ticket[REASON_TEXT_MAX];
	/* 0.1.0 wrote "type" */
	const char *key = json_object_get(object, "kind") ? "kind" : "type", *kind;

	if (!take_text(feed, object, key, &kind))
		return;
	if (!kind) {
		feed_problem(feed, feed->lines, "missing 'kind'");
		return;
	}
	if (!strcmp(kind, "interface")) {
		take_iface(feed, object);
		return;
	}
	if (!kind_find(kind, &entry.kind)) {
		feed_bad(
			feed, feed->lines, kind, strlen(kind),
			"is an unknown kind; there are block, throttle, unblock, allow and interface");
		return;
	}
	/* an end of 0 would mean no end */
	if (take_prefix(feed, object, "prefix", &entry) &&
	    take_origin(feed, object, origin, &entry) &&
	    take_clean(feed, object, "reason", reason, &entry.reason) &&
	    take_clean(feed, object, "ticket", ticket, &entry.ticket) &&
	    take_time(feed, object, "start", 0, &entry.start_ms) &&
	    take_time(feed, object, "until", 1, &entry.until_ms) &&
	    (entry.kind != FEED_THROTTLE || take_throttle(feed, object, &entry)))
		feed_emit(feed, &entry);
}

/* --- all of them --- */

void feed_json_line(struct feed *feed, const char *text, size_t n)
{
	json_error_t error;
	json_t *object;

	if (!feed_is_significant(text, n))
		return;
	object = json_loadb(text, n, JSON_DECODE_ANY, &error);
	if (!object)
		feed_not_json(feed, feed->lines, error.text);
	else if (!json_is_object(object))
		feed_bad(feed, feed->lines, text, n, "is not a JSON object");
	else if (feed->format == FEED_DROP)
		take_drop(feed, object);
	else if (feed->format == FEED_EVE)
		take_eve(feed, object);
	else
		take_slash64(feed, object);
	json_decref(object);
}
