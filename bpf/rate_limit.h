/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 4: the limiter, GCRA (gcra.h). A packet over the limit writes nothing, so under a flood the
 * cache line stays shared among CPUs.
 *
 * The entries of a source and of its /48 are in one bucket, found by the /48. A source without room
 * there has its entry in a second bucket, found by the source. If there is no room either, the
 * packet is charged to its /48 alone. A /48 without an entry is charged to a fallback entry without
 * a tag, which several share, so it always has a limit.
 *
 * An entry must never exist twice, or its source would have two bursts:
 *
 *    charge  An existing entry, by compare-and-swap of the whole entry. The CPU that loses looks again and
 *            evaluates the limit again. In the first bucket this includes an expired entry: it is its source's
 *            until somebody else takes the slot, which changes the entry. In the second it must be live.
 *    insert  Only by the CPU that holds S64_BUCKET_BUSY of the first bucket, which is taken by
 *            compare-and-swap and never waited for. It searches both buckets again, then takes a free slot by
 *            compare-and-swap of what it saw in it. A CPU that finds the bucket held looks again.
 *    far     S64_BUCKET_DISPLACED is set before an entry is inserted into the second bucket, and by every charge to
 *            one there, so it may be cleared once it was not set for longer than any entry lives.
 *    sweep   slash64d clears expired entries, by compare-and-swap.
 *
 * What races can still do: a source may be charged for one packet that its /48 then refuses. A
 * packet that looked S64_LIMIT_LOOKS times, and each time lost the entry to another packet or found
 * the bucket held, counts as over the limit.
 */
#ifndef SLASH64_BPF_RATE_LIMIT_H
#define SLASH64_BPF_RATE_LIMIT_H

#include <slash64/gcra.h>
#include <slash64/source.h>

#include "bits.h"
#include "maps.h"

#define S64_LIMIT_LOOKS 8 /* searches of a bucket, until a packet is charged */

/* The levels of a limit that a packet still has to be charged to. */
#define LEVEL_SOURCE	(1U << 0)
#define LEVEL_AGGREGATE (1U << 1)
#define LEVEL_BOTH	(LEVEL_SOURCE | LEVEL_AGGREGATE)

/* The entry a packet is charged to, as it was read. */
struct charge {
	__u64 *entry; /* NULL: no entry */
	__u64 old;
	__u64 tag;   /* in its position in the entry; 0 for a fallback entry */
	__u64 ahead; /* how far its TAT is ahead; 0 if the slot is free or expired */
};

/* Never 0, which marks a slot that was never used. */
static __always_inline __u64 tag_of(__u64 hash)
{
	return (hash | 1) << S64_TAT_BITS;
}

/* A source under two limits has two keys, a secret distance apart, so nobody can choose a source
 * that collides with another's entry.
 */
static __always_inline __u64 limit_hash(__u64 src_key, __u32 key, const struct s64_seed *seed)
{
	return s64_hash64(src_key + key * seed->mul[1], seed);
}

/* The home slots. Sources and /48s have different ones, and a source never takes slot 0, so sources
 * cannot fill a bucket against all /48s.
 */
#define AGGREGATE_HOME_SLOTS 3
#define SOURCE_HOME_SLOTS    (S64_LIMITER_SLOTS - AGGREGATE_HOME_SLOTS)
#define SOURCE_SLOTS	     (ALL_SLOTS & ~1U)
#define ALL_SLOTS	     ((1U << S64_LIMITER_SLOTS) - 1)

static __always_inline __u32 home_slot_aggregate(__u64 aggregate_hash)
{
	return (aggregate_hash >> 24 & 0xff) * AGGREGATE_HOME_SLOTS >> 8;
}

static __always_inline __u32 home_slot_source(__u64 source_hash)
{
	return AGGREGATE_HOME_SLOTS + ((source_hash >> 24 & 0xff) * SOURCE_HOME_SLOTS >> 8);
}

static __always_inline bool tag_is(__u64 entry, __u64 tag)
{
	return (entry ^ tag) >> S64_TAT_BITS == 0;
}

/* A slot is free once it has been expired for S64_TAT_MARGIN, because clocks differ between CPUs;
 * so is a slot without a tag. 1 or 0, without a branch.
 */
static __always_inline __u64 entry_is_free(__u64 entry, __u64 now)
{
	__u64 left = s64_tat_left(entry, now, S64_TAT_MARGIN);

	return (is_below(left, S64_TAT_AHEAD_MAX + S64_TAT_MARGIN) ^ 1) |
	       is_below(entry >> S64_TAT_BITS, 1);
}

/* The slots of a bucket, a bit each: those that hold a tag, those that are free, and those that
 * have expired.
 */
struct bucket_slots {
	__u32 aggregate, source, empty, over;
};

/* The same in one word, a byte each in that order. Branchless, and in a function that is verified
 * once: the verifier would continue from each slot separately.
 */
S64_GLOBAL_FUNCTION __u32 bucket_look_packed(const struct s64_limiter_bucket *bucket,
					     __u64 aggregate_tag, __u64 source_tag, __u64 now)
{
	__u32 slots = 0;

	if (!bucket)
		return 0;
	S64_NO_UNROLL
	for (int i = 0; i < S64_LIMITER_SLOTS; i++) {
		__u64 entry = S64_READ_ONCE(bucket->slot[i]);
		__u64 over = is_below(s64_tat_left(entry, now, 0), S64_TAT_AHEAD_MAX) ^ 1;

		slots |= (is_below((entry ^ aggregate_tag) >> S64_TAT_BITS, 1) |
			  is_below((entry ^ source_tag) >> S64_TAT_BITS, 1) << 8 |
			  entry_is_free(entry, now) << 16 | over << 24)
			 << i;
	}
	return slots;
}

static __always_inline struct bucket_slots bucket_look(const struct s64_limiter_bucket *bucket,
						       __u64 aggregate_tag, __u64 source_tag,
						       __u64 now)
{
	__u32 slots = bucket_look_packed(bucket, aggregate_tag, source_tag, now);

	return (struct bucket_slots){slots & 0xff, slots >> 8 & 0xff, slots >> 16 & 0xff,
				     slots >> 24};
}

#define NO_SLOT S64_LIMITER_SLOTS

/* One of some slots, preferably the home slot; or NO_SLOT. Branchless as well. */
static __always_inline __u32 slot_choose(__u64 slots, __u32 home_slot)
{
	__u64 own = slots & 1U << home_slot, no_own = opaque(is_below(own, 1));

	return bit_number(lowest_bit(own | (slots & -no_own) | 1U << NO_SLOT)) & NO_SLOT;
}

/* A slot of a bucket. Masked, because the verifier does not know which slots exist. The eighth entry
 * has no slot number, but is in the bucket too.
 */
static __always_inline __u64 *slot_at(struct s64_limiter_bucket *bucket, __u32 slot)
{
	_Static_assert(sizeof(*bucket) == (S64_LIMITER_SLOTS + 1) * sizeof(__u64),
		       "the number of slots is a mask");
	return (__u64 *)bucket + masked(slot, S64_LIMITER_SLOTS);
}

static __always_inline __u64 limit_now(const struct s64_limit *limit)
{
	return limit->exact_clock ? clock_exact() : clock_ticks();
}

static __always_inline bool rate_exceeded(const struct s64_rate *rate, const struct charge *charge)
{
	if (S64_MISTAKE(LIMIT_RETRY) && charge->ahead > rate->tolerance)
		return false;
	return s64_rate_is_exceeded(rate, charge->ahead);
}

/* A TAT further ahead than the tolerance belongs to a limit that has since been lowered, and is
 * reduced to the tolerance. It may only seem so, if the CPU that wrote it had read a later time: so
 * the time is read again, after the entry, and anything within the margin is left alone. The packet
 * is over the limit either way.
 */
static __always_inline void rate_clamp(const struct s64_limit *limit, const struct s64_rate *rate,
				       const struct charge *charge)
{
	__u64 now;

	if (S64_LIKELY(charge->ahead <= rate->tolerance + S64_TAT_MARGIN))
		return;
	now = limit_now(limit);
	if (s64_tat_ahead(charge->old, now) > rate->tolerance + S64_TAT_MARGIN)
		S64_CAS(charge->entry, charge->old,
			charge->tag | ((now + rate->tolerance) & S64_TAT_MASK));
}

/* False if the entry has changed meanwhile. Nothing is charged then, and the caller must look
 * again.
 */
static __always_inline bool rate_commit(const struct s64_rate *rate, const struct charge *charge,
					__u64 now)
{
	__u64 tat = s64_tat_charged(rate, charge->ahead, now);

	if (S64_MISTAKE(LIMIT_RETRY)) {
		__u64 seen = S64_CAS(charge->entry, charge->old, charge->tag | tat);

		tat = s64_tat_charged(rate, s64_tat_ahead(seen, now), now);
		return seen == charge->old ||
		       S64_CAS(charge->entry, seen, charge->tag | tat) == seen;
	}
	return S64_LIKELY(S64_CAS(charge->entry, charge->old, charge->tag | tat) == charge->old);
}

/* The limit above that of the source, and the reason if it is exceeded. */
struct aggregate_limit {
	const struct s64_rate *rate;
	__u8 over;
};

/* Both levels are checked before either is charged. S64_REASON_NONE: the levels in *left still have
 * to be charged, after another search.
 */
static __always_inline __u32 charge_entries(const struct s64_limit *limit,
					    const struct aggregate_limit *aggregate,
					    struct charge *by_source, struct charge *by_aggregate,
					    __u64 now, __u32 *left)
{
	if (by_source->entry && rate_exceeded(&limit->source, by_source)) {
		rate_clamp(limit, &limit->source, by_source);
		return S64_REASON_OVER_SOURCE_LIMIT;
	}
	if (by_aggregate->entry && rate_exceeded(aggregate->rate, by_aggregate)) {
		rate_clamp(limit, aggregate->rate, by_aggregate);
		return aggregate->over;
	}
	if (by_source->entry) {
		if (S64_UNLIKELY(!rate_commit(&limit->source, by_source, now)))
			return S64_REASON_NONE;
		*left &= ~LEVEL_SOURCE;
	}
	if (by_aggregate->entry && S64_UNLIKELY(!rate_commit(aggregate->rate, by_aggregate, now)))
		return S64_REASON_NONE;
	return S64_REASON_WITHIN_LIMIT;
}

static __always_inline __u32 limiter_index(__u64 hash)
{
	return s64_scale(hash >> 32, config.limiter_buckets);
}

static __always_inline struct s64_limiter_bucket *limiter_of(__u64 hash)
{
	return limiter_at(limiter_index(hash));
}

struct limit_hashes {
	__u64 source, aggregate;
};

static __always_inline struct limit_hashes limit_hashes(const struct s64_limit *limit,
							__u64 src_key, __u64 aggregate)
{
	const struct s64_seed seed = config_seed();

	return (struct limit_hashes){limit_hash(src_key, limit->key * 2 + 1, &seed),
				     limit_hash(aggregate, limit->key * 2, &seed)};
}

/* The input and the result of a search. */
struct limit_search {
	const struct s64_limit *limit;
	struct s64_limiter_bucket *bucket;
	struct limit_hashes hashes;
	__u64 now;
	__u64 *source, *aggregate; /* entries; NULL: none */
	__u32 left;		   /* levels still to be charged */
	bool busy;		   /* this CPU holds the bucket */
	bool can_put;		   /* there is room for a missing entry */
};

static __always_inline void search_aggregate(struct limit_search *search,
					     struct bucket_slots *slots)
{
	__u32 own = home_slot_aggregate(search->hashes.aggregate),
	      slot = slot_choose(slots->aggregate, own);

	if (slot == NO_SLOT) {
		slot = slot_choose(slots->empty, own);
		if (slot == NO_SLOT)
			return;
		slots->empty &= ~(1U << slot);
		search->can_put = true;
		if (!search->busy)
			return;
	}
	search->aggregate = slot_at(search->bucket, slot);
}

/* Searches the second bucket. */
static __always_inline void search_displaced(struct limit_search *search, __u32 control,
					     bool may_put)
{
	__u32 number = limiter_index(search->hashes.source),
	      own = home_slot_source(search->hashes.source), slot;
	__u64 tag = tag_of(search->hashes.source);
	struct s64_limiter_bucket *second = limiter_at(number);
	struct bucket_slots slots;

	if (!second || number == limiter_index(search->hashes.aggregate))
		return;
	slots = bucket_look(second, tag, tag, search->now);
	slot = slot_choose(slots.source, own);
	if (slot == NO_SLOT && may_put)
		slot = slot_choose(slots.empty & SOURCE_SLOTS, own);
	if (slot == NO_SLOT)
		return;
	/* without holding the bucket, only a live entry: another CPU may just be inserting one into
	 * the first bucket for an expired entry here
	 */
	if (!search->busy && !(slots.source & ~slots.over)) {
		search->can_put = true;
		return;
	}
	if (!(control & S64_BUCKET_DISPLACED))
		S64_FETCH_OR(&search->bucket->control, S64_BUCKET_DISPLACED);
	search->source = slot_at(second, slot);
}

static __always_inline void search_source(struct limit_search *search,
					  const struct bucket_slots *slots, __u32 control)
{
	__u32 own = home_slot_source(search->hashes.source), slot = slot_choose(slots->source, own);

	if (slot == NO_SLOT) {
		slot = slot_choose(slots->empty & SOURCE_SLOTS, own);
		if (slot == NO_SLOT || control & (S64_BUCKET_DISPLACED | S64_BUCKET_WAS_DISPLACED))
			search_displaced(search, control, slot == NO_SLOT);
		if (slot == NO_SLOT || search->source)
			return;
		search->can_put = true;
		if (!search->busy)
			return;
	}
	search->source = slot_at(search->bucket, slot);
}

/* Reads an entry of that tag: ours, or nobody's if it is to be inserted. False if it has become
 * somebody else's.
 */
static __always_inline bool charge_read(struct charge *charge, __u64 *entry, __u64 tag, bool put,
					__u64 now)
{
	charge->entry = entry;
	if (!entry)
		return true;
	charge->tag = tag;
	charge->old = S64_READ_ONCE(*entry);
	charge->ahead = s64_tat_ahead(charge->old, now);
	if (S64_LIKELY(tag_is(charge->old, tag)))
		return true;
	charge->ahead = 0;
	return put && entry_is_free(charge->old, now);
}

/* A level without an entry of its own is charged to a fallback entry, which several share and which
 * has no tag.
 */
static __always_inline __u64 *fallback_entry(__u64 aggregate_hash)
{
	__u32 entry = s64_scale(aggregate_hash >> 32, S64_FALLBACK_BUCKETS * S64_LIMITER_SLOTS);
	struct s64_limiter_bucket *bucket =
		limiter_at(config.limiter_buckets + entry / S64_LIMITER_SLOTS);

	return bucket ? slot_at(bucket, entry % S64_LIMITER_SLOTS) : NULL;
}

/* Charges what was found. */
static __always_inline __u32 search_charge(struct limit_search *search)
{
	bool falls_back = search->left & LEVEL_SOURCE && !search->source;
	struct aggregate_limit aggregate = {&search->limit->aggregate,
					    falls_back ? S64_REASON_OVER_FALLBACK_LIMIT :
							 S64_REASON_OVER_48_LIMIT};
	__u64 tag = tag_of(search->hashes.aggregate);
	struct charge by_source, by_aggregate;
	__u32 reason;

	if (!search->aggregate && (falls_back || search->left & LEVEL_AGGREGATE)) {
		search->aggregate = fallback_entry(search->hashes.aggregate);
		aggregate = (struct aggregate_limit){&search->limit->fallback,
						     S64_REASON_OVER_FALLBACK_LIMIT};
		tag = 0;
	}
	if (!charge_read(&by_source, search->source, tag_of(search->hashes.source), search->busy,
			 search->now) ||
	    !charge_read(&by_aggregate, search->aggregate, tag, search->busy, search->now))
		return S64_REASON_NONE;
	reason = charge_entries(search->limit, &aggregate, &by_source, &by_aggregate, search->now,
				&search->left);
	return falls_back && reason == S64_REASON_WITHIN_LIMIT ? S64_REASON_WITHIN_FALLBACK_LIMIT :
								 reason;
}

/* The state between two searches, and above the reason in the result: the levels still to be
 * charged, and this flag.
 */
#define LOOK_BUSY  (1U << 2) /* this CPU holds the bucket */
#define LOOK_SHIFT 8

/* Searches for the entries once and charges them. S64_REASON_NONE: search again, with the state
 * above the reason.
 */
S64_GLOBAL_FUNCTION __u32 limit_look(__u64 source_hash, __u64 aggregate_hash, __u32 id, __u32 state)
{
	struct limit_search search = {.hashes = {source_hash, aggregate_hash},
				      .left = state & LEVEL_BOTH,
				      .busy = state & LOOK_BUSY};
	struct bucket_slots slots;
	__u32 control, reason;

	search.limit = limit_at(id);
	search.bucket = limiter_of(aggregate_hash);
	if (!search.limit || !search.bucket)
		return S64_REASON_WITHIN_LIMIT | (state & LOOK_BUSY) << LOOK_SHIFT;
	search.now = limit_now(search.limit);
	control = S64_READ_ONCE(search.bucket->control);
	slots = bucket_look(search.bucket, tag_of(aggregate_hash), tag_of(source_hash), search.now);
	if (search.left & LEVEL_AGGREGATE)
		search_aggregate(&search, &slots);
	if (search.left & LEVEL_SOURCE)
		search_source(&search, &slots, control);
	if (!search.can_put || search.busy)
		reason = search_charge(&search);
	else if (!(control & S64_BUCKET_BUSY) &&
		 S64_CAS(&search.bucket->control, control, control | S64_BUCKET_BUSY) == control)
		return S64_REASON_NONE | (state | LOOK_BUSY) << LOOK_SHIFT;
	else
		return S64_REASON_NONE | state << LOOK_SHIFT;
	return reason | (search.left | (state & LOOK_BUSY)) << LOOK_SHIFT;
}

/* Charges one packet to the levels of the limit `id`, wherever the entries are.
 * S64_REASON_WITHIN_LIMIT or _WITHIN_FALLBACK_LIMIT if it conforms, else S64_REASON_OVER_*.
 */
S64_GLOBAL_FUNCTION __u32 limit_search(__u64 src_key, __u64 aggregate, __u32 id, __u32 levels)
{
	const struct s64_limit *limit = limit_at(id);
	__u32 said = S64_REASON_WITHIN_LIMIT;
	struct s64_limiter_bucket *bucket;
	struct limit_hashes hashes;

	if (!limit || !limit->fallback.increment)
		return S64_REASON_WITHIN_LIMIT;
	if (!limit->source.increment)
		levels &= ~LEVEL_SOURCE;
	if (!limit->aggregate.increment)
		levels &= ~LEVEL_AGGREGATE;
	hashes = limit_hashes(limit, src_key, aggregate);
	levels &= LEVEL_BOTH;
	S64_NO_UNROLL
	for (int i = 0; i < S64_LIMIT_LOOKS; i++) {
		said = limit_look(hashes.source, hashes.aggregate, id, levels);
		levels = said >> LOOK_SHIFT & (LEVEL_BOTH | LOOK_BUSY);
		said &= (1U << LOOK_SHIFT) - 1;
		if (said != S64_REASON_NONE)
			break;
	}
	bucket = limiter_of(hashes.aggregate);
	if (bucket && levels & LOOK_BUSY)
		S64_FETCH_AND(&bucket->control, ~(S64_BUCKET_BUSY | S64_BUCKET_WAS_BUSY));
	return said == S64_REASON_NONE ? S64_REASON_OVER_FALLBACK_LIMIT : said;
}

/* Where a packet's entries are. The source's is read early: its cache line arrives while the packet
 * waits for another, and the compare-and-swap detects a change in between.
 */
struct limit_entry {
	const struct s64_limit *limit;
	struct s64_limiter_bucket *bucket;
	struct limit_hashes hashes;
	__u64 *entry; /* the source's home slot, and its content */
	__u64 old;
};

static __always_inline bool limit_find(struct limit_entry *entry_at, __u64 src_key, __u64 aggregate,
				       __u32 id)
{
	entry_at->limit = limit_at(id);
	if (!entry_at->limit)
		return false;
	entry_at->hashes = limit_hashes(entry_at->limit, src_key, aggregate);
	entry_at->bucket = limiter_of(entry_at->hashes.aggregate);
	if (!entry_at->bucket)
		return false;
	entry_at->entry = slot_at(entry_at->bucket, home_slot_source(entry_at->hashes.source));
	entry_at->old = S64_READ_ONCE(*entry_at->entry);
	return true;
}

/* Charges without a search if the entries are in their home slots, or if the source is over its
 * limit with its entry in the home slot. S64_REASON_NONE if the levels in *left need a search.
 */
static __always_inline __u32 limit_charge_found(const struct limit_entry *entry_at, __u32 *left)
{
	const struct s64_limit *limit = entry_at->limit;
	struct charge by_source = {.entry = entry_at->entry,
				   .old = entry_at->old,
				   .tag = tag_of(entry_at->hashes.source)};
	struct charge by_aggregate = {.tag = tag_of(entry_at->hashes.aggregate)};
	const struct aggregate_limit aggregate = {&limit->aggregate, S64_REASON_OVER_48_LIMIT};
	__u64 now;

	*left = LEVEL_BOTH;
	if (S64_UNLIKELY(!limit->source.increment || !tag_is(by_source.old, by_source.tag)))
		return S64_REASON_NONE;
	now = limit_now(limit);
	by_source.ahead = s64_tat_ahead(by_source.old, now);
	if (rate_exceeded(&limit->source, &by_source)) {
		rate_clamp(limit, &limit->source, &by_source);
		return S64_REASON_OVER_SOURCE_LIMIT;
	}
	if (limit->aggregate.increment) {
		by_aggregate.entry =
			slot_at(entry_at->bucket, home_slot_aggregate(entry_at->hashes.aggregate));
		by_aggregate.old = S64_READ_ONCE(*by_aggregate.entry);
		if (S64_UNLIKELY(!tag_is(by_aggregate.old, by_aggregate.tag)))
			return S64_REASON_NONE;
		by_aggregate.ahead = s64_tat_ahead(by_aggregate.old, now);
	}
	return charge_entries(limit, &aggregate, &by_source, &by_aggregate, now, left);
}

/* The same in a call, where the verifier would otherwise follow it a hundred times. The levels
 * still to be charged are above the reason.
 */
#define TRIED_LEFT_SHIFT 8

S64_GLOBAL_FUNCTION __u32 limit_try(__u64 src_key, __u64 aggregate, __u32 id)
{
	struct limit_entry entry_at;
	__u32 left, reason;

	if (!limit_find(&entry_at, src_key, aggregate, id))
		return S64_REASON_WITHIN_LIMIT;
	reason = limit_charge_found(&entry_at, &left);
	return reason == S64_REASON_NONE ? reason | left << TRIED_LEFT_SHIFT : reason;
}

/* A link-local source is another host on each link, whatever rules there are about it, and so is ::
 * (no address yet). Their entries, and that of all neighbours, belong to the interface, and on it
 * to the VLAN and the session. The distance is secret, because a neighbour can choose its address.
 * Added to the charged key; `hi` is the source's.
 */
static __always_inline __u64 limit_scope(__u64 src_key, __u64 hi, __u32 link)
{
	const struct s64_seed seed = config_seed();

	return S64_UNLIKELY(s64_is_link_local(hi) || src_key == S64_SRC_KEY_OF_ZERO) ?
		       ((__u64)link << 16 | (config.iface_slot + 1)) * seed.mul[0] :
		       0;
}

/* Charges one packet to the limit `id`: S64_REASON_WITHIN_LIMIT or _WITHIN_FALLBACK_LIMIT if it
 * conforms, else S64_REASON_OVER_*.
 */
static __always_inline __u32 limit_charge(__u64 src_key, __u64 aggregate, __u32 id)
{
	__u32 tried = limit_try(src_key, aggregate, id);

	if (S64_LIKELY(tried >> TRIED_LEFT_SHIFT == 0))
		return tried;
	return limit_search(src_key, aggregate, id, tried >> TRIED_LEFT_SHIFT);
}

#endif
