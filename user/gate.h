/* SPDX-License-Identifier: GPL-2.0-only */
/* The writer of the gate (headers/slash64/prefixes.h): what there may be about a source, by its upper 32
 * bits. It may say too much for a moment, and never too little: flags are set before what they tell of is in
 * force, and cleared after it is gone.
 */
#ifndef SLASH64_USER_GATE_H
#define SLASH64_USER_GATE_H

#include "tables.h"

struct gate {
	const struct tables *tables;
	uint32_t *prefixes[S64_GATE_PAGES]; /* by page and entry: how many blocked prefixes touch it; NULL: none */
	unsigned int pages; /* in use */
};

/* Takes over what the tables hold; what it says too much goes with gate_settle(). */
void gate_init(struct gate *gate, const struct tables *tables);
void gate_free(struct gate *gate);

/* A blocked prefix comes or goes. -ENOMEM, and then the gate says too much. */
int gate_add(struct gate *gate, const struct prefix *prefix);
void gate_remove(struct gate *gate, const struct prefix *prefix);

/* Set the flags of all special prefixes and of both sets of site rules. */
void gate_open(struct gate *gate);

/* Clear the flags nobody needs: to be called when the rules in force are all there are, and all prefixes have
 * been added.
 */
void gate_settle(struct gate *gate);

#endif
