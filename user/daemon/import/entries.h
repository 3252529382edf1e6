/* SPDX-License-Identifier: GPL-2.0-only */
/* The parsed entries of an import, in memory. Repeated texts are stored once. */
#ifndef SLASH64_DAEMON_IMPORT_ENTRIES_H
#define SLASH64_DAEMON_IMPORT_ENTRIES_H

#include "daemon/blocks/blocks.h"
#include "feed/feed.h"

struct import_entry {
	struct prefix prefix; /* in the stored form */
	struct prefix said;   /* what was written, if it differs, as in struct store_block */
	uint8_t kind;	      /* enum feed_kind */
	bool refused;
	bool is_known;	  /* its origin listed it before, or something else for the same prefix */
	bool is_relative; /* it ends some time after it was listed */
	bool was_configured; /* in a backup: it was in the configuration file */
	uint32_t line;
	uint32_t rate, burst;
	int64_t start_ms, until_ms;
	const char *origin, *reason, *ticket; /* NULL if absent */
};

struct import_entries {
	struct import_entry *entry;
	size_t count, room;
	struct text_block *texts;
	const char *last[3]; /* a text often repeats that of the previous entry */
};

/* Pauses, so that others are served. */
void import_entries_free(struct import_entries *entries, struct changes *changes);

/* Appends a zeroed entry, or returns NULL if out of memory. */
struct import_entry *import_entries_add(struct import_entries *entries);

/* A text that lives as long as the entries. Sets *err to -ENOMEM if out of memory. */
enum import_text { IMPORT_ORIGIN, IMPORT_REASON, IMPORT_TICKET };
const char *import_entries_text(struct import_entries *entries, enum import_text which,
				const char *text, int *err);

/* Sorts by origin, prefix and `said`. Of equal entries the strictest stays, and of these the one
 * that ends last; if one of them is a removal, the last one.
 */
void import_entries_sort(struct import_entries *entries, struct changes *changes);

#endif
