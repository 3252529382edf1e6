// SPDX-License-Identifier: GPL-2.0-only
#include "undo_text.h"

#include <stddef.h>

#include "daemon/store/store_internal.h"

void store_set_undo_writer(struct store *store, const struct store_undo_writer *writer)
{
	store->undo_writer = writer;
}

char *undo_of_block(const struct store *store, const struct store_block *before,
		    const struct store_block *after, uint64_t hits, uint32_t last_hit)
{
	return store->undo_writer ? store->undo_writer->block(before, after, hits, last_hit) : NULL;
}

char *undo_of_allow(const struct store *store, const struct store_block *before,
		    const struct store_block *after)
{
	return store->undo_writer ? store->undo_writer->allow(before, after) : NULL;
}

char *undo_of_iface(const struct store *store, const char *name, bool attached,
		    const struct store_iface *before)
{
	return store->undo_writer ? store->undo_writer->iface(name, attached, before) : NULL;
}
