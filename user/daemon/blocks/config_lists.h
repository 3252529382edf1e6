/* SPDX-License-Identifier: GPL-2.0-only */
/* The static lists of the configuration: an origin like any other. And the rules about sites. They come into force as
 * one with whatever else a configuration changes, in three steps: lists_prepare() checks, writes the store, and closes
 * what is to be closed, all of which lists_undo() takes back; lists_commit() makes it last, and only then opens what
 * is to be opened. A source that is blocked before and after is so all the while, and where this is refused, nobody
 * was open because of it.
 */
#ifndef SLASH64_DAEMON_BLOCKS_CONFIG_H
#define SLASH64_DAEMON_BLOCKS_CONFIG_H

#include "blocks.h"
#include "daemon/guards/protected_addresses.h"

struct lists;

/* A new entry of `block` that a guard rail or the file itself speaks against is refused on a reload (`strict`), and
 * everything with it, as somebody is there to read it; at a start it is logged and left out, and all others are in
 * force. One that was in force before stays in force either way, with a warning: what stands around the router may
 * have come later.
 *
 * The store is left within store_begin(), so that who calls it can add to what becomes one change; *lists is to be
 * given to lists_commit() or lists_undo(). -errno, and nothing has changed.
 */
int lists_prepare(struct blocks *blocks, struct guards *guards, const struct config *config,
		  bool strict, struct lists **lists, struct error *error);
/* -errno, and it has undone it. `lists` is freed by both. */
int lists_commit(struct lists *lists, struct error *error);
void lists_undo(struct lists *lists);

#endif
