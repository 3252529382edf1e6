/* SPDX-License-Identifier: GPL-2.0-only */
/* Step 4b: the limiter, GCRA (ITU-T I.371 A.2). A packet is within the limit iff TAT - now + T does not
 * exceed the window, and then TAT becomes max(TAT, now) + T. A packet that is over writes nothing, so
 * that under a flood the cache line stays shared among processors.
 *
 * A site's word and that of its /48 lie in one line, found by the /48; a site for which there is no room
 * goes to a second line, found by the site. Where there is no room either, the packet is charged to its
 * /48 alone, and where that has no slot, to a word without a tag that several share.
 *
 * Races, all bounded: two processors that put in the same site at once make two words of it, the second
 * of which is never found again and dies with its window; who loses a compare-and-swap four times passes
 * uncharged; a site may be charged one packet that its /48 then refuses.
 */
#ifndef SLASH64_BPF_LIMIT_H
#define SLASH64_BPF_LIMIT_H

#include <slash64/site.h>

#include "tables.h"

#define S64_LIMIT_TRIES 4

/* Which word a packet is charged to, as it was read. */
struct charge {
	__u64 *word;
	__u64 old;
	__u64 tag; /* in place: the upper 24 bits */
};

static __always_inline __u64 tag_of(__u64 hash)
{
	return hash << S64_TAT_BITS;
}

/* How far a TAT lies ahead, modulo 2^40. */
static __always_inline __u64 tat_ahead(__u64 word, __u64 now)
{
	return (word - now) & S64_TAT_MASK;
}

/* Look for a tag in a line, else for a free slot but `taken`. NULL where there is neither. */
static __always_inline __u64 *line_find(struct s64_limiter_line *line, __u64 tag, __u64 now,
					const __u64 *taken, __u64 *old)
{
	S64_UNROLL
	for (int i = 0; i < S64_LIMITER_SLOTS; i++) {
		__u64 word = S64_READ_ONCE(line->slot[i]);

		if ((word & ~S64_TAT_MASK) == tag && tat_ahead(word, now) <= S64_WINDOW_MAX) {
			*old = word;
			return &line->slot[i];
		}
	}
	S64_UNROLL
	for (int i = 0; i < S64_LIMITER_SLOTS; i++) {
		__u64 word = S64_READ_ONCE(line->slot[i]);

		if (&line->slot[i] != taken &&
		    (word == 0 || tat_ahead(word, now) - 1 >= S64_WINDOW_MAX)) {
			*old = word;
			return &line->slot[i];
		}
	}
	return NULL;
}

/* The word's TAT counts only if it is this limit's: no further ahead than its window reaches. */
static __always_inline __u64 rate_ahead(const struct s64_rate *rate, const struct charge *charge,
					__u64 now)
{
	__u64 ahead = tat_ahead(charge->old, now);

	if ((charge->old & ~S64_TAT_MASK) != charge->tag || ahead > rate->window)
		return 0;
	return ahead;
}

static __always_inline bool rate_exceeded(const struct s64_rate *rate, const struct charge *charge,
					  __u64 now)
{
	return rate_ahead(rate, charge, now) + rate->increment > rate->window;
}

static __always_inline void rate_commit(const struct s64_rate *rate, struct charge *charge, __u64 now)
{
	S64_UNROLL
	for (int i = 0; i < S64_LIMIT_TRIES; i++) {
		__u64 tat = now + rate_ahead(rate, charge, now) + rate->increment;
		__u64 seen = __sync_val_compare_and_swap(charge->word, charge->old,
							 charge->tag | (tat & S64_TAT_MASK));

		if (seen == charge->old)
			return;
		if ((seen & ~S64_TAT_MASK) != charge->tag)
			return; /* another site took the slot; this packet goes free */
		charge->old = seen;
	}
}

/* Charge one packet of `site`, and of what is wider, to the limit `id`. S64_REASON_WITHIN_LIMIT or _WITHIN_WIDER_LIMIT where it
 * passes, S64_REASON_OVER_* where it does not.
 */
S64_GLOBAL_FUNCTION __u32 limit_charge(__u64 site, __u64 wide, __u32 id)
{
	const struct s64_limit *limit = limit_at(id);
	const struct s64_seed seed = config_seed();
	struct charge by_site = {}, by_wider = {};
	struct s64_limiter_line *line;
	__u64 site_hash, wider_hash, now;
	const struct s64_rate *wider;
	bool narrow;

	if (!limit || limit->shared.increment == 0)
		return S64_REASON_WITHIN_LIMIT;
	now = limit->exact_clock ? clock_exact() : clock_ticks();
	wider = &limit->wider;

	wider_hash = s64_hash128(wide, limit->key * 2, &seed);
	site_hash = s64_hash128(site, limit->key * 2 + 1, &seed);
	by_wider.tag = tag_of(wider_hash);
	by_site.tag = tag_of(site_hash);

	line = limiter_at(s64_scale(wider_hash >> 32, config.limiter_lines));
	if (!line)
		return S64_REASON_WITHIN_LIMIT;
	if (limit->wider.increment)
		by_wider.word = line_find(line, by_wider.tag, now, NULL, &by_wider.old);
	if (limit->site.increment)
		by_site.word = line_find(line, by_site.tag, now, by_wider.word, &by_site.old);
	if (limit->site.increment && !by_site.word) {
		line = limiter_at(s64_scale(site_hash >> 32, config.limiter_lines));
		if (line)
			by_site.word = line_find(line, by_site.tag, now, by_wider.word, &by_site.old);
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
		wider = &limit->shared;
	}

	if (by_site.word && rate_exceeded(&limit->site, &by_site, now))
		return S64_REASON_OVER_SITE_LIMIT;
	narrow = by_site.word || !limit->site.increment;
	if (by_wider.word && rate_exceeded(wider, &by_wider, now))
		return narrow && wider != &limit->shared ? S64_REASON_OVER_48_LIMIT :
							   S64_REASON_OVER_WIDER_LIMIT;
	if (by_site.word)
		rate_commit(&limit->site, &by_site, now);
	if (by_wider.word)
		rate_commit(wider, &by_wider, now);
	return narrow ? S64_REASON_WITHIN_LIMIT : S64_REASON_WITHIN_WIDER_LIMIT;
}

#endif
