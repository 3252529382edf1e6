/* SPDX-License-Identifier: GPL-2.0-only */
/* The writer of the gate (headers/slash64/special_prefixes.h): what there may be about a source, by its upper 32
 * bits. It may say too much for a moment, and never too little: flags are set before what they tell of is in
 * force, and cleared after it is gone.
 */
#ifndef SLASH64_USER_GATE_H
#define SLASH64_USER_GATE_H

#include "base/pace.h"
#include "maps.h"

enum gate_page_state {
	GATE_PAGE_FREE,
	GATE_PAGE_USED,
	/* no entry leads to it any more, but a packet under way may have come before that */
	GATE_PAGE_RETIRED,
};

struct gate {
	const struct tables *tables;
	/* by page and entry: how many blocked prefixes touch it; NULL: none */
	uint32_t *prefixes[S64_GATE_PAGES];
	/* how many touch anything that starts so, page or not; NULL: no memory, none is given back */
	uint32_t *touched;
	uint8_t page_state[S64_GATE_PAGES]; /* enum gate_page_state */
	bool settled;	      /* all there is has been added: only then is anything given back */
	unsigned int waiting; /* entries that would have a page, were there one */
};

/* Takes over what the tables hold; what it says too much goes with gate_settle(). */
void gate_init(struct gate *gate, const struct tables *tables);
void gate_free(struct gate *gate);

/* A blocked prefix comes or goes. -ENOMEM, and then the gate says too much. What needs its page no more gives it
 * back.
 */
int gate_add(struct gate *gate, const struct prefix *prefix);
void gate_remove(struct gate *gate, const struct prefix *prefix);

/* Set the flags of all special prefixes and of both sets of site rules. */
void gate_open(struct gate *gate);

/* Clear the flags nobody needs: to be called when the rules in force are all there are, and all prefixes have
 * been added. pace NULL: at once.
 */
void gate_settle(struct gate *gate, const struct pace *pace);

/* The blocked prefix behind that one, by address, or NULL. */
typedef const struct prefix *(*gate_next_t)(void *data, const struct prefix *behind);

/* Pages that were given back go to who waits for one: `next` tells all prefixes that were added. Cheap where nobody
 * waits, or there is none to have.
 */
void gate_promote(struct gate *gate, gate_next_t next, void *data, const struct pace *pace);

#endif
