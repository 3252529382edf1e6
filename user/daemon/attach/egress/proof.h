/* SPDX-License-Identifier: GPL-2.0-only */
/* Proof that a source is real (slash64/proof.h): on while a rule asks for it, and who is proven. */
#ifndef SLASH64_DAEMON_ATTACH_EGRESS_PROOF_H
#define SLASH64_DAEMON_ATTACH_EGRESS_PROOF_H

#include "egress.h"
#include "detect/rules.h"
#include "maps/maps.h"

struct ifaces;

struct proof {
	const struct maps *maps;
	struct egress egress;
	bool is_wanted;
	bool is_counting;
	uint64_t syns_seen, syns; /* by the counters, and since it is on */
};

int proof_start(struct proof **proof, const struct maps *maps, const char *pins,
		struct error *error);
/* What is attached stays. NULL is fine. */
void proof_stop(struct proof *proof);

/* Does a rule ask for it? Takes effect with proof_tick(). NULL is fine. */
void proof_configure(struct proof *proof, const struct detect_rules *rules);

/* Every second: the program is at egress of all interfaces that are filtered, and the datapath looks
 * at the answers; or neither is so. Adapts the share of the flows that are noted. NULL is fine.
 */
void proof_tick(struct proof *proof, const struct ifaces *ifaces);

/* SYNs that came in since it is on, if not one SYN-ACK went out in all that time: answers take
 * another way, and nobody can be proven. 0: one did, it is off, or that is too early to tell.
 */
#define PROOF_SYNS_TELL 1000
uint64_t proof_one_way_syns(const struct proof *proof);

/* The program is removed from egress. */
void proof_remove(struct proof *proof);

/* Since when a source is proven, in milliseconds since 1970; 0: it is not. Over whatever path. */
int64_t proof_since_ms(const struct maps *maps, uint64_t src_key);

#endif
