/* SPDX-License-Identifier: GPL-2.0-only */
/* Changes of the store and of the tables, one after the other. A long one goes on in pieces, with its transaction open, and
 * whoever only looks is served in between; the changes that come meanwhile wait until it is over, as they would be lost
 * with it if it failed.
 */
#ifndef SLASH64_DAEMON_CHANGES_H
#define SLASH64_DAEMON_CHANGES_H

#include <stdbool.h>

#include "base/error.h"

struct changes;
struct event_base;

typedef void (*change_t)(void *data);

int changes_start(struct changes **changes, struct event_base *base, struct error *error);
/* Call this when a change pauses, and when it goes on: what belongs to the change alone is put aside meanwhile. */
void changes_on_pause(struct changes *changes, void (*on_pause)(void *data, bool paused),
		      void *data);
/* Those that wait are forgotten. */
void changes_stop(struct changes *changes);

/* At once where none is under way, else behind those that wait. */
void changes_run(struct changes *changes, change_t run, void *data);
/* What waits with that data is not done. */
void changes_forget(struct changes *changes, const void *data);
/* Is one under way that has paused? Whoever writes by himself waits for it. */
bool changes_are_busy(const struct changes *changes);
/* All that wait, now. */
void changes_finish(struct changes *changes);

/* Within a change, where others may see what it has done so far: serve them if its turn is over. Elsewhere nothing; NULL
 * too.
 */
void changes_breathe(struct changes *changes);
/* The same in two steps. */
bool changes_are_due(struct changes *changes);
void changes_pause(struct changes *changes);

#endif
