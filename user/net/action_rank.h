/* SPDX-License-Identifier: GPL-2.0-only */
/* Which of two actions on a source counts: a block beats a throttle, the lower rate the higher, and
 * of equal rates the smaller burst.
 */
#ifndef SLASH64_NET_ACTION_RANK_H
#define SLASH64_NET_ACTION_RANK_H

#include <stdbool.h>
#include <stdint.h>

/* The lower, the stricter. A block is 0; a throttle has a rate. */
static inline uint64_t action_rank(bool throttles, uint32_t rate, uint32_t burst)
{
	return throttles ? (uint64_t)rate << 32 | burst : 0;
}

#endif
