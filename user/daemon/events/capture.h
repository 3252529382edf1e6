/* SPDX-License-Identifier: GPL-2.0-only */
/* A capture in the datapath: its filter, its rings, and the interfaces it is on. Whoever reads the
 * rings is given their descriptors. One at a time.
 */
#ifndef SLASH64_DAEMON_EVENTS_CAPTURE_H
#define SLASH64_DAEMON_EVENTS_CAPTURE_H

#include <slash64/capture.h>

#include "maps/maps.h"

/* It must be renewed more often than this, or ends. */
#define CAPTURE_RENEW_MS 1000

struct capture_counts {
	uint64_t matched, lost;
};

struct capture {
	const struct maps *maps;		      /* NULL: nothing is captured */
	int *ring;				      /* by CPU; or -1 */
	struct capture_counts before[S64_IFACES_MAX]; /* by slot, when it began */
	struct capture_counts gone;		      /* of interfaces that have lost their slot */
	uint64_t until_ns; /* CLOCK_MONOTONIC: then it ends unless renewed */
};

/* `memory`: bytes of all rings; each is a power of two, and at least S64_CAPTURE_RING_MIN.
 * `soon`: the capture before it ended less than PACKETS_LONGEST_MS ago, and is waited for.
 */
int capture_start(struct capture *capture, const struct maps *maps,
		  const struct s64_capture_filter *filter, size_t memory, bool soon,
		  struct error *error);
void capture_stop(struct capture *capture);

/* The same in parts. The kernel waits for all packets in flight when it takes or gives back a ring,
 * for each CPU: opening and closing may run beside the loop (loop/aside.h), which leaves the
 * capture alone meanwhile.
 */
void capture_prepare(struct capture *capture, const struct maps *maps);
int capture_open_rings(struct capture *capture, size_t memory, bool soon, struct error *error);
void capture_begin(struct capture *capture, const struct s64_capture_filter *filter);
/* After capture_pause(). */
void capture_close_rings(struct capture *capture);

/* Takes no more packets; those on their way are in the rings, and counted, PACKETS_LONGEST_MS later.
 * Counts and rings stay until capture_stop().
 */
void capture_pause(struct capture *capture);

/* Ends what a slash64d that was killed has left on. */
void capture_forget(const struct maps *maps);

/* Has the packets of an interface captured, if they match; or no longer. */
void capture_interface(struct capture *capture, uint32_t slot, bool captured);

/* Another interface has got the slot: its counts begin anew. `counted`: those of the one before it.
 * Before capture_interface().
 */
void capture_slot_changed(struct capture *capture, uint32_t slot, struct capture_counts counted);

/* For CAPTURE_RENEW_MS more. Returns for how many milliseconds nothing was captured, because this
 * comes late.
 */
uint64_t capture_renew(struct capture *capture);

/* Of an interface, since it began; of all, if `slot` is CAPTURE_ALL. */
#define CAPTURE_ALL S64_IFACES_MAX
struct capture_counts capture_counts(const struct capture *capture, uint32_t slot);

#endif
