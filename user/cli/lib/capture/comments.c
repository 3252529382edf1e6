// SPDX-License-Identifier: GPL-2.0-only
#include "comments.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net/spoken.h"
#include "policy/names.h"

static int kind_of(const char *text, enum s64_source_kind *kind)
{
	if (!strcmp(text, "nat64"))
		*kind = S64_SOURCE_KIND_NAT64;
	else if (!strcmp(text, "isatap"))
		*kind = S64_SOURCE_KIND_ISATAP;
	else if (!strcmp(text, "length"))
		*kind = S64_SOURCE_KIND_LENGTH;
	else
		return -EPROTO;
	return 0;
}

int comments_init(struct comments *comments, const json_t *rules, struct error *error)
{
	const json_t *rule;
	size_t i;

	memset(comments, 0, sizeof(*comments));
	source_rules_init(&comments->rules);
	json_array_foreach (rules, i, rule) {
		const char *text = json_string_value(json_object_get(rule, "prefix"));
		const char *word = json_string_value(json_object_get(rule, "kind"));
		int length = json_integer_value(json_object_get(rule, "length"));
		enum s64_source_kind kind;
		struct prefix prefix;

		if (!text || !word || prefix_parse_whole(text, &prefix, NULL) ||
		    kind_of(word, &kind))
			return error_set(error, -EPROTO, "unknown rule about sources: %s",
					 text ? text : "without a prefix");
		if (source_rules_add(&comments->rules, &prefix, kind, length, error))
			return -EPROTO;
	}
	return 0;
}

/* The source as it would be blocked, and its check characters if it can be told. */
static void note_source(struct comments *comments, uint64_t hi, uint64_t lo)
{
	static const struct s64_seed any;
	struct prefix address = prefix_of_bits(hi, lo, 128), shown;
	char text[PREFIX_TEXT_MAX], check[SPOKEN_CHECK + 1];

	comments->hi = hi;
	comments->lo = lo;
	comments->known = true;
	comments->source[0] = '\0';
	if (!hi && !lo)
		return;
	shown = source_rules_identify(&comments->rules, &any, &address).shown;
	prefix_format_said(&shown, text);
	if (spoken_check(&shown, check))
		snprintf(comments->source, sizeof(comments->source), " source=%s", text);
	else
		snprintf(comments->source, sizeof(comments->source), " source=%s check=%s", text,
			 check);
}

const char *comments_write(struct comments *comments, const struct s64_capture_record *record,
			   char buf[COMMENT_MAX])
{
	const char *reason = record->reason < S64_REASON_COUNT ? reason_name(record->reason) : NULL;

	if (!comments->known || comments->hi != record->src_hi || comments->lo != record->src_lo)
		note_source(comments, record->src_hi, record->src_lo);
	snprintf(buf, COMMENT_MAX, "verdict=%s reason=%s class=%s%s", verdict_name(record->verdict),
		 reason ? reason : "unknown",
		 record->class < S64_CLASS_COUNT ? class_info(record->class)->name : "unknown",
		 comments->source);
	return buf;
}
