/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files of the configuration's lists. */
#ifndef SLASH64_DAEMON_BLOCKS_CONFIG_LISTS_INTERNAL_H
#define SLASH64_DAEMON_BLOCKS_CONFIG_LISTS_INTERNAL_H

#include "blocks_internal.h"
#include "config_lists.h"

/* Rows of the origin "config" in the store before, sorted by prefix. */
struct lists_rows {
	struct changes *changes;
	struct lists_row {
		struct prefix prefix;
		int64_t start_ms;
		char reason[REASON_TEXT_MAX];
	} * entry;
	size_t count;
	bool out_of_memory;
};

struct lists {
	struct blocks *blocks;
	const struct config *config;
	struct lists_rows blocked, allowed; /* before */
	struct prefix_set files_blocks, files_allowlist;
	struct prefix_set hands_allowlist; /* allowed prefixes that are not from a file */
	bool *refused;			   /* by entry of config->block */
	struct source_rules rules;	   /* before */
	/* allowed prefixes inserted into the maps, and removed from them */
	struct prefix_set opened, closed;
	bool prepared; /* the maps have changed */
};

/* Reads the rows before. */
int lists_gather(struct lists *lists, struct error *error);
/* NULL: there is no such row. */
const struct lists_row *lists_row_find(const struct lists_rows *rows, const struct prefix *prefix);

/* Marks the blocks that guard rails refuse. `strict`: the first of them ends it with -EPERM. */
int lists_check(struct lists *lists, struct protected_addresses *protection,
		const struct guards_caller *caller, bool strict, struct error *error);

/* Within a transaction: the rows become what the configuration says. */
int lists_write(struct lists *lists, const struct actor *actor, struct error *error);

int lists_out_of_memory(struct error *error);

#endif
