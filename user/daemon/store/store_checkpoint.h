/* SPDX-License-Identifier: GPL-2.0-only */
/* The write-ahead log goes back into the database in pieces of a turn of the loop. What a single commit has written, as of
 * an import of a million, is 100 MB of pages, and sqlite copies all of them in one call: so it is called on a connection of
 * its own, within a task, and pauses between two pages. The store's own connection reads and writes meanwhile, as it would
 * beside a checkpoint in another process.
 */
#ifndef SLASH64_DAEMON_STORE_CHECKPOINT_H
#define SLASH64_DAEMON_STORE_CHECKPOINT_H

#include <stdbool.h>

#include "base/error.h"

struct event_base;
struct store;
struct store_checkpoint;

int store_checkpoint_open(struct store_checkpoint **checkpoint, struct store *store,
			  struct event_base *base, struct error *error);
/* One that is under way is brought to its end. Before the store is closed. */
void store_checkpoint_close(struct store_checkpoint *checkpoint);

/* Begins one. Only what no reader needs any more is copied, and nobody is waited for. Not while it is busy. */
void store_checkpoint_begin(struct store_checkpoint *checkpoint);
bool store_checkpoint_is_busy(const struct store_checkpoint *checkpoint);

#endif
