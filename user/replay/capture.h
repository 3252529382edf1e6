/* SPDX-License-Identifier: GPL-2.0-only */
/* Captures, packet by packet, as the Ethernet frames that the datapath takes. */
#ifndef SLASH64_REPLAY_CAPTURE_H
#define SLASH64_REPLAY_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct capture;

struct captured {
	const unsigned char *frame; /* an Ethernet frame, valid until the next call */
	uint32_t bytes;		    /* of the data, as captured */
	uint32_t wire_bytes;	    /* on the wire */
	uint64_t time_ns;	    /* since 1970 */
};

/* pcap or pcapng; "-" is standard input. Link types: Ethernet, null and loopback, raw IP, raw IPv6,
 * Linux cooked 1 and 2.
 */
int capture_open(struct capture **capture, const char *path, struct error *error);
void capture_close(struct capture *capture);

/* 1 with a packet, 0 at the end, -EIO if the file is truncated or damaged. */
int capture_next(struct capture *capture, struct captured *out, struct error *error);

/* Progress, 0 to 1; negative if unknown. */
double capture_progress(const struct capture *capture);

#endif
