/* SPDX-License-Identifier: GPL-2.0-only */
/* The length of a jiffy in this kernel, and where it counts from, which no interface tells. */
#ifndef SLASH64_USER_CLOCK_H
#define SLASH64_USER_CLOCK_H

#include <stdint.h>

#include "base/error.h"

struct clock_facts {
	uint32_t tick_ns;
	int64_t jiffies_ahead_ns; /* jiffies as time, less CLOCK_MONOTONIC: constant for a boot */
};

/* Measures for about 60 ms. */
int clock_measure(struct clock_facts *facts, struct error *error);

#endif
