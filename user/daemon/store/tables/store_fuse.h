/* SPDX-License-Identifier: GPL-2.0-only */
/* What rules of detection have done by themselves in the last hour, and whether their fuse has
 * blown: a restart does not begin anew.
 */
#ifndef SLASH64_DAEMON_STORE_TABLES_STORE_FUSE_H
#define SLASH64_DAEMON_STORE_TABLES_STORE_FUSE_H

#include "daemon/store/store.h"

/* An action, or that the fuse has blown, in milliseconds since 1970. Forgets what is before
 * `forget_ms`.
 */
int store_fuse_add(struct store *store, int64_t at_ms, bool has_blown, int64_t forget_ms,
		   struct error *error);

/* All that is there, oldest first. */
typedef void (*store_fuse_each_t)(int64_t at_ms, bool has_blown, void *data);
int store_fuse(struct store *store, store_fuse_each_t each, void *data, struct error *error);

#endif
