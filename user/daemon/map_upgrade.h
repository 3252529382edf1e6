/* SPDX-License-Identifier: GPL-2.0-only */
/* Maps of an earlier run are adopted if possible. If their layout or size differs, new ones are
 * created beside them and filled from the store; every interface's program is replaced by one that
 * uses them; then they replace the old ones. Whatever interrupts that, every interface has a
 * program throughout, and the next start begins again.
 */
#ifndef SLASH64_DAEMON_MAP_UPGRADE_H
#define SLASH64_DAEMON_MAP_UPGRADE_H

#include "base/error.h"

struct daemon;

/* Makes sure that bpffs and the directory of the pins exist. */
int map_upgrade_prepare(const char *pins, struct error *error);

int map_upgrade_open(struct daemon *daemon, struct error *error);

/* If the store was lost: entries in force of unknown prefixes are put in force in this run's maps
 * too. Refused if the maps in force cannot be read, because their blocks would be lost.
 */
int map_upgrade_carry_unnamed(struct daemon *daemon, struct error *error);

/* Every interface has a program that uses the maps in force. */
void map_upgrade_commit(struct daemon *daemon);

/* Restores pins that somebody removed: the next start has to find them. */
void map_upgrade_repin(struct daemon *daemon);

/* Nobody else writes to the maps pinned there, whatever their state directory. Held until the
 * process ends.
 */
int map_upgrade_lock(const char *pins, struct error *error);

/* The start failed: removes what this run created. */
void map_upgrade_undo(struct daemon *daemon);

/* Removes all pins. */
void map_upgrade_unpin(const struct daemon *daemon);

/* The same for whoever has opened none, leftovers of an interrupted upgrade included. */
void map_upgrade_unpin_all(const char *pins);

#endif
