/* SPDX-License-Identifier: GPL-2.0-only */
/* What the log keeps of a change so that it can be taken back: what was, and what came of it. The store keeps the text and
 * does not read it; whoever takes changes back knows its form, and brings the functions that write it.
 */
#ifndef SLASH64_DAEMON_STORE_LOG_UNDO_TEXT_H
#define SLASH64_DAEMON_STORE_LOG_UNDO_TEXT_H

#include "daemon/store/store.h"

/* Each returns a text to be freed; NULL without memory, and the change cannot be taken back. NULL of before and after:
 * there was none, there is none.
 */
struct store_undo_writer {
	char *(*block)(const struct store_block *before, const struct store_block *after,
		       uint64_t hits, uint32_t last_hit);
	char *(*allow)(const struct store_block *before, const struct store_block *after);
	/* `attached`: slash64 was on it before, whether a row said so or the configuration */
	char *(*iface)(const char *name, bool attached, const struct store_iface *before);
};

/* Until then, and with NULL, no change can be taken back. */
void store_set_undo_writer(struct store *store, const struct store_undo_writer *writer);

char *undo_of_block(const struct store *store, const struct store_block *before,
		    const struct store_block *after, uint64_t hits, uint32_t last_hit);
char *undo_of_allow(const struct store *store, const struct store_block *before,
		    const struct store_block *after);
char *undo_of_iface(const struct store *store, const char *name, bool attached,
		    const struct store_iface *before);

#endif
