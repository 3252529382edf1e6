/* SPDX-License-Identifier: GPL-2.0-only */
/* Exact counting of the few prefixes that detection suspects (user/detect). The samples say which
 * they are; before one is proposed, the datapath counts every packet of it for some seconds.
 *
 * A prefix is known by a hash of its bits and its level, so one lookup is needed for each level. A
 * filter of one bit for each prefix comes first: other packets end there. What is counted is never
 * set back: whoever reads it takes the difference to what it was, so a slot that is reused needs no
 * order, and a packet that is late changes a count by one.
 */
#ifndef SLASH64_EXACT_H
#define SLASH64_EXACT_H

#include <slash64/source.h>

#define S64_EXACT_LEVELS 4
#define S64_EXACT_SETS	 128
#define S64_EXACT_SET	 8
#define S64_EXACT_SLOTS	 (S64_EXACT_SETS * S64_EXACT_SET)

#define S64_EXACT_FILTER_WORDS 64

struct s64_exact_set {
	__u64 id[S64_EXACT_SET]; /* s64_exact_id(); 0 marks a free slot. Written last, cleared first */
	__u64 classes[S64_EXACT_SET]; /* those that its rule looks at, a bit for each */
};

/* What is counted, for all CPUs. slash64d writes it. */
struct s64_exact_asked {
	__u64 until;		      /* jiffies: nothing is counted from then on */
	__u64 mask[S64_EXACT_LEVELS]; /* of the upper half of an address */
	__u32 levels;
	__u32 first_is_source; /* what the limiter takes for a source is one of the first level */
	__u64 reserved[2];
	__u64 filter[S64_EXACT_FILTER_WORDS];
	struct s64_exact_set set[S64_EXACT_SETS];
} __attribute__((aligned(S64_CACHE_LINE)));

/* Of the packets in those classes, ever; only `all_packets` is of every class. */
struct s64_exact {
	__u64 packets, bytes, syn;
	__u64 dropped; /* by the policy */
	__u64 blocked; /* by a block or a throttle */
	__u64 proven;  /* from sources that are proven (proof.h) */
	__u64 all_packets;
	__u64 reserved;
};

_Static_assert(sizeof(struct s64_exact) == S64_CACHE_LINE, "a cache line");

/* Of one CPU, which alone writes it. */
struct s64_exact_counts {
	struct s64_exact slot[S64_EXACT_SLOTS];
};

/* An IPv4 address and a neighbour on the link are part of no prefix. */
static __always_inline bool s64_is_part_of_a_prefix(__u64 src_key)
{
	return !s64_src_key_is_v4(src_key) && src_key >> 48 != 0xfe80;
}

/* What an address is within at a level; 0: nothing. */
static __always_inline __u64 s64_level_key(__u32 level, bool first_is_source, __u64 mask,
					   __u64 src_key, __u64 src_hi)
{
	bool is_part = s64_is_part_of_a_prefix(src_key);

	if (!level && (first_is_source || !is_part))
		return src_key;
	return is_part ? src_hi & mask : 0;
}

static __always_inline __u64 s64_exact_id(__u32 level, __u64 key, const struct s64_seed *seed)
{
	__u64 id = s64_hash64(key + level * 0x9e3779b97f4a7c15ULL, seed);

	return id ? id : 1;
}

static __always_inline __u32 s64_exact_set_of(__u64 id)
{
	return id >> 32 & (S64_EXACT_SETS - 1);
}

static __always_inline __u32 s64_exact_filter_word(__u64 id)
{
	return id >> 40 & (S64_EXACT_FILTER_WORDS - 1);
}

static __always_inline __u64 s64_exact_filter_bit(__u64 id)
{
	return 1ULL << (id & 63);
}

#endif
