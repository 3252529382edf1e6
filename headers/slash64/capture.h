/* SPDX-License-Identifier: GPL-2.0-only */
/* Capture of whole packets: what the datapath is told to take, and what it writes.
 *
 * Off, it is a word beside the counters that is 0. On, every CPU has a ring of its own, so CPUs
 * never wait for each other; whoever captures reads the rings. The controller renews `until`, so a
 * capture ends by itself if the controller does.
 */
#ifndef SLASH64_CAPTURE_H
#define SLASH64_CAPTURE_H

#include "classes.h"

#define S64_CAPTURE_BYTES_MAX 65535 /* of a packet */
#define S64_CAPTURE_RING_MIN  (1U << 18)

#define S64_CAPTURE_ANY 0xff

/* (address & mask) == bits, in host order; all zeros matches any. IPv4 is ::ffff:a.b.c.d. */
struct s64_capture_prefix {
	__u64 hi, lo, mask_hi, mask_lo;
};

/* Which packets are taken: those that match everything. Written while no interface captures. */
struct s64_capture_filter {
	struct s64_capture_prefix source, destination;
	__u32 snaplen; /* bytes of each packet that are kept, at most S64_CAPTURE_BYTES_MAX */
	__u8 class;    /* or S64_CAPTURE_ANY; so are the two that follow */
	__u8 reason;
	__u8 verdict; /* enum s64_verdict */
	__u8 reserved;
};

struct s64_capture {
	__u64 until; /* jiffies: nothing is taken from then on */
	struct s64_capture_filter filter;
};

/* In a ring. A record is as long as the shortest of a few lengths that has room for the packet, so
 * what follows `captured` bytes of it means nothing.
 */
struct s64_capture_record {
	__u64 time_ns;	      /* CLOCK_MONOTONIC */
	__u64 src_hi, src_lo; /* host order, as in a sample; 0 if it was not seen */
	__u32 length;	      /* bytes of the packet as it came in */
	__u32 captured;
	__u32 iface_slot;
	__u8 class;
	__u8 reason;
	__u8 verdict; /* enum s64_verdict */
	__u8 reserved;
	__u8 packet[];
};

_Static_assert(sizeof(struct s64_capture_record) == 40, "no holes");

#endif
