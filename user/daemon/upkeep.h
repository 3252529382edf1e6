/* SPDX-License-Identifier: GPL-2.0-only */
/* Background work, in pieces of a turn of the loop: expired blocks leave the maps, then the store;
 * the write-ahead log is checkpointed; the audit log is pruned.
 */
#ifndef SLASH64_DAEMON_UPKEEP_H
#define SLASH64_DAEMON_UPKEEP_H

#include <stdbool.h>

struct daemon;
struct error;
struct upkeep;

/* From now on the store waits for nobody. */
int upkeep_start(struct upkeep **upkeep, struct daemon *daemon, struct error *error);
void upkeep_stop(struct upkeep *upkeep);

/* Does another process hold the store, so that nothing can be changed? NULL: not checked yet. */
bool upkeep_store_is_held(const struct upkeep *upkeep);

#endif
