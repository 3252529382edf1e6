/* SPDX-License-Identifier: GPL-2.0-only */
/* What is known of drivers: native XDP, the MTU that it takes, and what happens to the link when a
 * program is attached. From the sources of Linux; where the kernel tells itself, it is believed.
 */
#ifndef SLASH64_CLI_LIB_DOCTOR_DRIVERS_H
#define SLASH64_CLI_LIB_DOCTOR_DRIVERS_H

#include <stdbool.h>

/* What attaching the first program, or detaching the last, does to traffic. */
enum driver_reset {
	RESET_NONE,
	RESET_RINGS, /* rings are made anew; the other end keeps the link */
	RESET_LINK,  /* the link goes down, and is negotiated again */
};

struct driver {
	const char *name; /* as ethtool -i prints it */
	/* native XDP since this kernel, and for packets in several buffers; 0: never */
	unsigned char xdp_major, xdp_minor, frags_major, frags_minor;
	unsigned short mtu_max; /* without several buffers; 0: not known, or no limit of its own */
	enum driver_reset reset;
	bool refuses_lro; /* with EINVAL or EOPNOTSUPP, as long as LRO is on */
};

/* NULL: not in the list. */
const struct driver *driver_find(const char *name);

#endif
