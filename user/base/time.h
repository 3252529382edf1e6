/* SPDX-License-Identifier: GPL-2.0-only */
/* The two clocks. Wall-clock time may be stepped; the end of a block is given in it. Monotonic time
 * is not; spans and deadlines are measured in it.
 */
#ifndef SLASH64_BASE_TIME_H
#define SLASH64_BASE_TIME_H

#include <stdint.h>
#include <time.h>

#define MINUTE_S 60
#define HOUR_S	 (60 * MINUTE_S)
#define DAY_S	 (24 * HOUR_S)

/* Milliseconds since 1970, UTC. */
int64_t clock_wall_ms(void);

/* CLOCK_MONOTONIC. */
static inline int64_t clock_monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int64_t clock_monotonic_ms(void)
{
	return clock_monotonic_ns() / 1000000;
}

static inline int64_t clock_monotonic_s(void)
{
	return clock_monotonic_ns() / 1000000000;
}

#endif
