/* SPDX-License-Identifier: GPL-2.0-only */
/* What an answer tells beside the block as it is now. */
#ifndef SLASH64_DAEMON_BLOCK_BEFORE_H
#define SLASH64_DAEMON_BLOCK_BEFORE_H

#include <jansson.h>

#include "daemon/blocks/blocks.h"

/* `before`, the entry as it was, or null; and `allowed_by`, the allowed prefix that keeps it from being in force, or null. */
void block_add_before(json_t *object, const struct store_block *now,
		      const struct store_block *before, const struct blocks *blocks);

#endif
