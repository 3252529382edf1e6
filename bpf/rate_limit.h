/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 4: the limiter, GCRA (ITU-T I.371 A.2). A packet conforms if TAT - now + T does not exceed
 * the tolerance; then TAT becomes max(TAT, now) + T. A packet over the limit writes nothing, so
 * under a flood the cache line stays shared among CPUs.
 *
 * The entries of a source and of its /48 are in one bucket, found by the /48. A source without room
 * there has its entry in a second bucket, found by the source. If there is no room either, the
 * packet is charged to its /48 alone. A /48 without an entry is charged to a fallback entry without
 * a tag, which several share, so it always has a limit.
 *
 * An entry must never exist twice, or its source would have two bursts:
 *
 *    charge  An existing entry, by compare-and-swap of the whole word. The CPU that loses looks again and
 *            evaluates the limit again. In the first bucket this includes an expired entry: it is its source's
 *            until somebody else takes the slot, which changes the word. In the second it must be live.
 *    insert  Only by the CPU that holds S64_LINE_BUSY of the first bucket, which is taken by
 *            compare-and-swap and never waited for. It searches both buckets again, then takes a free slot by
 *            compare-and-swap of what it saw in it. A CPU that finds the bucket held looks again.
 *    far     S64_LINE_FAR is set before an entry is inserted into the second bucket, and by every charge to
 *            one there, so it may be cleared once it was not set for longer than any entry lives.
 *    sweep   slash64d clears expired entries, by compare-and-swap.
 *
 * What races can still do: a source may be charged for one packet that its /48 then refuses. A
 * packet that looked S64_LIMIT_LOOKS times, and each time lost the entry to another packet or found
 * the bucket held, counts as over the limit.
 */
#ifndef SLASH64_BPF_LIMIT_H
#define SLASH64_BPF_LIMIT_H

#include <slash64/source.h>

#include "bits.h"
#include "maps.h"

#define S64_LIMIT_LOOKS 8 /* searches of a bucket, until a packet is charged */

/* The levels of a limit that a packet still has to be charged to. */
#define LEVEL_SITE  (1U << 0)
#define LEVEL_WIDER (1U << 1)
#define LEVEL_BOTH  (LEVEL_SITE | LEVEL_WIDER)

/* The entry a packet is charged to, as it was read. */
struct charge {
	__u64 *word; /* NULL: no entry */
	__u64 old;
	__u64 tag;   /* in its position in the word; 0 for a fallback entry */
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
static __always_inline __u64 limit_hash(__u64 site, __u32 key, const struct s64_seed *seed)
{
	return s64_hash64(site + key * seed->mul[1], seed);
}

/* The home slots. Sources and /48s have different ones, and a source never takes slot 0, so sources
 * cannot fill a bucket against all /48s.
 */
#define WIDER_OWN_SLOTS 3
#define SITE_OWN_SLOTS	(S64_LIMITER_SLOTS - WIDER_OWN_SLOTS)
#define SITE_SLOTS	(ALL_SLOTS & ~1U)
#define ALL_SLOTS	((1U << S64_LIMITER_SLOTS) - 1)

static __always_inline __u32 own_slot_wider(__u64 wider_hash)
{
	return (wider_hash >> 24 & 0xff) * WIDER_OWN_SLOTS >> 8;
}

static __always_inline __u32 own_slot_site(__u64 site_hash)
{
	return WIDER_OWN_SLOTS + ((site_hash >> 24 & 0xff) * SITE_OWN_SLOTS >> 8);
}

/* How far ahead a TAT may be: the CPU that wrote it may have read a later time than this one. */
#define S64_TAT_AHEAD_MAX (S64_WINDOW_MAX + S64_TAT_MARGIN)

/* How far ahead a TAT is, modulo 2^40; 0 if it is past. */
static __always_inline __u64 tat_ahead(__u64 word, __u64 now)
{
	__u64 left = (word - now - 1) & S64_TAT_MASK;

	return left < S64_TAT_AHEAD_MAX ? left + 1 : 0;
}

static __always_inline bool tag_is(__u64 word, __u64 tag)
{
	return (word ^ tag) >> S64_TAT_BITS == 0;
}

/* A slot is free once it has been expired for S64_TAT_MARGIN, because clocks differ between CPUs;
 * so is a slot without a tag. 1 or 0, without a branch.
 */
static __always_inline __u64 word_is_free(__u64 word, __u64 now)
{
	__u64 left = (word - now - 1 + S64_TAT_MARGIN) & S64_TAT_MASK;

	return (is_below(left, S64_TAT_AHEAD_MAX + S64_TAT_MARGIN) ^ 1) |
	       is_below(word >> S64_TAT_BITS, 1);
}

/* The slots of a bucket, a bit each: those that hold a tag, those that are free, and those that
 * have expired.
 */
struct line_slots {
	__u32 wider, site, empty, over;
};

/* The same in one word, a byte each in that order. Branchless, and in a function that is verified
 * once: the verifier would continue from each slot separately.
 */
S64_GLOBAL_FUNCTION __u32 line_look_packed(const struct s64_limiter_line *line, __u64 wider_tag,
					   __u64 site_tag, __u64 now)
{
	__u32 slots = 0;

	if (!line)
		return 0;
	S64_NO_UNROLL
	for (int i = 0; i < S64_LIMITER_SLOTS; i++) {
		__u64 word = S64_READ_ONCE(line->slot[i]);
		__u64 over = is_below((word - now - 1) & S64_TAT_MASK, S64_TAT_AHEAD_MAX) ^ 1;

		slots |= (is_below((word ^ wider_tag) >> S64_TAT_BITS, 1) |
			  is_below((word ^ site_tag) >> S64_TAT_BITS, 1) << 8 |
			  word_is_free(word, now) << 16 | over << 24)
			 << i;
	}
	return slots;
}

static __always_inline struct line_slots line_look(const struct s64_limiter_line *line,
						   __u64 wider_tag, __u64 site_tag, __u64 now)
{
	__u32 slots = line_look_packed(line, wider_tag, site_tag, now);

	return (struct line_slots){slots & 0xff, slots >> 8 & 0xff, slots >> 16 & 0xff,
				   slots >> 24};
}

#define NO_SLOT S64_LIMITER_SLOTS

/* One of some slots, preferably the home slot; or NO_SLOT. Branchless as well. */
static __always_inline __u32 slot_choose(__u64 slots, __u32 own_slot)
{
	__u64 own = slots & 1U << own_slot, no_own = opaque(is_below(own, 1));

	return bit_number(lowest_bit(own | (slots & -no_own) | 1U << NO_SLOT)) & NO_SLOT;
}

/* A slot of a bucket. Masked, because the verifier does not know which slots exist. The eighth word
 * has no slot number, but is in the bucket too.
 */
static __always_inline __u64 *slot_at(struct s64_limiter_line *line, __u32 slot)
{
	_Static_assert(sizeof(*line) == (S64_LIMITER_SLOTS + 1) * sizeof(__u64),
		       "the number of slots is a mask");
	return (__u64 *)line + masked(slot, S64_LIMITER_SLOTS);
}

static __always_inline __u64 limit_now(const struct s64_limit *limit)
{
	return limit->exact_clock ? clock_exact() : clock_ticks();
}

static __always_inline bool rate_exceeded(const struct s64_rate *rate, const struct charge *charge)
{
	if (S64_MISTAKE(LIMIT_RETRY) && charge->ahead > rate->window)
		return false;
	return charge->ahead + rate->increment > rate->window;
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

	if (S64_LIKELY(charge->ahead <= rate->window + S64_TAT_MARGIN))
		return;
	now = limit_now(limit);
	if (tat_ahead(charge->old, now) > rate->window + S64_TAT_MARGIN)
		S64_CAS(charge->word, charge->old,
			charge->tag | ((now + rate->window) & S64_TAT_MASK));
}

/* False if the entry has changed meanwhile. Nothing is charged then, and the caller must look
 * again.
 */
static __always_inline bool rate_commit(const struct s64_rate *rate, const struct charge *charge,
					__u64 now)
{
	__u64 tat = now + charge->ahead + rate->increment;

	if (S64_MISTAKE(LIMIT_RETRY)) {
		__u64 seen = S64_CAS(charge->word, charge->old, charge->tag | (tat & S64_TAT_MASK));

		tat = now + tat_ahead(seen, now) + rate->increment;
		return seen == charge->old ||
		       S64_CAS(charge->word, seen, charge->tag | (tat & S64_TAT_MASK)) == seen;
	}
	return S64_LIKELY(S64_CAS(charge->word, charge->old, charge->tag | (tat & S64_TAT_MASK)) ==
			  charge->old);
}

/* The limit above that of the source, and the reason if it is exceeded. */
struct wider_limit {
	const struct s64_rate *rate;
	__u8 over;
};

/* Both levels are checked before either is charged. S64_REASON_NONE: the levels in *left still have
 * to be charged, after another search.
 */
static __always_inline __u32 charge_words(const struct s64_limit *limit,
					  const struct wider_limit *wider, struct charge *by_site,
					  struct charge *by_wider, __u64 now, __u32 *left)
{
	if (by_site->word && rate_exceeded(&limit->site, by_site)) {
		rate_clamp(limit, &limit->site, by_site);
		return S64_REASON_OVER_SITE_LIMIT;
	}
	if (by_wider->word && rate_exceeded(wider->rate, by_wider)) {
		rate_clamp(limit, wider->rate, by_wider);
		return wider->over;
	}
	if (by_site->word) {
		if (S64_UNLIKELY(!rate_commit(&limit->site, by_site, now)))
			return S64_REASON_NONE;
		*left &= ~LEVEL_SITE;
	}
	if (by_wider->word && S64_UNLIKELY(!rate_commit(wider->rate, by_wider, now)))
		return S64_REASON_NONE;
	return S64_REASON_WITHIN_LIMIT;
}

static __always_inline __u32 line_number(__u64 hash)
{
	return s64_scale(hash >> 32, config.limiter_lines);
}

static __always_inline struct s64_limiter_line *line_of(__u64 hash)
{
	return limiter_at(line_number(hash));
}

struct limit_hashes {
	__u64 site, wider;
};

static __always_inline struct limit_hashes limit_hashes(const struct s64_limit *limit, __u64 site,
							__u64 wide)
{
	const struct s64_seed seed = config_seed();

	return (struct limit_hashes){limit_hash(site, limit->key * 2 + 1, &seed),
				     limit_hash(wide, limit->key * 2, &seed)};
}

/* The input and the result of a search. */
struct limit_search {
	const struct s64_limit *limit;
	struct s64_limiter_line *line;
	struct limit_hashes hashes;
	__u64 now;
	__u64 *site, *wider; /* entries; NULL: none */
	__u32 left;	     /* levels still to be charged */
	bool busy;	     /* this CPU holds the bucket */
	bool can_put;	     /* there is room for a missing entry */
};

static __always_inline void search_wider(struct limit_search *search, struct line_slots *slots)
{
	__u32 own = own_slot_wider(search->hashes.wider), slot = slot_choose(slots->wider, own);

	if (slot == NO_SLOT) {
		slot = slot_choose(slots->empty, own);
		if (slot == NO_SLOT)
			return;
		slots->empty &= ~(1U << slot);
		search->can_put = true;
		if (!search->busy)
			return;
	}
	search->wider = slot_at(search->line, slot);
}

/* Searches the second bucket. */
static __always_inline void search_far(struct limit_search *search, __u32 control, bool may_put)
{
	__u32 number = line_number(search->hashes.site), own = own_slot_site(search->hashes.site),
	      slot;
	__u64 tag = tag_of(search->hashes.site);
	struct s64_limiter_line *second = limiter_at(number);
	struct line_slots slots;

	if (!second || number == line_number(search->hashes.wider))
		return;
	slots = line_look(second, tag, tag, search->now);
	slot = slot_choose(slots.site, own);
	if (slot == NO_SLOT && may_put)
		slot = slot_choose(slots.empty & SITE_SLOTS, own);
	if (slot == NO_SLOT)
		return;
	/* without holding the bucket, only a live entry: another CPU may just be inserting one into
	 * the first bucket for an expired entry here
	 */
	if (!search->busy && !(slots.site & ~slots.over)) {
		search->can_put = true;
		return;
	}
	if (!(control & S64_LINE_FAR))
		S64_FETCH_OR(&search->line->control, S64_LINE_FAR);
	search->site = slot_at(second, slot);
}

static __always_inline void search_site(struct limit_search *search, const struct line_slots *slots,
					__u32 control)
{
	__u32 own = own_slot_site(search->hashes.site), slot = slot_choose(slots->site, own);

	if (slot == NO_SLOT) {
		slot = slot_choose(slots->empty & SITE_SLOTS, own);
		if (slot == NO_SLOT || control & (S64_LINE_FAR | S64_LINE_WAS_FAR))
			search_far(search, control, slot == NO_SLOT);
		if (slot == NO_SLOT || search->site)
			return;
		search->can_put = true;
		if (!search->busy)
			return;
	}
	search->site = slot_at(search->line, slot);
}

/* Reads an entry of that tag: ours, or nobody's if it is to be inserted. False if it has become
 * somebody else's.
 */
static __always_inline bool charge_read(struct charge *charge, __u64 *word, __u64 tag, bool put,
					__u64 now)
{
	charge->word = word;
	if (!word)
		return true;
	charge->tag = tag;
	charge->old = S64_READ_ONCE(*word);
	charge->ahead = tat_ahead(charge->old, now);
	if (S64_LIKELY(tag_is(charge->old, tag)))
		return true;
	charge->ahead = 0;
	return put && word_is_free(charge->old, now);
}

/* A level without an entry of its own is charged to a fallback entry, which several share and which
 * has no tag.
 */
static __always_inline __u64 *shared_word(__u64 wider_hash)
{
	__u32 word = s64_scale(wider_hash >> 32, S64_WIDER_LINES * S64_LIMITER_SLOTS);
	struct s64_limiter_line *line = limiter_at(config.limiter_lines + word / S64_LIMITER_SLOTS);

	return line ? slot_at(line, word % S64_LIMITER_SLOTS) : NULL;
}

/* Charges what was found. */
static __always_inline __u32 search_charge(struct limit_search *search)
{
	bool wide = search->left & LEVEL_SITE && !search->site;
	struct wider_limit wider = {&search->limit->wider,
				    wide ? S64_REASON_OVER_WIDER_LIMIT : S64_REASON_OVER_48_LIMIT};
	__u64 tag = tag_of(search->hashes.wider);
	struct charge by_site, by_wider;
	__u32 reason;

	if (!search->wider && (wide || search->left & LEVEL_WIDER)) {
		search->wider = shared_word(search->hashes.wider);
		wider = (struct wider_limit){&search->limit->shared, S64_REASON_OVER_WIDER_LIMIT};
		tag = 0;
	}
	if (!charge_read(&by_site, search->site, tag_of(search->hashes.site), search->busy,
			 search->now) ||
	    !charge_read(&by_wider, search->wider, tag, search->busy, search->now))
		return S64_REASON_NONE;
	reason = charge_words(search->limit, &wider, &by_site, &by_wider, search->now,
			      &search->left);
	return wide && reason == S64_REASON_WITHIN_LIMIT ? S64_REASON_WITHIN_WIDER_LIMIT : reason;
}

/* The state between two searches, and above the reason in the result: the levels still to be
 * charged, and this flag.
 */
#define LOOK_BUSY  (1U << 2) /* this CPU holds the bucket */
#define LOOK_SHIFT 8

/* Searches for the entries once and charges them. S64_REASON_NONE: search again, with the state
 * above the reason.
 */
S64_GLOBAL_FUNCTION __u32 limit_look(__u64 site_hash, __u64 wider_hash, __u32 id, __u32 state)
{
	struct limit_search search = {.hashes = {site_hash, wider_hash},
				      .left = state & LEVEL_BOTH,
				      .busy = state & LOOK_BUSY};
	struct line_slots slots;
	__u32 control, reason;

	search.limit = limit_at(id);
	search.line = line_of(wider_hash);
	if (!search.limit || !search.line)
		return S64_REASON_WITHIN_LIMIT | (state & LOOK_BUSY) << LOOK_SHIFT;
	search.now = limit_now(search.limit);
	control = S64_READ_ONCE(search.line->control);
	slots = line_look(search.line, tag_of(wider_hash), tag_of(site_hash), search.now);
	if (search.left & LEVEL_WIDER)
		search_wider(&search, &slots);
	if (search.left & LEVEL_SITE)
		search_site(&search, &slots, control);
	if (!search.can_put || search.busy)
		reason = search_charge(&search);
	else if (!(control & S64_LINE_BUSY) &&
		 S64_CAS(&search.line->control, control, control | S64_LINE_BUSY) == control)
		return S64_REASON_NONE | (state | LOOK_BUSY) << LOOK_SHIFT;
	else
		return S64_REASON_NONE | state << LOOK_SHIFT;
	return reason | (search.left | (state & LOOK_BUSY)) << LOOK_SHIFT;
}

/* Charges one packet to the levels of the limit `id`, wherever the entries are.
 * S64_REASON_WITHIN_LIMIT or _WITHIN_WIDER_LIMIT if it conforms, else S64_REASON_OVER_*.
 */
S64_GLOBAL_FUNCTION __u32 limit_search(__u64 site, __u64 wide, __u32 id, __u32 levels)
{
	const struct s64_limit *limit = limit_at(id);
	__u32 said = S64_REASON_WITHIN_LIMIT;
	struct s64_limiter_line *line;
	struct limit_hashes hashes;

	if (!limit || !limit->shared.increment)
		return S64_REASON_WITHIN_LIMIT;
	if (!limit->site.increment)
		levels &= ~LEVEL_SITE;
	if (!limit->wider.increment)
		levels &= ~LEVEL_WIDER;
	hashes = limit_hashes(limit, site, wide);
	levels &= LEVEL_BOTH;
	S64_NO_UNROLL
	for (int i = 0; i < S64_LIMIT_LOOKS; i++) {
		said = limit_look(hashes.site, hashes.wider, id, levels);
		levels = said >> LOOK_SHIFT & (LEVEL_BOTH | LOOK_BUSY);
		said &= (1U << LOOK_SHIFT) - 1;
		if (said != S64_REASON_NONE)
			break;
	}
	line = line_of(hashes.wider);
	if (line && levels & LOOK_BUSY)
		S64_FETCH_AND(&line->control, ~(S64_LINE_BUSY | S64_LINE_WAS_BUSY));
	return said == S64_REASON_NONE ? S64_REASON_OVER_WIDER_LIMIT : said;
}

/* Where a packet's entries are. The source's is read early: its cache line arrives while the packet
 * waits for another, and the compare-and-swap detects a change in between.
 */
struct limit_place {
	const struct s64_limit *limit;
	struct s64_limiter_line *line;
	struct limit_hashes hashes;
	__u64 *word; /* the source's home slot, and its content */
	__u64 old;
};

static __always_inline bool limit_find(struct limit_place *place, __u64 site, __u64 wide, __u32 id)
{
	place->limit = limit_at(id);
	if (!place->limit)
		return false;
	place->hashes = limit_hashes(place->limit, site, wide);
	place->line = line_of(place->hashes.wider);
	if (!place->line)
		return false;
	place->word = slot_at(place->line, own_slot_site(place->hashes.site));
	place->old = S64_READ_ONCE(*place->word);
	return true;
}

/* Charges without a search if the entries are in their home slots, or if the source is over its
 * limit with its entry in the home slot. S64_REASON_NONE if the levels in *left need a search.
 */
static __always_inline __u32 limit_charge_found(const struct limit_place *place, __u32 *left)
{
	const struct s64_limit *limit = place->limit;
	struct charge by_site = {.word = place->word,
				 .old = place->old,
				 .tag = tag_of(place->hashes.site)};
	struct charge by_wider = {.tag = tag_of(place->hashes.wider)};
	const struct wider_limit wider = {&limit->wider, S64_REASON_OVER_48_LIMIT};
	__u64 now;

	*left = LEVEL_BOTH;
	if (S64_UNLIKELY(!limit->site.increment || !tag_is(by_site.old, by_site.tag)))
		return S64_REASON_NONE;
	now = limit_now(limit);
	by_site.ahead = tat_ahead(by_site.old, now);
	if (rate_exceeded(&limit->site, &by_site)) {
		rate_clamp(limit, &limit->site, &by_site);
		return S64_REASON_OVER_SITE_LIMIT;
	}
	if (limit->wider.increment) {
		by_wider.word = slot_at(place->line, own_slot_wider(place->hashes.wider));
		by_wider.old = S64_READ_ONCE(*by_wider.word);
		if (S64_UNLIKELY(!tag_is(by_wider.old, by_wider.tag)))
			return S64_REASON_NONE;
		by_wider.ahead = tat_ahead(by_wider.old, now);
	}
	return charge_words(limit, &wider, &by_site, &by_wider, now, left);
}

/* The same in a call, where the verifier would otherwise follow it a hundred times. The levels
 * still to be charged are above the reason.
 */
#define TRIED_LEFT_SHIFT 8

S64_GLOBAL_FUNCTION __u32 limit_try(__u64 site, __u64 wide, __u32 id)
{
	struct limit_place place;
	__u32 left, reason;

	if (!limit_find(&place, site, wide, id))
		return S64_REASON_WITHIN_LIMIT;
	reason = limit_charge_found(&place, &left);
	return reason == S64_REASON_NONE ? reason | left << TRIED_LEFT_SHIFT : reason;
}

/* A link-local source is another host on each link, whatever rules there are about it, and so is ::
 * (no address yet). Their entries, and that of all neighbours, belong to the interface, and on it
 * to the VLAN and the session. The distance is secret, because a neighbour can choose its address.
 * Added to the charged key; `hi` is the source's.
 */
static __always_inline __u64 limit_scope(__u64 site, __u64 hi, __u32 link)
{
	const struct s64_seed seed = config_seed();

	return S64_UNLIKELY(s64_is_link_local(hi) || site == S64_SITE_OF_ZERO) ?
		       ((__u64)link << 16 | (config.iface_slot + 1)) * seed.mul[0] :
		       0;
}

/* Charges one packet to the limit `id`: S64_REASON_WITHIN_LIMIT or _WITHIN_WIDER_LIMIT if it
 * conforms, else S64_REASON_OVER_*.
 */
static __always_inline __u32 limit_charge(__u64 site, __u64 wide, __u32 id)
{
	__u32 tried = limit_try(site, wide, id);

	if (S64_LIKELY(tried >> TRIED_LEFT_SHIFT == 0))
		return tried;
	return limit_search(site, wide, id, tried >> TRIED_LEFT_SHIFT);
}

#endif
