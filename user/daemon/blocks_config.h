/* SPDX-License-Identifier: GPL-2.0-only */
/* The static lists of the configuration: an origin like any other. */
#ifndef SLASH64_DAEMON_BLOCKS_CONFIG_H
#define SLASH64_DAEMON_BLOCKS_CONFIG_H

#include "rails.h"

/* Make the lists what the store has under that origin. A list that contradicts itself is refused whole. A block
 * that a guard rail refuses is so too on a reload (`strict`), as somebody is there to read it; at a start it is
 * logged and left out, and all others are in force.
 */
int blocks_configure(struct blocks *blocks, struct guards *guards, const struct config *config,
		     bool strict, struct error *error);

#endif
