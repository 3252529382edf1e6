/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps of an earlier run are taken over where they can be; where they are of another layout or size, new ones are
 * made beside them and filled from the store, every interface's program is replaced by one that uses them, and then
 * they take the place of the old. Whatever ends that on its way, every interface has a program all the while, and
 * the next start begins again.
 */
#ifndef SLASH64_DAEMON_MAPS_H
#define SLASH64_DAEMON_MAPS_H

#include "base/error.h"

struct daemon;

/* bpffs and the directory of the pins are there, or made. */
int maps_prepare(const char *pins, struct error *error);

int maps_open(struct daemon *daemon, struct error *error);

/* Where the store is lost: what is in force, and has no name, is in force in the maps of this run too. Refused where the
 * maps in force cannot be read, and the blocks in them would be lost.
 */
int maps_carry_unnamed(struct daemon *daemon, struct error *error);

/* Every interface has a program that uses the maps in force. */
void maps_settle(struct daemon *daemon);

/* Pin again what somebody has unpinned: the next start has to find it. */
void maps_keep_pinned(const struct daemon *daemon);

/* Nobody else writes to the tables that are pinned there, whatever his state directory. Held until the process ends. */
int maps_lock(const char *pins, struct error *error);

/* The start failed: what this run made goes. */
void maps_undo(struct daemon *daemon);

/* Unpin everything. */
void maps_remove(const struct daemon *daemon);

#endif
