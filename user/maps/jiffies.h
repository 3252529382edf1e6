/* SPDX-License-Identifier: GPL-2.0-only */
/* The length of a jiffy in this kernel, and its origin. No interface tells them. */
#ifndef SLASH64_MAPS_JIFFIES_H
#define SLASH64_MAPS_JIFFIES_H

#include <stdint.h>

#include "base/error.h"

struct jiffies_facts {
	uint32_t tick_ns;
	/* jiffies as time, minus CLOCK_MONOTONIC: constant until the next boot */
	int64_t jiffies_ahead_ns;
};

/* Takes about 60 ms. */
int jiffies_measure(struct jiffies_facts *facts, struct error *error);

#endif
