/* SPDX-License-Identifier: GPL-2.0-only */
/* The program at egress (bpf/proof.bpf.c), on the interfaces that are filtered, while a rule asks
 * for proof. By tcx where the kernel has it (6.6), otherwise by tc in a clsact qdisc.
 *
 * A pin for each interface says that ours is there, and how: a start finds it, and there is never a
 * second one. A tcx link lives by its pin. A filter of tc has a priority of its own, and is ours if
 * the pinned program is in it. A pin is made before what it tells of, and removed after it, so what
 * a kill leaves is found. A pin of which the kernel does not say whether it still holds, stays.
 */
#ifndef SLASH64_DAEMON_ATTACH_EGRESS_EGRESS_H
#define SLASH64_DAEMON_ATTACH_EGRESS_EGRESS_H

#include <limits.h>

#include "base/error.h"
#include "maps/maps.h"

struct egress_place {
	unsigned int ifindex; /* 0: free */
	int fd;		      /* of the link, or of the program in a filter of tc */
	bool is_tcx, made_qdisc;
	bool is_current; /* it has the program of this run */
};

struct proof_bpf;

struct egress {
	char directory[PATH_MAX];
	struct egress_place place[S64_IFACES_MAX];
	struct proof_bpf *program;	      /* NULL until it is needed */
	unsigned int failed[S64_IFACES_MAX];  /* whose failure was logged by the last call */
	unsigned int failing[S64_IFACES_MAX]; /* and by this one */
	bool has_unread; /* pins could not be opened: nothing new is attached until they are */
	bool no_tcx;	 /* for tests: as on Linux before 6.6 */
};

/* Finds what earlier runs have left. */
void egress_init(struct egress *egress, const char *pins);
/* What is attached stays. */
void egress_free(struct egress *egress);

/* The program is on these interfaces and on no others; none: it is removed. Costs nothing if that is
 * so already. What fails is logged once, and tried again by the next call. Returns how many have it.
 */
unsigned int egress_set(struct egress *egress, const struct maps *maps, const unsigned int *ifindex,
			unsigned int count);

/* Removes it everywhere, and the directory of its pins. Returns the ifindex of an interface that still has
 * it, 0 for none.
 */
unsigned int egress_remove(struct egress *egress);

#endif
