/* SPDX-License-Identifier: GPL-2.0-only */
/* The layout of the maps that datapath and controller share.
 *
 * Every map is an array that both sides address in memory (BPF_F_MMAPABLE); there is no hash map on
 * the packet path. slash64d is the only writer of what the datapath reads. A word is read and
 * written whole; where several words need an order, it is stated here.
 *
 * S64_LAYOUT is raised whenever a size, an offset or a meaning below changes. Pinned maps of
 * another layout are not used.
 */
#ifndef SLASH64_MAPS_H
#define SLASH64_MAPS_H

#include <slash64/classes.h>
#include <slash64/gcra.h>
#include <slash64/hash.h>
#include <slash64/reasons.h>
#include <slash64/source.h>

#ifndef S64_LAYOUT
#define S64_LAYOUT 6
#endif

/* --- blocklist: sources -------------------------------------------------------------------------
 *
 * A source can be in one of two buckets. It is inserted into the first if there is room. `overflow`
 * of a bucket is set if some source whose first bucket this is, is in its second one, so most
 * lookups end in one cache line. A reader looks at the first bucket, `overflow`, then the second
 * bucket. With this order of the writer it never misses an entry that stays:
 *
 *   insert   info, then key (release)
 *   move     only from the first bucket to the second: insert there, set `overflow`, then overwrite here
 *   remove   key = 0; `overflow` stays set until the table is rebuilt
 */
#define S64_BUCKET_KEYS 7

struct s64_bucket {
	/* the source; 0, which no source has (source.h), marks an empty slot */
	__u64 key[S64_BUCKET_KEYS];
	__u8 info[S64_BUCKET_KEYS]; /* S64_BLOCK_* */
	__u8 overflow;
} __attribute__((aligned(S64_CACHE_LINE)));

_Static_assert(sizeof(struct s64_bucket) == S64_CACHE_LINE, "a bucket is a cache line");
_Static_assert(offsetof(struct s64_bucket, overflow) == 63, "last byte");

/* The info of a source. 0 is a plain block. */
#define S64_BLOCK_FINER 0x80 /* longer prefixes within it are listed, and take precedence */
/* throttled to the limit S64_LIMIT_THROTTLE + low bits, not dropped */
#define S64_BLOCK_THROTTLE 0x40
#define S64_BLOCK_INDEX	   0x3f

/* --- blocklist: prefixes of any other length, and allowed prefixes ---------------------------------
 *
 * Buckets as above, but the key is a hash of the prefix and its length, never 0 (s64_prefix_key).
 * Two hashes are equal once in 2^64, and nobody who does not know the seed can cause that. A mask
 * by the upper 32 bits of an address tells which lengths exist. A lookup probes only those, the
 * longest first. Blocks within an allowed prefix are not inserted, so the longest match is always
 * right.
 *
 *   insert   the source index, then key and info as above, then the length
 *   remove   the key first; lengths and index may announce too much, never too little
 */
/* info: allowed; otherwise S64_BLOCK_THROTTLE and its index, or 0: blocked */
#define S64_PREFIX_ALLOW 0x80

#define S64_PREFIX_LENGTH_MIN 16
#define S64_PREFIX_SHORT      32 /* shorter lengths are announced for all addresses together */

/* Bit 128 - length: the lowest bit is the longest prefix. */
struct s64_prefix_lengths {
	__u64 mask[2];
};

#define S64_PREFIX_SLOTS    4096 /* by s64_prefix_slot(), and one more for the short lengths */
#define S64_LOCAL_LENGTHS   (S64_PREFIX_SLOTS + 1) /* the lengths of local prefixes, see below */
#define S64_LENGTHS_ENTRIES (S64_PREFIX_SLOTS + 2)

static __always_inline __u32 s64_prefix_slot(__u64 hi, const struct s64_seed *seed)
{
	return s64_scale(s64_hash64(hi >> 32, seed) >> 32, S64_PREFIX_SLOTS);
}

static __always_inline __u64 s64_prefix_key(__u64 hi, __u64 lo, __u32 length,
					    const struct s64_seed *seed)
{
	__u64 hash = s64_hash128(hi & s64_mask_hi(length), lo & s64_mask_lo(length), seed);

	hash = s64_hash64(hash + length, seed);
	return hash ? hash : 1;
}

/* The blocked Bloom filter in front: three bits in one 64-bit word. Clean traffic ends here. */
struct s64_bloom_line {
	__u64 word[8];
} __attribute__((aligned(S64_CACHE_LINE)));

#define S64_BLOOM_BITS_PER_KEY 8

/* --- block cache: sources found blocked lately, written by the datapath ----------------------------
 *
 * A million blocks do not fit into a CPU's cache, but the sources that send are few. If nearly
 * everything is blocked, this cache is probed before the buckets: sets of words, found by the hash
 * of the source, each for a source that is plainly blocked. The word is a fingerprint: the source
 * xor the generation, so a new generation invalidates all of them at once. Order:
 *
 *   datapath  generation, then the buckets, then the fingerprint of that generation
 *   writer    the change that makes a source no longer plainly blocked, then a new random generation
 */
#define S64_BLOCK_CACHE_ENTRIES 131072
#define S64_BLOCK_CACHE_SET	4

struct s64_block_cache {
	__u64 generation;
	__u64 reserved[7];
	__u64 fingerprint[S64_BLOCK_CACHE_ENTRIES];
} __attribute__((aligned(S64_CACHE_LINE)));

/* --- limiter -----------------------------------------------------------------------------------
 *
 * One entry for each pair of source and limit: a tag and the TAT of GCRA (gcra.h). An entry is live while its TAT is ahead by no more than the longest tolerance.
 * A slot is free once it has been expired for S64_TAT_MARGIN, or if it has no tag. There is no list
 * and no eviction. slash64d clears expired entries before the time wraps and they look live again.
 *
 * A bucket has seven entries and a control word. bpf/rate_limit.h describes how entries are
 * inserted so that none exists twice.
 */
#define S64_LIMITER_SLOTS 7
/* its own, its /48's, and one more, so that a full table still has free slots */
#define S64_LIMITER_ENTRIES_PER_SOURCE 3

struct s64_limiter_bucket {
	__u64 slot[S64_LIMITER_SLOTS];
	__u64 control; /* S64_BUCKET_* */
} __attribute__((aligned(S64_CACHE_LINE)));

_Static_assert(sizeof(struct s64_limiter_bucket) == S64_CACHE_LINE,
	       "a line of the limiter is a cache line");

#define S64_BUCKET_BUSY (1ULL << 0) /* a CPU is inserting an entry */
/* BUSY was set when slash64d last looked, and has not been set since */
#define S64_BUCKET_WAS_BUSY  (1ULL << 1)
#define S64_BUCKET_DISPLACED (1ULL << 2) /* a source of this bucket may be in its second bucket */
/* DISPLACED was set, but not since slash64d last looked */
#define S64_BUCKET_WAS_DISPLACED (1ULL << 3)

/* The last S64_FALLBACK_BUCKETS of the table are fallback entries without tags: sources without a free
 * slot share them.
 */
#define S64_FALLBACK_BUCKETS 512

struct s64_limit {
	struct s64_rate source;
	struct s64_rate aggregate; /* of the /48 */
	struct s64_rate fallback;  /* of a fallback entry; never 0 in a limit that is set */
	/* the burst does not cover a tick of traffic: use the nanosecond clock */
	__u32 exact_clock;
	/* part of the hash of this limit's entries; its id, or an override's own */
	__u32 key;
	__u32 reserved[2];
};

_Static_assert(sizeof(struct s64_limit) == S64_CACHE_LINE, "a limit is a cache line");

/* Limit ids, for each interface: a class has its own id; then come the features, then the rates of
 * throttles.
 */
#define S64_LIMIT_FEATURE  S64_CLASS_MAX
#define S64_LIMIT_THROTTLE (S64_CLASS_MAX + S64_FEATURE_MAX)
#define S64_THROTTLE_MAX   64
#define S64_LIMIT_MAX	   (S64_LIMIT_THROTTLE + S64_THROTTLE_MAX)

_Static_assert(S64_THROTTLE_MAX == S64_BLOCK_INDEX + 1, "a block's info names its throttle");

/* --- policy, one per interface ------------------------------------------------------------------- */

enum s64_iface_flag {
	S64_IFACE_MONITOR = 1U << 0,	   /* count the verdict, but pass the packet */
	S64_IFACE_BOGON_MONITOR = 1U << 1, /* count bogon sources, but pass them */
	S64_IFACE_BOGON_ENFORCE = 1U << 2,
	S64_IFACE_IPV4_ENFORCE = 1U << 3, /* blocks apply to native IPv4 too */
	S64_IFACE_ONE_LINK = 1U << 4,	  /* nothing is routed through it: a host, a bridge */
};

struct s64_iface_policy {
	__u32 flags;				 /* enum s64_iface_flag */
	__u32 feature_drop[S64_DIRECTION_COUNT]; /* masks of S64_FEATURE_BIT() */
	__u32 feature_limit[S64_DIRECTION_COUNT];
	__u32 reserved[11];
	__u8 action[S64_CLASS_MAX][S64_DIRECTION_COUNT]; /* enum s64_action */
} __attribute__((aligned(S64_CACHE_LINE)));

_Static_assert(sizeof(struct s64_iface_policy) == 192, "three cache lines");
_Static_assert(S64_DIRECTION_COUNT == 2 && S64_ACTION_PASS == 0,
	       "a class that passes is one word of 0");

/* Both directions of a class in one word: limited in both. */
#define S64_ACTIONS_LIMIT (S64_ACTION_LIMIT << 8 | S64_ACTION_LIMIT)

/* --- local addresses: a bucket table like the blocklist, of hashes of addresses ---------------------
 *
 * The router's own addresses and joined groups, to tell transit from local. Also prefixes that are
 * local as a whole (AnyIP, SRv6 SIDs), by s64_prefix_key(). Their lengths are in the entry
 * S64_LOCAL_LENGTHS, so if there are none, they cost one load.
 *
 *   insert   the key, then the length
 *   remove   the key first; the lengths may announce too much, never too little
 */
#define S64_LOCAL_BUCKETS 8192
/* this many always fit; usually more do */
#define S64_LOCAL_ROOM (S64_LOCAL_BUCKETS * 4)

static __always_inline __u64 s64_local_key(__u64 hi, __u64 lo, const struct s64_seed *seed)
{
	return s64_hash128(hi, lo, seed) | 1; /* 0 marks an empty slot */
}

/* --- counters: written by the datapath, a set for each CPU and interface ----------------------------
 */

struct s64_counter {
	__u64 packets;
	__u64 bytes;
};

/* Two planes: verdicts that were enforced, and those only counted under monitor. */
enum s64_outcome { S64_OUTCOME_ENFORCED, S64_OUTCOME_MONITORED, S64_OUTCOME_COUNT };

#define S64_CLASS_REASONS 64

/* What a CPU keeps between packets.
 *
 * Sampling: the next sample is taken after `left` more packets. A skip ends early if a whole tick
 * brought no sample, so it does not outlive the flood that made it long.
 *
 * Were most packets blocked lately? The score rises by one for each blocked packet and falls by
 * four for each other. Above half, which means more than four of five, the Bloom filter is not
 * asked: the result is the same, and a blocked packet reads one cache line less.
 *
 * Is it worth probing the block cache then? The score rises by four for each hit and falls by one
 * for each miss, so it is worth it above one hit in five. At 0, one packet of S64_BLOCK_CACHE_PROBE_EVERY
 * probes all the same.
 */
#define S64_BLOCKED_LATELY_MAX	    64
#define S64_BLOCK_CACHE_SCORE_MAX   64
#define S64_BLOCK_CACHE_PROBE_EVERY 16

/* What the datapath does beside its verdict while somebody wants it. All off, it is one word that is
 * 0: a load and a branch.
 */
enum s64_extra {
	S64_EXTRA_CAPTURE = 1U << 0, /* capture.h */
	S64_EXTRA_EXACT = 1U << 1,   /* exact.h */
	S64_EXTRA_PROOF = 1U << 2,   /* proof.h */
};

struct s64_cpu_state {
	__u64 tick;   /* the tick that `taken` counts */
	__u64 random; /* state of the random generator */
	__u32 left;
	__u32 skip; /* how many packets the next sample stands for */
	__u32 mask; /* 2^n - 1: a skip is uniform in 1 to 2 * mask + 1 */
	__u32 taken;
	__u32 blocked_lately;	 /* 0 to S64_BLOCKED_LATELY_MAX */
	__u32 block_cache_score; /* 0 to S64_BLOCK_CACHE_SCORE_MAX */
	__u32 extras;		 /* enum s64_extra: set by the controller */
	__u32 reserved;
	__u64 capture_matched; /* packets that were to be captured, ever */
	__u64 capture_lost;    /* those of them for which the ring had no room */
};

_Static_assert(sizeof(struct s64_cpu_state) == S64_CACHE_LINE, "one line, beside the counters");

struct s64_counters {
	struct s64_cpu_state cpu_state;
	struct s64_counter of_class[S64_OUTCOME_COUNT][S64_CLASS_MAX][S64_CLASS_REASONS];
	struct s64_counter of_parse[S64_OUTCOME_COUNT][S64_REASON_PARSE_MAX];
} __attribute__((aligned(S64_CACHE_LINE)));

_Static_assert(S64_CLASS_REASONS == (int)S64_REASON_PARSE, "reasons of classes come first");

/* --- samples: which sources were seen, written by the datapath --------------------------------------
 *
 * A CPU records one packet of `mask` + 1, at random, and how many it stands for. The mask grows if
 * more than S64_SAMPLES_PER_TICK would be recorded in a tick, and shrinks if there are fewer: in
 * calm every packet is recorded. Readers take what is before `head`; the writer never waits for
 * them.
 */
#ifndef S64_SAMPLE_SLOTS
#define S64_SAMPLE_SLOTS 4096
#endif
#define S64_SAMPLES_PER_TICK 16

struct s64_sample {
	__u64 src_key;
	__u64 src_hi, src_lo; /* host order, as all members; IPv4 as ::ffff:a.b.c.d */
	__u64 dst_hi, dst_lo;
	__u32 weight; /* packets it stands for */
	__u32 tick;   /* low half of the jiffies when it came */
	__u16 length; /* bytes of this packet */
	__u16 src_port, dst_port;
	__u16 link;	/* the outer VLAN, and what could be seen: S64_SAMPLE_... */
	__u8 protocol;	/* of the upper layer, or of the header where the walk ended */
	__u8 hop_limit; /* of IPv4: TTL */
	__u8 icmpv6_type, icmpv6_code;
	__u8 tcp_flags;
	__u8 iface_slot;
	__u8 class;
	__u8 reason; /* with S64_SAMPLE_MONITORED */
};

_Static_assert(sizeof(struct s64_sample) == S64_CACHE_LINE, "one cache line");

/* In a sample's link. Members of what could not be seen are 0. */
#define S64_SAMPLE_VLAN	   0x0fff /* 0: none */
#define S64_SAMPLE_NETWORK 0x4000 /* destination, protocol, and hop limit */
#define S64_SAMPLE_UPPER   0x8000 /* ports, or type and code, and TCP flags */

/* In a sample's reason: the packet passed, and would be dropped for this reason if its interface
 * did not only monitor.
 */
#define S64_SAMPLE_MONITORED 0x80

_Static_assert(S64_REASON_COUNT <= S64_SAMPLE_MONITORED, "a bit of its own");

struct s64_samples {
	__u64 head; /* samples ever written; slot = head % S64_SAMPLE_SLOTS */
	__u64 reserved[7];
	struct s64_sample slot[S64_SAMPLE_SLOTS];
} __attribute__((aligned(S64_CACHE_LINE)));

/* --- set by replay and tests for each packet, with the result (S64_CLOCK_TEST) ---------------------
 */
enum s64_step {
	S64_STEP_ALL,
	S64_STEP_PARSE,	   /* stop after bytes to packet */
	S64_STEP_CLASSIFY, /* stop after packet to class */
};

enum s64_test_direction {
	S64_TEST_BY_ADDRESS,
	S64_TEST_TRANSIT,
	S64_TEST_LOCAL,
};

struct s64_test_ctx {
	__u64 now;	   /* units of 16 ns */
	__u32 wire_length; /* bytes of the frame on the wire, if it was cut short */
	__u16 step;	   /* enum s64_step */
	__u16 direction;   /* enum s64_test_direction */
	/* the result */
	__u64 src_key;
	__u8 class;
	__u8 reason;
	__u8 icmpv6_type;
	__u8 icmpv6_code;
	__u8 next_header;
	__u8 non_first_fragment;
	__u16 reserved;
};

_Static_assert(sizeof(struct s64_test_ctx) == 32, "no holes");

/* --- written into the program by the controller when it is loaded (.rodata) -------------------------
 *
 * Constants for the verifier: branches on them cost nothing.
 */
enum s64_clock {
	S64_CLOCK_KERNEL, /* jiffies, or nanoseconds if a limit needs them */
	S64_CLOCK_TEST,	  /* set by the controller for each packet: replay and tests */
	S64_CLOCK_STEPS,  /* the kernel's, in a program whose steps can be skipped: benchmarks */
	S64_CLOCK_NEVER,  /* none */
};

/* Steps that a benchmark skips to measure their cost. */
enum s64_skip {
	S64_SKIP_CHAIN = 1U << 0,
	S64_SKIP_SOURCE = 1U << 1,
	S64_SKIP_VALIDATE = 1U << 2,
	S64_SKIP_BLOCKS = 1U << 3,
	S64_SKIP_POLICY = 1U << 4,
	S64_SKIP_COUNT = 1U << 5,
	S64_SKIP_REPORT = 1U << 6,
	S64_SKIP_LIMIT = 1U << 7,
};

struct s64_config {
	struct s64_seed seed;
	__u32 iface_slot;
	__u32 counters; /* index of its counters of CPU 0 */
	__u32 blocks_buckets;
	__u32 prefix_buckets;
	__u32 bloom_lines;
	__u32 limiter_buckets; /* those with tags */
	__u32 clock;	       /* enum s64_clock */
	__u32 tick_ns;	       /* the length of a jiffy */
	/* possible CPUs: s64_counters has one entry for each, by interface */
	__u32 cpus;
	__u32 skip;		/* enum s64_skip */
	__s64 jiffies_ahead_ns; /* jiffies as time, minus CLOCK_MONOTONIC */
};

/* --- facts about the maps: pinned with them, read by whoever adopts them ---------------------------
 */
#define S64_IFACES_MAX	   256
#define S64_IFACE_NAME_MAX 128 /* ALTIFNAMSIZ: the length of alternative names */

/* An interface that has the program. name "" is a free slot. */
struct s64_iface_slot {
	char name[S64_IFACE_NAME_MAX];
	__u32 ifindex;
	__u32 program_id;
	__u32 mode;    /* 0 native, 1 generic */
	__u32 method;  /* 0 direct, 1 dispatcher */
	__u64 program; /* hash of the object it was loaded from */
};

struct s64_meta {
	__u32 layout; /* S64_LAYOUT; written last */
	__u32 blocks; /* capacity, entries */
	__u32 blocks_buckets;
	__u32 prefixes; /* capacity, allowed ones included */
	__u32 prefix_buckets;
	__u32 bloom_lines;
	__u32 limiter_buckets;
	__u32 iface_slots;
	__u32 cpus;
	__u32 tick_ns;		/* the length of a jiffy */
	__s64 jiffies_ahead_ns; /* jiffies as time, minus CLOCK_MONOTONIC */
	struct s64_seed seed;
	struct s64_iface_slot iface[S64_IFACES_MAX];
	/* a hash of the pin directory: identifies the owner, even if the pins are gone. Last in
	 * every layout
	 */
	__u64 owner;
};

_Static_assert(sizeof(struct s64_meta) == offsetof(struct s64_meta, owner) + sizeof(__u64),
	       "found from the end");

/* What the program of an interface slot is loaded with. */
static inline struct s64_config s64_config_of(const struct s64_meta *meta, __u32 slot)
{
	return (struct s64_config){
		.seed = meta->seed,
		.iface_slot = slot,
		.counters = slot * meta->cpus,
		.blocks_buckets = meta->blocks_buckets,
		.prefix_buckets = meta->prefix_buckets,
		.bloom_lines = meta->bloom_lines,
		.limiter_buckets = meta->limiter_buckets,
		.tick_ns = meta->tick_ns,
		.cpus = meta->cpus,
		.jiffies_ahead_ns = meta->jiffies_ahead_ns,
	};
}

#endif
