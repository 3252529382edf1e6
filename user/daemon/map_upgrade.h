/* SPDX-License-Identifier: GPL-2.0-only */
/* Maps of an earlier run are adopted if possible. If their layout or size differs, new ones are
 * created beside them and filled from the store; every interface's program is replaced by one that
 * uses them; then they replace the old ones. Whatever interrupts that, every interface has a
 * program throughout, and the next start begins again.
 */
#ifndef SLASH64_DAEMON_MAPS_H
#define SLASH64_DAEMON_MAPS_H

#include "base/error.h"

struct daemon;

/* Makes sure that bpffs and the directory of the pins exist. */
int maps_prepare(const char *pins, struct error *error);

int maps_open(struct daemon *daemon, struct error *error);

/* If the store was lost: entries in force of unknown prefixes are put in force in this run's maps
 * too. Refused if the maps in force cannot be read, because their blocks would be lost.
 */
int maps_carry_unnamed(struct daemon *daemon, struct error *error);

/* Every interface has a program that uses the maps in force. */
void maps_settle(struct daemon *daemon);

/* Restores pins that somebody removed: the next start has to find them. */
void maps_keep_pinned(const struct daemon *daemon);

/* Nobody else writes to the maps pinned there, whatever their state directory. Held until the
 * process ends.
 */
int maps_lock(const char *pins, struct error *error);

/* The start failed: removes what this run created. */
void maps_undo(struct daemon *daemon);

/* Removes all pins. */
void maps_remove(const struct daemon *daemon);

#endif
