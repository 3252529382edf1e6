/* SPDX-License-Identifier: GPL-2.0-only */
/* What detection would have proposed about the packets of a capture. The same code as slash64d's,
 * with the times of the packets as its clock, and samples taken by the same rule, as one CPU of a
 * router takes them; candidates are counted exactly, as the datapath does. Of fixed size, however
 * large the capture.
 */
#ifndef SLASH64_REPLAY_DETECTION_H
#define SLASH64_REPLAY_DETECTION_H

#include <slash64/maps.h>
#include <stdio.h>

#include "base/error.h"
#include "config/config.h"

struct detection;

struct detection_options {
	const struct config *config; /* as long as the detection */
	uint64_t tick_ns;	     /* of the datapath's clock */
	FILE *out;		     /* proposals are written as they are found */
	bool json;
};

int detection_open(struct detection **detection, const struct detection_options *options,
		   struct error *error);
void detection_close(struct detection *detection);

/* A packet that came at that time, in nanoseconds since 1970, as the datapath tells it; its weight
 * and tick are set here. Times may go back.
 */
void detection_packet(struct detection *detection, const struct s64_sample *packet,
		      uint64_t time_ns);

/* The capture has ended: writes what is still open, and the summary. */
void detection_end(struct detection *detection);

#endif
