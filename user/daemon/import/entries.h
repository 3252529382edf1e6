/* SPDX-License-Identifier: GPL-2.0-only */
/* What an import has read: entries in memory, and their texts, each kept once as long as it repeats. */
#ifndef SLASH64_DAEMON_IMPORT_ENTRIES_H
#define SLASH64_DAEMON_IMPORT_ENTRIES_H

#include "daemon/blocks/blocks.h"
#include "feed/feed.h"

struct import_entry {
	struct prefix prefix; /* in the stored form */
	struct prefix
		said; /* what was said where that is something else, as in struct store_block */
	uint8_t kind; /* enum feed_kind */
	bool refused;
	bool is_known;	  /* its origin has said it before, or something else of the same */
	bool is_relative; /* it ends some time after it was said */
	uint32_t line;
	uint32_t rate, burst;
	int64_t start_ms, until_ms;
	const char *origin, *reason, *ticket; /* NULL where there is none */
};

struct import_entries {
	struct import_entry *entry;
	size_t count, room;
	struct text_block *texts;
	const char *last[3]; /* a text often repeats that of the entry before */
};

/* Others are served in between. */
void import_entries_free(struct import_entries *entries, struct changes *changes);

/* A zeroed one more at the end, or NULL when out of memory. */
struct import_entry *import_entries_add(struct import_entries *entries);

/* A text that lives as long as the entries. *err is set to -ENOMEM where there is no room. */
enum import_text { IMPORT_ORIGIN, IMPORT_REASON, IMPORT_TICKET };
const char *import_entries_text(struct import_entries *entries, enum import_text which,
				const char *text, int *err);

/* By origin, prefix, and what was said. Of those that are equal the strictest stays, and of these
 * the one that ends last; where one of them is to be removed, the last.
 */
void import_entries_sort(struct import_entries *entries, struct changes *changes);

#endif
