/* SPDX-License-Identifier: GPL-2.0-only */
/* The length of a jiffy in this kernel, and its origin. No interface tells them. */
#ifndef SLASH64_USER_CLOCK_H
#define SLASH64_USER_CLOCK_H

#include <stdint.h>

#include "base/error.h"

struct clock_facts {
	uint32_t tick_ns;
	/* jiffies as time, minus CLOCK_MONOTONIC: constant until the next boot */
	int64_t jiffies_ahead_ns;
};

/* Takes about 60 ms. */
int clock_measure(struct clock_facts *facts, struct error *error);

#endif
