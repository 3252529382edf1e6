/* SPDX-License-Identifier: GPL-2.0-only */
/* The writer of the source index (headers/slash64/special_prefixes.h): which rules may name a
 * source, by its upper 32 bits. It may announce too much for a moment, and never too little: flags
 * are set before a rule comes into force, and cleared after it is gone.
 */
#ifndef SLASH64_MAPS_SOURCE_INDEX_H
#define SLASH64_MAPS_SOURCE_INDEX_H

#include "base/pace.h"
#include "maps.h"

enum source_index_page_state {
	SOURCE_INDEX_PAGE_FREE,
	SOURCE_INDEX_PAGE_USED,
	/* no entry leads to it any more, but a packet in flight may have followed one */
	SOURCE_INDEX_PAGE_RETIRED,
	SOURCE_INDEX_PAGE_WAITED_FOR, /* the same, and somebody waits for those packets */
};

struct source_index {
	const struct maps *maps;
	/* by page and entry: how many blocked prefixes touch it; NULL: none */
	uint32_t *prefixes[S64_SOURCE_INDEX_PAGES];
	/* how many touch any address with this start, page or not; NULL: out of memory, pages are
	 * never given back
	 */
	uint32_t *touched;
	uint8_t page_state[S64_SOURCE_INDEX_PAGES]; /* enum source_index_page_state */
	bool pruned; /* everything has been added; pages are given back only from then on */
	unsigned int waiting; /* entries that need a page but have none */
};

/* Takes over the contents of the maps; source_index_prune() removes what they announce too much. */
void source_index_init(struct source_index *source_index, const struct maps *maps);
void source_index_free(struct source_index *source_index);

/* A blocked prefix is added or removed. -ENOMEM: the index announces too much. An entry that needs
 * its page no longer gives it back.
 */
int source_index_add(struct source_index *source_index, const struct prefix *prefix);
void source_index_remove(struct source_index *source_index, const struct prefix *prefix);

/* Sets the flags of all special prefixes and of both sets of source rules. */
void source_index_open(struct source_index *source_index);

/* Clears the flags that nothing needs. Call it when the rules in force are final and all prefixes
 * have been added. pace NULL: without pauses.
 */
void source_index_prune(struct source_index *source_index, const struct pace *pace);

/* The next blocked prefix after that one, by address, or NULL. */
typedef const struct prefix *(*source_index_next_t)(void *data, const struct prefix *behind);

/* Pages that were given back can be given away again when no packet uses them: is there any? Then
 * wait for the packets (packets_wait()), beside whatever must go on, and say that it is over.
 */
bool source_index_wait_begins(struct source_index *source_index);
void source_index_wait_is_over(struct source_index *source_index);

/* Gives free pages to entries that wait for one; `next` lists all prefixes that were added. Cheap
 * if none waits or none is free.
 */
void source_index_promote(struct source_index *source_index, source_index_next_t next, void *data,
			  const struct pace *pace);

#endif
