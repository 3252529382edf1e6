/* SPDX-License-Identifier: GPL-2.0-only */
/* The writer of the source index (headers/slash64/special_prefixes.h): which rules may name a
 * source, by its upper 32 bits. It may announce too much for a moment, and never too little: flags
 * are set before a rule comes into force, and cleared after it is gone.
 */
#ifndef SLASH64_USER_GATE_H
#define SLASH64_USER_GATE_H

#include "base/pace.h"
#include "maps.h"

enum gate_page_state {
	GATE_PAGE_FREE,
	GATE_PAGE_USED,
	/* no entry leads to it any more, but a packet in flight may have followed one */
	GATE_PAGE_RETIRED,
};

struct gate {
	const struct tables *tables;
	/* by page and entry: how many blocked prefixes touch it; NULL: none */
	uint32_t *prefixes[S64_GATE_PAGES];
	/* how many touch any address with this start, page or not; NULL: out of memory, pages are
	 * never given back
	 */
	uint32_t *touched;
	uint8_t page_state[S64_GATE_PAGES]; /* enum gate_page_state */
	bool settled; /* everything has been added; pages are given back only from then on */
	unsigned int waiting; /* entries that need a page but have none */
};

/* Takes over the contents of the maps; gate_settle() removes what they announce too much. */
void gate_init(struct gate *gate, const struct tables *tables);
void gate_free(struct gate *gate);

/* A blocked prefix is added or removed. -ENOMEM: the index announces too much. An entry that needs
 * its page no longer gives it back.
 */
int gate_add(struct gate *gate, const struct prefix *prefix);
void gate_remove(struct gate *gate, const struct prefix *prefix);

/* Sets the flags of all special prefixes and of both sets of source rules. */
void gate_open(struct gate *gate);

/* Clears the flags that nothing needs. Call it when the rules in force are final and all prefixes
 * have been added. pace NULL: without pauses.
 */
void gate_settle(struct gate *gate, const struct pace *pace);

/* The next blocked prefix after that one, by address, or NULL. */
typedef const struct prefix *(*gate_next_t)(void *data, const struct prefix *behind);

/* Gives free pages to entries that wait for one; `next` lists all prefixes that were added. Cheap
 * if none waits or none is free.
 */
void gate_promote(struct gate *gate, gate_next_t next, void *data, const struct pace *pace);

#endif
