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

struct capture {
	const struct maps *maps; /* NULL: nothing is captured */
	int *ring;		 /* by CPU; or -1 */
	uint64_t matched, lost;	 /* of the counters, when it began */
};

/* On the interfaces of these slots. `memory`: bytes of all rings; each is a power of two, and at
 * least S64_CAPTURE_RING_MIN.
 */
int capture_start(struct capture *capture, const struct maps *maps,
		  const struct s64_capture_filter *filter, size_t memory, struct error *error);
void capture_stop(struct capture *capture);

/* Has the packets of an interface captured, if they match. */
void capture_interface(struct capture *capture, uint32_t slot);

/* For CAPTURE_RENEW_MS more. */
void capture_renew(struct capture *capture);

struct capture_counts {
	uint64_t matched, lost;
};

/* Since it began. */
void capture_counts(const struct capture *capture, struct capture_counts *counts);

#endif
