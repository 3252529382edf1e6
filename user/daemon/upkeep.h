/* SPDX-License-Identifier: GPL-2.0-only */
/* What has to be done by itself, in pieces of a turn of the loop: blocks that have ended leave the tables, then the store;
 * the store's write-ahead log is copied back; the log of changes is kept to its length.
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

/* Another process holds the store: nothing can be changed until it lets go. NULL has not looked yet. */
bool upkeep_store_is_held(const struct upkeep *upkeep);

#endif
