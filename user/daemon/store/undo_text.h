/* SPDX-License-Identifier: GPL-2.0-only */
/* What the log keeps of a change so that it can be taken back: what was, and what came of it. To be freed; NULL where
 * there is no memory, and the change cannot be taken back.
 */
#ifndef SLASH64_DAEMON_UNDO_TEXT_H
#define SLASH64_DAEMON_UNDO_TEXT_H

#include "daemon/blocks/blocks.h"

/* NULL of the two: there was none, there is none. */
char *undo_of_block(const struct blocks *blocks, const struct store_block *before,
		    const struct store_block *after);
char *undo_of_allow(const struct store_block *before, const struct store_block *after);
/* `attached`: slash64 was on it before, whether a row said so or the configuration. */
char *undo_of_iface(const char *name, bool attached, const struct store_iface *before);

#endif
