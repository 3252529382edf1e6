/* SPDX-License-Identifier: GPL-2.0-only */
/* What an answer contains besides the block itself. */
#ifndef SLASH64_DAEMON_API_ENDPOINTS_BLOCKS_BLOCK_BEFORE_H
#define SLASH64_DAEMON_API_ENDPOINTS_BLOCKS_BLOCK_BEFORE_H

#include <jansson.h>

#include "daemon/blocks/blocks.h"

/* `before`, the previous entry, or null; and `allowed_by`, the allowed prefix that keeps it from
 * being in force, or null.
 */
void block_add_before(json_t *object, const struct store_block *now,
		      const struct store_block *before, const struct blocks *blocks);

#endif
