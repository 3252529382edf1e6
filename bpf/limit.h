/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 4b: the limiter, GCRA (ITU-T I.371 A.2). A packet is within the limit iff TAT - now + T does not
 * exceed the window, and then TAT becomes max(TAT, now) + T. A packet that is over writes nothing, so
 * that under a flood the cache line stays shared among processors.
 *
 * A site's word and that of its /48 lie in one line, found by the /48, each in a slot of its own, or where that
 * is taken in another one; a site for which there is no room goes to a second line, found by the site. Where there
 * is no room either, the packet is charged to its /48 alone, and where that has no slot, to a word without a tag
 * that several share.
 *
 * Races, all bounded: two processors that put in the same site at once make two words of it, the second
 * of which is never found again and dies with its window, and so does the one elsewhere of a site whose own slot
 * is free and has forgotten that it has to be searched for (slash64d clears that every ten minutes); who loses a
 * compare-and-swap four times passes uncharged; a site may be charged one packet that its /48 then refuses.
 */
#ifndef SLASH64_BPF_LIMIT_H
#define SLASH64_BPF_LIMIT_H

#include <slash64/site.h>

#include "bits.h"
#include "tables.h"

#define S64_LIMIT_TRIES 4

/* Which word a packet is charged to, as it was read. */
struct charge {
	__u64 *word;
	__u64 old;
	__u64 tag;   /* in place */
	__u64 ahead; /* of its TAT, should it be this one's; else more than any window */
	__u64 *home; /* its own slot, where that is another one which does not say so yet; else NULL */
};

static __always_inline __u64 tag_of(__u64 hash)
{
	return hash << S64_TAT_BITS & S64_TAG_MASK;
}

/* The same site under two limits are two keys, and a secret distance apart, so that nobody can choose a site that
 * meets another's word.
 */
static __always_inline __u64 limit_hash(__u64 site, __u32 key, const struct s64_seed *seed)
{
	return s64_hash64(site + key * seed->mul[1], seed);
}

/* Where a word is looked for first. A site's is never that of its /48. */
static __always_inline __u32 own_slot_wider(__u64 wider_hash)
{
	return wider_hash >> 24 & (S64_LIMITER_SLOTS - 1);
}

static __always_inline __u32 own_slot_site(__u64 site_hash, __u64 wider_hash)
{
	__u32 others = S64_LIMITER_SLOTS - 1;

	return (own_slot_wider(wider_hash) + 1 + ((site_hash >> 24 & 0xff) * others >> 8)) & others;
}

/* How far a TAT lies ahead, modulo 2^40. */
static __always_inline __u64 tat_ahead(__u64 word, __u64 now)
{
	return (word - now) & S64_TAT_MASK;
}

/* Below S64_WINDOW_MAX for a word that is live: one whose time is just now is over. */
static __always_inline __u64 tat_left(__u64 word, __u64 now)
{
	return tat_ahead(word, now + 1);
}

/* Whether a word is its slot's own, or the slot is free for it; false where it has to be searched for. (A word of 0
 * looks live where the time wraps, and is searched for then.) With it, how far ahead the TAT is: of a word that is
 * over, it is more than any window.
 */
static __always_inline bool slot_is_own(__u64 word, __u64 tag, __u64 now, __u64 *ahead)
{
	__u64 left = tat_left(word, now);

	*ahead = left + 1;
	if (left < S64_WINDOW_MAX)
		return ((word ^ tag) & S64_TAG_MASK) == 0;
	return !(word & S64_SLOT_SEARCH);
}

/* Of the slots of a line, a bit each: those that hold a tag, live, and those that are free. */
struct line_slots {
	__u32 wider, site, empty;
};

/* Without a branch: the verifier would go on from each slot apart. */
static __always_inline void slot_look(struct line_slots *slots, int i, __u64 word, __u64 wider_tag,
				      __u64 site_tag, __u64 now)
{
	/* 0 says empty */
	__u64 live = is_below(tat_left(word, now), S64_WINDOW_MAX) & (is_below(word & ~S64_SLOT_SEARCH, 1) ^ 1);

	slots->wider |= (live & is_below((word ^ wider_tag) & S64_TAG_MASK, 1)) << i;
	slots->site |= (live & is_below((word ^ site_tag) & S64_TAG_MASK, 1)) << i;
	slots->empty |= (live ^ 1) << i;
}

static __always_inline struct line_slots line_look(const struct s64_limiter_line *line, __u64 wider_tag,
						   __u64 site_tag, __u64 now)
{
	struct line_slots slots = {};

	S64_NO_UNROLL
	for (int i = 0; i < S64_LIMITER_SLOTS; i++)
		slot_look(&slots, i, S64_READ_ONCE(line->slot[i]), wider_tag, site_tag, now);
	return slots;
}

#define NO_SLOT S64_LIMITER_SLOTS

/* The slot of a tag: where it is, else a free one, its own before others; else NO_SLOT. Without a branch, too. */
static __always_inline __u32 slot_choose(__u64 matching, __u64 empty, __u32 own_slot)
{
	__u64 own = empty & 1U << own_slot;
	__u64 no_match = opaque(is_below(matching, 1)), no_own = opaque(is_below(own, 1));
	__u64 which = matching | (own & -no_match) | (empty & -no_match & -no_own);

	return bit_number(lowest_bit(which | 1U << NO_SLOT)) & (2 * S64_LIMITER_SLOTS - 1);
}

static __always_inline void charge_take(struct charge *charge, struct s64_limiter_line *line, __u32 slot, __u64 now)
{
	/* the bound again, for the verifier, where the compiler may no longer see the need */
	charge->word = &line->slot[opaque(slot) & (S64_LIMITER_SLOTS - 1)];
	charge->old = S64_READ_ONCE(*charge->word);
	charge->ahead = (charge->old & S64_TAG_MASK) == charge->tag ? tat_ahead(charge->old, now) : S64_TAT_MASK;
}

/* Not in its own slot of the line it is first looked for in: that has to say so. */
static __always_inline void charge_is_away(struct charge *charge, struct s64_limiter_line *line, __u32 own_slot)
{
	__u64 *home = &line->slot[own_slot & (S64_LIMITER_SLOTS - 1)];

	if (charge->word != home && !(S64_READ_ONCE(*home) & S64_SLOT_SEARCH))
		charge->home = home;
}

/* A TAT that is further ahead than the window of this limit reaches does not count. */
static __always_inline __u64 rate_ahead(const struct s64_rate *rate, const struct charge *charge)
{
	return charge->ahead > rate->window ? 0 : charge->ahead;
}

static __always_inline bool rate_exceeded(const struct s64_rate *rate, const struct charge *charge)
{
	return rate_ahead(rate, charge) + rate->increment > rate->window;
}

static __always_inline void rate_commit(const struct s64_rate *rate, struct charge *charge, __u64 now)
{
	S64_UNROLL
	for (int i = 0; i < S64_LIMIT_TRIES; i++) {
		__u64 tat = now + rate_ahead(rate, charge) + rate->increment;
		__u64 seen = S64_CAS(charge->word, charge->old,
				     (charge->old & S64_SLOT_SEARCH) | charge->tag | (tat & S64_TAT_MASK));

		if (seen == charge->old)
			break;
		if ((seen & S64_TAG_MASK) != charge->tag)
			break; /* another site took the slot; this packet goes free */
		charge->old = seen;
		charge->ahead = tat_ahead(seen, now);
	}
	if (charge->home)
		S64_FETCH_OR(charge->home, S64_SLOT_SEARCH);
}

/* Both levels are looked at before either is charged. */
static __always_inline __u32 charge_words(const struct s64_limit *limit, const struct s64_rate *wider,
					  struct charge *by_site, struct charge *by_wider, __u64 now)
{
	bool narrow = by_site->word || !limit->site.increment;

	if (by_site->word && rate_exceeded(&limit->site, by_site))
		return S64_REASON_OVER_SITE_LIMIT;
	if (by_wider->word && rate_exceeded(wider, by_wider))
		return narrow && wider != &limit->shared ? S64_REASON_OVER_48_LIMIT :
							   S64_REASON_OVER_WIDER_LIMIT;
	if (by_site->word)
		rate_commit(&limit->site, by_site, now);
	if (by_wider->word)
		rate_commit(wider, by_wider, now);
	return narrow ? S64_REASON_WITHIN_LIMIT : S64_REASON_WITHIN_WIDER_LIMIT;
}

static __always_inline __u64 limit_now(const struct s64_limit *limit)
{
	return limit->exact_clock ? clock_exact() : clock_ticks();
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

static __always_inline struct limit_hashes limit_hashes(const struct s64_limit *limit, __u64 site, __u64 wide)
{
	const struct s64_seed seed = config_seed();

	return (struct limit_hashes){limit_hash(site, limit->key * 2 + 1, &seed),
				     limit_hash(wide, limit->key * 2, &seed)};
}

/* Charge one packet, by the hashes of its site and of what is wider, to the limit `id`. S64_REASON_WITHIN_LIMIT or
 * _WITHIN_WIDER_LIMIT where it passes, S64_REASON_OVER_* where it does not.
 */
S64_GLOBAL_FUNCTION __u32 limit_charge_hashed(__u64 site_hash, __u64 wider_hash, __u32 id)
{
	const struct s64_limit *limit = limit_at(id);
	struct charge by_site = {.tag = tag_of(site_hash)}, by_wider = {.tag = tag_of(wider_hash)};
	struct s64_limiter_line *line = line_of(wider_hash), *first = line;
	__u32 own_wider = own_slot_wider(wider_hash), own_site = own_slot_site(site_hash, wider_hash);
	const struct s64_rate *wider;
	__u32 taken = NO_SLOT, slot;
	struct line_slots slots;
	__u64 now;

	if (!limit || !line || limit->shared.increment == 0)
		return S64_REASON_WITHIN_LIMIT;
	now = limit_now(limit);
	wider = &limit->wider;
	slots = line_look(line, by_wider.tag, by_site.tag, now);
	if (limit->wider.increment) {
		taken = slot_choose(slots.wider, slots.empty, own_wider);
		if (taken < NO_SLOT) {
			charge_take(&by_wider, line, taken, now);
			charge_is_away(&by_wider, first, own_wider);
		}
	}
	if (limit->site.increment) {
		slot = slot_choose(slots.site, slots.empty & ~(1U << taken), own_site);
		if (slot >= NO_SLOT) {
			__u32 second = line_number(site_hash);

			line = limiter_at(second);
			if (!line)
				return S64_REASON_WITHIN_LIMIT;
			slots = line_look(line, by_site.tag, by_site.tag, now);
			/* should it be the same line */
			if (second == line_number(wider_hash))
				slots.empty = 0;
			slot = slot_choose(slots.site, slots.empty, own_site);
		}
		if (slot < NO_SLOT) {
			charge_take(&by_site, line, slot, now);
			charge_is_away(&by_site, first, own_site);
		}
	}
	if (!by_site.word && !by_wider.word) {
		/* the shared words carry no tag: all of them are tag 0 */
		__u32 word = s64_scale(wider_hash >> 32, S64_WIDER_LINES * S64_LIMITER_SLOTS);

		line = limiter_at(config.limiter_lines + word / S64_LIMITER_SLOTS);
		if (!line)
			return S64_REASON_WITHIN_LIMIT;
		by_wider.word = &line->slot[word % S64_LIMITER_SLOTS];
		by_wider.old = S64_READ_ONCE(*by_wider.word) & S64_TAT_MASK;
		by_wider.tag = 0;
		by_wider.ahead = tat_ahead(by_wider.old, now);
		wider = &limit->shared;
	}
	return charge_words(limit, wider, &by_site, &by_wider, now);
}

/* The same by site and what is wider. */
static __always_inline __u32 limit_charge(__u64 site, __u64 wide, __u32 id)
{
	const struct s64_limit *limit = limit_at(id);
	struct limit_hashes hashes;

	if (!limit)
		return S64_REASON_WITHIN_LIMIT;
	hashes = limit_hashes(limit, site, wide);
	return limit_charge_hashed(hashes.site, hashes.wider, id);
}

/* Where a packet's words lie. The site's is read with that, which may be long before it is charged: its line is on its
 * way then while something else is waited for, and the compare-and-swap notices what came between.
 */
struct limit_place {
	const struct s64_limit *limit;
	struct s64_limiter_line *line;
	struct limit_hashes hashes;
	__u64 *word; /* the site's own slot, and what was read of it */
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
	place->word = &place->line->slot[own_slot_site(place->hashes.site, place->hashes.wider)];
	place->old = S64_READ_ONCE(*place->word);
	return true;
}

/* The same without a call and without a search, where both words are in their own slots, or can be put there, and
 * for a site that is over its limit with its word in its own slot.
 */
static __always_inline __u32 limit_charge_quickly(const struct limit_place *place, __u32 id)
{
	const struct s64_limit *limit = place->limit;
	struct charge by_site = {.word = place->word, .old = place->old, .tag = tag_of(place->hashes.site)};
	struct charge by_wider = {.tag = tag_of(place->hashes.wider)};
	__u64 now;

	if (S64_UNLIKELY(!limit->site.increment || !limit->wider.increment))
		return limit_charge_hashed(place->hashes.site, place->hashes.wider, id);
	now = limit_now(limit);
	if (S64_UNLIKELY(!slot_is_own(by_site.old, by_site.tag, now, &by_site.ahead)))
		return limit_charge_hashed(place->hashes.site, place->hashes.wider, id);
	if (rate_exceeded(&limit->site, &by_site))
		return S64_REASON_OVER_SITE_LIMIT;
	by_wider.word = &place->line->slot[own_slot_wider(place->hashes.wider)];
	by_wider.old = S64_READ_ONCE(*by_wider.word);
	if (S64_UNLIKELY(!slot_is_own(by_wider.old, by_wider.tag, now, &by_wider.ahead)))
		return limit_charge_hashed(place->hashes.site, place->hashes.wider, id);
	return charge_words(limit, &limit->wider, &by_site, &by_wider, now);
}

/* The same in a call, for where the verifier would follow it a hundred times. */
S64_GLOBAL_FUNCTION __u32 limit_charge_called(__u64 site, __u64 wide, __u32 id)
{
	struct limit_place place;

	return limit_find(&place, site, wide, id) ? limit_charge_quickly(&place, id) : S64_REASON_WITHIN_LIMIT;
}

#endif
