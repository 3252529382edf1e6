/* SPDX-License-Identifier: GPL-2.0-only */
/* GCRA (ITU-T I.371 A.2): the arithmetic of the limiter, for the datapath, the controller and the
 * tests. A packet conforms if TAT - now + T does not exceed the tolerance; then TAT becomes
 * max(TAT, now) + T.
 *
 * Times are in units of 16 ns. The lower 40 bits of an entry of the limiter are the theoretical
 * arrival time (TAT), modulo 2^40 (about 4.9 hours), the 24 bits above are a tag, which is never 0.
 */
#ifndef SLASH64_GCRA_H
#define SLASH64_GCRA_H

#include <slash64/types.h>

#define S64_TAT_BITS	 40
#define S64_TAT_MASK	 ((1ULL << S64_TAT_BITS) - 1)
#define S64_TAG_MASK	 (~S64_TAT_MASK)
#define S64_TAT_NS_SHIFT 4 /* 1 unit is 16 ns */
#define S64_TAT_SECOND	 (1000000000ULL >> S64_TAT_NS_SHIFT)

#define S64_TOLERANCE_SECONDS 300 /* the longest burst / rate of a limit */
#define S64_TOLERANCE_MAX     ((1000000000ULL * S64_TOLERANCE_SECONDS) >> S64_TAT_NS_SHIFT)
/* 134 ms: more than the difference of any two clocks that are read for one entry */
#define S64_TAT_MARGIN (1ULL << 23)
/* How far ahead a TAT may be: the CPU that wrote it may have read a later time than this one. */
#define S64_TAT_AHEAD_MAX (S64_TOLERANCE_MAX + S64_TAT_MARGIN)

_Static_assert(S64_TAT_AHEAD_MAX < (1ULL << (S64_TAT_BITS - 1)),
	       "ahead and behind can be told apart");

/* One level of a limit. increment 0: no limit at this level. */
struct s64_rate {
	__u64 increment; /* T, the time that one packet costs: 1 / rate */
	__u64 tolerance; /* burst * T */
};

/* --- time --- */

static __always_inline __u64 s64_time_of_ns(__u64 ns)
{
	return ns >> S64_TAT_NS_SHIFT;
}

/* Jiffies on the scale of CLOCK_MONOTONIC. Only the result is rounded, so it does not drift against
 * the nanosecond clock: with HZ 300 a jiffy is no whole number of units.
 */
static __always_inline __u64 s64_time_of_jiffies(__u64 jiffies, __u32 tick_ns, __s64 ahead_ns)
{
	return s64_time_of_ns(jiffies * tick_ns - ahead_ns);
}

/* --- entries --- */

/* How far ahead the TAT is of a time `slack` units before now, less 1, modulo 2^40. It is not past
 * if that is below S64_TAT_AHEAD_MAX + slack.
 */
static __always_inline __u64 s64_tat_left(__u64 entry, __u64 now, __u64 slack)
{
	return (entry - now - 1 + slack) & S64_TAT_MASK;
}

/* How far ahead a TAT is; 0 if it is past. */
static __always_inline __u64 s64_tat_ahead(__u64 entry, __u64 now)
{
	__u64 left = s64_tat_left(entry, now, 0);

	return left < S64_TAT_AHEAD_MAX ? left + 1 : 0;
}

/* Its TAT is ahead, or past by no more than the margin, because clocks differ between CPUs. */
static __always_inline bool s64_tat_is_live(__u64 entry, __u64 now)
{
	return s64_tat_left(entry, now, S64_TAT_MARGIN) < S64_TAT_AHEAD_MAX + S64_TAT_MARGIN;
}

/* --- the decision; `ahead` is s64_tat_ahead() --- */

static __always_inline bool s64_rate_is_exceeded(const struct s64_rate *rate, __u64 ahead)
{
	return ahead + rate->increment > rate->tolerance;
}

/* The TAT after a packet that conforms, as it is in an entry. */
static __always_inline __u64 s64_tat_charged(const struct s64_rate *rate, __u64 ahead, __u64 now)
{
	return (now + ahead + rate->increment) & S64_TAT_MASK;
}

/* --- rates in packets per second --- */

/* False if burst / rate exceeds S64_TOLERANCE_SECONDS. Rate 0 is no limit. */
static inline bool s64_rate_make(__u32 pps, __u32 burst, struct s64_rate *rate)
{
	struct s64_rate made = {};

	if (pps) {
		if (burst > (__u64)pps * S64_TOLERANCE_SECONDS)
			return false;
		/* rounded to units: 1 percent at a million packets per second */
		made.increment = (2 * S64_TAT_SECOND / pps + 1) >> 1;
		if (!made.increment)
			made.increment = 1;
		made.tolerance = made.increment * burst;
		/* rounding up may exceed it */
		if (made.tolerance > S64_TOLERANCE_MAX)
			made.tolerance = S64_TOLERANCE_MAX;
	}
	*rate = made;
	return true;
}

/* What s64_rate_make() was called with, at most a percent off; of a rate that is a limit. */
static inline __u32 s64_rate_pps(const struct s64_rate *rate)
{
	return (S64_TAT_SECOND + rate->increment / 2) / rate->increment;
}

static inline __u32 s64_rate_burst(const struct s64_rate *rate)
{
	return rate->tolerance / rate->increment;
}

#endif
