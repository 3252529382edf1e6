// SPDX-License-Identifier: GPL-2.0-only
#include "undo_text.h"

#include <jansson.h>

#include "block_copy.h"

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

/* An end of it forgets the hits. */
char *undo_of_block(const struct blocks *blocks, const struct store_block *before,
		    const struct store_block *after)
{
	const struct store_block *row = before ? before : after;
	json_t *object = json_pack("{s:s, s:o, s:o}", "of", "block", "before", row_or_null(before),
				   "after", row_or_null(after));
	char said[PREFIX_TEXT_MAX];
	uint32_t last_hit = 0;
	uint64_t hits = 0;

	if (row->said.length)
		json_object_set_new(object, "said", json_string(prefix_format(&row->said, said)));
	if (!after)
		blocks_hits(blocks, &row->prefix, &hits, &last_hit);
	if (hits) {
		json_object_set_new(object, "hits", json_integer(hits));
		json_object_set_new(object, "last_hit", json_integer(last_hit));
	}
	return dump(object);
}

char *undo_of_allow(const struct store_block *before, const struct store_block *after)
{
	return dump(json_pack("{s:s, s:o, s:o}", "of", "allow", "before", row_or_null(before),
			      "after", row_or_null(after)));
}

static json_t *iface_or_null(const struct store_iface *iface)
{
	return iface ? json_pack("{s:i, s:i}", "mode", iface->mode, "filter", iface->filter) :
		       json_null();
}

char *undo_of_iface(const char *name, bool attached, const struct store_iface *before)
{
	return dump(json_pack("{s:s, s:s, s:b, s:o}", "of", "interface", "name", name, "attached",
			      attached, "before", iface_or_null(before)));
}
