// SPDX-License-Identifier: GPL-2.0-only
#include "undo_json.h"

#include <errno.h>
#include <string.h>

static json_t *block_row_to_json(const struct store_block *row)
{
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:s*, s:s*}", "kind",
			 store_kind_names[row->kind], "start", (json_int_t)row->start_ms, "until",
			 (json_int_t)row->until_ms, "rate", (json_int_t)row->rate, "burst",
			 (json_int_t)row->burst, "reason", row->reason, "ticket", row->ticket);
}

int block_row_from_json(const json_t *object, struct store_block *row)
{
	json_int_t start, until, rate, burst;
	const char *kind, *reason = NULL, *ticket = NULL;

	if (json_unpack((json_t *)object, "{s:s, s:I, s:I, s:I, s:I, s?:s, s?:s}", "kind", &kind,
			"start", &start, "until", &until, "rate", &rate, "burst", &burst, "reason",
			&reason, "ticket", &ticket))
		return -EINVAL;
	row->kind = strcmp(kind, store_kind_names[STORE_THROTTLE]) ? STORE_BLOCK : STORE_THROTTLE;
	row->start_ms = start;
	row->until_ms = until;
	row->rate = rate;
	row->burst = burst;
	row->reason = reason;
	row->ticket = ticket;
	return 0;
}

static char *dump(json_t *object)
{
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	return text;
}

static json_t *row_or_null(const struct store_block *row)
{
	return row ? block_row_to_json(row) : json_null();
}

static char *write_block(const struct store_block *before, const struct store_block *after,
			 uint64_t hits, uint32_t last_hit)
{
	const struct store_block *row = before ? before : after;
	json_t *object = json_pack("{s:s, s:o, s:o}", "of", "block", "before", row_or_null(before),
				   "after", row_or_null(after));
	char said[PREFIX_TEXT_MAX];

	if (row->said.length)
		json_object_set_new(object, "said", json_string(prefix_format(&row->said, said)));
	if (hits) {
		json_object_set_new(object, "hits", json_integer(hits));
		json_object_set_new(object, "last_hit", json_integer(last_hit));
	}
	return dump(object);
}

static char *write_allow(const struct store_block *before, const struct store_block *after)
{
	return dump(json_pack("{s:s, s:o, s:o}", "of", "allow", "before", row_or_null(before),
			      "after", row_or_null(after)));
}

static json_t *iface_or_null(const struct store_iface *iface)
{
	return iface ? json_pack("{s:i, s:i}", "mode", iface->mode, "filter", iface->filter) :
		       json_null();
}

static char *write_iface(const char *name, bool attached, const struct store_iface *before)
{
	return dump(json_pack("{s:s, s:s, s:b, s:o}", "of", "interface", "name", name, "attached",
			      attached, "before", iface_or_null(before)));
}

const struct store_undo_writer undo_json_writer = {
	.block = write_block,
	.allow = write_allow,
	.iface = write_iface,
};
