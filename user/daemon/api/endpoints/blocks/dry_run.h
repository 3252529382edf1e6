/* SPDX-License-Identifier: GPL-2.0-only */
/* The effect of a block or a throttle: whom it would hit, what is in the way, and the existing
 * entries.
 */
#ifndef SLASH64_DAEMON_API_ENDPOINTS_BLOCKS_DRY_RUN_H
#define SLASH64_DAEMON_API_ENDPOINTS_BLOCKS_DRY_RUN_H

#include <jansson.h>

#include "daemon/blocks/blocks.h"

struct daemon;

/* The answer. `refused`: why it would take force, or NULL; `would_do`: it has force, or needs none;
 * then a cause that no force overrides is the error that the order itself would get.
 */
int control_dry_run(struct daemon *daemon, const struct store_block *block, const char *note,
		    bool would_do, const struct error *refused, json_t **answer,
		    struct error *error);

#endif
