// SPDX-License-Identifier: GPL-2.0-only
#include "block_before.h"

#include "daemon/api/http/reply.h"

void block_add_before(json_t *object, const struct store_block *now,
		      const struct store_block *before, const struct blocks *blocks)
{
	const struct prefix *allowed = prefix_set_around(blocks_allowed(blocks), &now->prefix);
	char text[PREFIX_TEXT_MAX];

	json_object_set_new(object, "before",
			    before ? block_to_json(before, blocks, NULL) : json_null());
	json_object_set_new(object, "allowed_by",
			    text_or_null(allowed ? prefix_format(allowed, text) : NULL));
}
