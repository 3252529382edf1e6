/* SPDX-License-Identifier: GPL-2.0-only */
/* The static lists of the configuration, an origin like any other, and the source rules. They come
 * into force as one change with everything else in a configuration, in three steps: lists_prepare()
 * checks, writes the store, and closes what has to be closed; lists_undo() can revert all of that.
 * lists_commit() makes it permanent, and only then opens what has to be opened. A source that is
 * blocked before and after is blocked throughout, and a refusal leaves nothing open.
 */
#ifndef SLASH64_DAEMON_BLOCKS_CONFIG_LISTS_H
#define SLASH64_DAEMON_BLOCKS_CONFIG_LISTS_H

#include "blocks.h"
#include "daemon/guards/guard_rails.h"

struct lists;

/* On a reload (`strict`), a new entry of `block` that a guard rail or the file itself contradicts
 * is refused, and everything with it, because somebody is there to read it. At a start it is logged
 * and left out, and all others are in force. An entry that was in force before stays in force
 * either way, with a warning: the router's surroundings may have changed.
 *
 * The store is left within store_begin(), so that the caller can add to the same change; *lists
 * must be passed to lists_commit() or lists_undo(). -errno: nothing has changed.
 */
int lists_prepare(struct blocks *blocks, const struct actor *actor,
		  struct protected_addresses *protection, const struct config *config, bool strict,
		  struct lists **lists, struct error *error);
/* -errno: it was reverted. Both free `lists`. */
int lists_commit(struct lists *lists, struct error *error);
void lists_undo(struct lists *lists);

#endif
