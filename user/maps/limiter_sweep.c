// SPDX-License-Identifier: GPL-2.0-only
#include "limiter_sweep.h"

#include "base/time.h"

/* In units of 16 ns. The datapath's jiffies lag behind it by less than the margin. */
static uint64_t time_now(void)
{
	return s64_time_of_ns(clock_monotonic_ns());
}

/* Ages the notes of a bucket: DISPLACED, if requested. And BUSY: a CPU that held the bucket for a
 * whole round, where 50 ns are normal, will not return, and nothing could be inserted any more.
 * Changes by the datapath meanwhile stay.
 */
static void bucket_age(struct s64_limiter_bucket *bucket, bool far)
{
	__u64 control = S64_READ_ONCE(bucket->control), aged = control;

	if (far) {
		aged &= ~(S64_BUCKET_DISPLACED | S64_BUCKET_WAS_DISPLACED);
		if (control & S64_BUCKET_DISPLACED)
			aged |= S64_BUCKET_WAS_DISPLACED;
	}
	if (control & S64_BUCKET_WAS_BUSY)
		aged &= ~(S64_BUCKET_BUSY | S64_BUCKET_WAS_BUSY);
	else if (control & S64_BUCKET_BUSY)
		aged |= S64_BUCKET_WAS_BUSY;
	if (aged != control)
		S64_CAS(&bucket->control, control, aged);
}

static void entry_clear(__u64 *slot, __u64 entry)
{
	if (S64_MISTAKE(SWEEP_STORE))
		S64_WRITE_ONCE(*slot, 0);
	else
		S64_CAS(slot, entry, 0);
}

/* Clears an expired entry, unless the datapath reuses it right now. */
static uint32_t sweep_bucket(struct s64_limiter_bucket *bucket, uint64_t now)
{
	uint32_t live = 0;

	for (int i = 0; i < S64_LIMITER_SLOTS; i++) {
		__u64 *slot = &bucket->slot[i];
		__u64 entry = S64_READ_ONCE(*slot);

		if (!entry)
			continue;
		if (entry & S64_TAG_MASK && s64_tat_is_live(entry, now))
			live++;
		else
			entry_clear(slot, entry);
	}
	return live;
}

uint32_t limiter_sweep(const struct maps *maps)
{
	uint64_t now = time_now();
	uint32_t live = 0;

	for (uint32_t i = 0; i < maps->meta->limiter_buckets; i++)
		live += sweep_bucket(&maps->limiter[i], now);
	return live;
}

/* A fallback entry has no tag, and stays until it is used again. Once expired, it is set to the
 * oldest time, which reads as expired for as long as possible.
 */
static void sweep_fallback(const struct maps *maps, uint64_t now)
{
	struct s64_limiter_bucket *buckets = maps->limiter + maps->meta->limiter_buckets;

	for (uint32_t i = 0; i < S64_FALLBACK_BUCKETS; i++)
		for (int j = 0; j < S64_LIMITER_SLOTS; j++) {
			__u64 entry = S64_READ_ONCE(buckets[i].slot[j]);

			if (!s64_tat_is_live(entry, now))
				S64_CAS(&buckets[i].slot[j], entry,
					(now - S64_TAT_MARGIN - 1) & S64_TAT_MASK);
		}
}

/* Assumes an even distribution until every part has been counted once. */
void limiter_count_start(struct limiter_count *count, const struct maps *maps)
{
	*count = (struct limiter_count){.live = limiter_sweep(maps)};
	for (uint32_t i = 0; i < LIMITER_STEPS; i++)
		count->part[i] = count->live / LIMITER_STEPS + (i < count->live % LIMITER_STEPS);
}

void limiter_count_step(struct limiter_count *count, const struct maps *maps)
{
	uint32_t buckets = maps->meta->limiter_buckets,
		 left = (buckets + LIMITER_STEPS - 1) / LIMITER_STEPS;
	bool age = count->turn % LIMITER_AGE_TURNS == LIMITER_AGE_TURNS - 1;
	uint32_t *part = &count->part[count->bucket / (left ? left : 1)], live = 0;
	uint64_t now = time_now();

	for (; left && count->bucket < buckets; left--, count->bucket++) {
		live += sweep_bucket(&maps->limiter[count->bucket], now);
		bucket_age(&maps->limiter[count->bucket], age);
	}
	count->live += live - *part;
	*part = live;
	if (count->bucket < buckets)
		return;
	sweep_fallback(maps, now);
	count->bucket = 0;
	count->turn++;
}
