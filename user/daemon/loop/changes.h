/* SPDX-License-Identifier: GPL-2.0-only */
/* Changes of the store and of the maps, one at a time. A long change runs in pieces, with its
 * transaction open, and readers are served in between. Later changes wait until it has ended,
 * because they would be lost with it if it failed.
 */
#ifndef SLASH64_DAEMON_LOOP_CHANGES_H
#define SLASH64_DAEMON_LOOP_CHANGES_H

#include <stdbool.h>

#include "base/error.h"
#include "base/pace.h"

struct changes;
struct turns;

typedef void (*change_t)(void *data);

int changes_start(struct changes **changes, struct turns *turns, struct error *error);
/* Call this too when a change pauses, and when it goes on: what belongs to the change alone is put aside meanwhile. */
void changes_on_pause(struct changes *changes, void (*on_pause)(void *data, bool paused),
		      void *data);
/* Waiting changes are dropped. */
void changes_stop(struct changes *changes);

/* Runs it at once if no change is running, otherwise after those that wait. */
void changes_run(struct changes *changes, change_t run, void *data);
/* Removes waiting changes with that data. */
void changes_forget(struct changes *changes, const void *data);
/* How many have ended, to see whether what was read before still holds. 0 for NULL. */
unsigned long changes_ended(const struct changes *changes);
/* Is a change running that has paused? A writer outside of changes has to wait for it. */
bool changes_are_busy(const struct changes *changes);
/* Runs all that wait, now. */
void changes_finish(struct changes *changes);

/* Within a change, at a point where others may see its progress: serves them if its turn is over.
 * Elsewhere does nothing; also for NULL.
 */
void changes_breathe(struct changes *changes);
/* After more than some 50 us of work: changes_breathe() checks whether the turn is over every few
 * times only.
 */
void changes_breathe_long(struct changes *changes);
/* changes_breathe() for what knows nothing of changes. */
struct pace changes_pace(struct changes *changes);
/* The same for changes_breathe_long(). */
struct pace changes_pace_long(struct changes *changes);
/* changes_breathe() in two steps. */
bool changes_are_due(struct changes *changes);
void changes_pause(struct changes *changes);
/* packets_wait(), without holding up the loop. Others may have ended or begun when it returns. */
void changes_wait_for_packets(struct changes *changes);

#endif
