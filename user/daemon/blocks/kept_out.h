/* SPDX-License-Identifier: GPL-2.0-only */
/* The blocks that an allowed prefix keeps out of force: when it goes, they take force, and may lock
 * somebody out who was let in by it alone.
 */
#ifndef SLASH64_DAEMON_BLOCKS_KEPT_OUT_H
#define SLASH64_DAEMON_BLOCKS_KEPT_OUT_H

#include "blocks.h"
#include "daemon/guards/protected_addresses.h"

/* -EPERM if, without the allowed prefix, something would be blocked that a guard rail protects. */
int kept_out_check(struct blocks *blocks, struct protected_addresses *protection,
		   const struct prefix *allowed, struct error *error);

#endif
