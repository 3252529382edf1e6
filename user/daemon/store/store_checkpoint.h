/* SPDX-License-Identifier: GPL-2.0-only */
/* Checkpoints the write-ahead log in pieces of a turn of the loop. A single commit, such as an
 * import of a million, writes 100 MB of pages, and sqlite copies all of them in one call. So the
 * call is made on a connection of its own, within a task, and pauses between two pages. The store's
 * own connection reads and writes meanwhile, as if another process ran the checkpoint.
 */
#ifndef SLASH64_DAEMON_STORE_STORE_CHECKPOINT_H
#define SLASH64_DAEMON_STORE_STORE_CHECKPOINT_H

#include <stdbool.h>

#include "base/error.h"

struct turns;
struct store;
struct store_checkpoint;

int store_checkpoint_open(struct store_checkpoint **checkpoint, struct store *store,
			  struct turns *turns, struct error *error);
/* Finishes a running checkpoint. Before the store is closed. */
void store_checkpoint_close(struct store_checkpoint *checkpoint);

/* Starts a checkpoint. Copies only what no reader needs any more, and waits for nobody. Not while
 * one is running.
 */
void store_checkpoint_begin(struct store_checkpoint *checkpoint);
bool store_checkpoint_is_busy(const struct store_checkpoint *checkpoint);

#endif
