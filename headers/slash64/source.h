/* SPDX-License-Identifier: GPL-2.0-only */
/* The key of a source: the 64 bits by which the limiter and the blocklist know it. One definition,
 * compiled on both sides. All addresses and keys are in host order: hi is the upper half of an
 * address.
 *
 *   source                                 its key
 *   native                                 its /64: the upper half
 *   native, of a configured length <= 64   the upper half, cut to that length
 *   native, longer than that, and ISATAP   a hash of the address, cut, behind 0xff, which no source starts with
 *   translated or tunnelled IPv4, and      2002:V4::/48, in whatever form it came; no native /64 is that, because
 *   IPv4 itself                            all of 2002::/16 is 6to4
 *   link-local (RFC 4291 2.5.6)            fe80 and a hash of the address: one /64 holds every neighbour
 *   ::/64, which contains ::               S64_SRC_KEY_OF_ZERO, because 0 marks an empty slot
 *
 * Rules tell which form a source has. The controller fills them in: the general ones
 * (S64_SOURCE_RULES) and those of the configuration.
 */
#ifndef SLASH64_SOURCE_H
#define SLASH64_SOURCE_H

#include <slash64/hash.h>

enum s64_source_kind {
	S64_SOURCE_KIND_NATIVE,
	S64_SOURCE_KIND_LENGTH, /* native, of another length */
	S64_SOURCE_KIND_NAT64,	/* RFC 6052 2.2 */
	S64_SOURCE_KIND_TEREDO, /* RFC 4380 4 */
	S64_SOURCE_KIND_6TO4,	/* RFC 3056 2 */
	S64_SOURCE_KIND_ISATAP, /* RFC 5214 6.1, identified by the interface identifier */
	S64_SOURCE_KIND_LINK_LOCAL,
	S64_SOURCE_KIND_COUNT
};

/* X(upper half, lower half, length of the prefix, kind) */
#define S64_SOURCE_RULES(X)                     \
	X(0x0064ff9b00000000ULL, 0, 96, NAT64)  \
	X(0x2001000000000000ULL, 0, 32, TEREDO) \
	X(0x2002000000000000ULL, 0, 16, 6TO4)   \
	X(0xfe80000000000000ULL, 0, 10, LINK_LOCAL)

struct s64_source_rule {
	__u64 hi, hi_mask;
	__u64 lo, lo_mask;
	__u8 used;
	__u8 kind;	    /* enum s64_source_kind */
	__u8 length;	    /* of the prefix: position of the IPv4 address in NAT64 */
	__u8 source_length; /* S64_SOURCE_KIND_LENGTH: 16 to 128 */
	__u32 reserved[7];
};

_Static_assert(sizeof(struct s64_source_rule) == 64, "a cache line");

#define S64_SOURCE_RULES_MAX 128

/* The first rule that matches counts, so longer prefixes come first. There are two sets, one of
 * which is in force, so a packet never sees half of one.
 */
struct s64_source_rules {
	__u32 in_force; /* 0 or 1 */
	__u32 reserved[15];
	struct s64_source_rule set[2][S64_SOURCE_RULES_MAX];
};

#define S64_SOURCE_NATIVE_LENGTH 64

/* Replaces key 0, because no key may equal the mark of an empty slot. It starts like a hashed key,
 * and equals one hash in 2^56.
 */
#define S64_SRC_KEY_OF_ZERO (0xffULL << 56)

/* The key made of the upper bits of an address. */
static __always_inline __u64 s64_src_key_of_bits(__u64 hi)
{
	return S64_LIKELY(hi) ? hi : S64_SRC_KEY_OF_ZERO;
}

static __always_inline bool s64_is_link_local(__u64 hi)
{
	return (hi >> 54) == (0xfe80 >> 6);
}

static __always_inline bool s64_is_multicast(__u64 hi)
{
	return (hi >> 56) == 0xff;
}

static __always_inline __u64 s64_src_key_of_v4(__u32 address)
{
	return 0x2002ULL << 48 | (__u64)address << 16;
}

static __always_inline bool s64_src_key_is_v4(__u64 src_key)
{
	return src_key >> 48 == 0x2002;
}

static __always_inline __u32 s64_src_key_v4(__u64 src_key)
{
	return src_key >> 16;
}

static __always_inline bool s64_src_key_is_hashed(__u64 src_key)
{
	return src_key >> 56 == 0xff;
}

/* The upper `length` bits of each half; any length from 0 to 128. */
static __always_inline __u64 s64_mask_hi(__u32 length)
{
	return length >= 64 ? ~0ULL : length == 0 ? 0 : ~0ULL << (64 - length);
}

static __always_inline __u64 s64_mask_lo(__u32 length)
{
	return length <= 64 ? 0 : length >= 128 ? ~0ULL : ~0ULL << (128 - length);
}

/* The key of a source longer than 64 bits. */
static __always_inline __u64 s64_src_key_hashed(__u64 hi, __u64 lo, __u32 length,
						const struct s64_seed *seed)
{
	return 0xffULL << 56 |
	       s64_hash128(hi & s64_mask_hi(length), lo & s64_mask_lo(length), seed) >> 8;
}

/* Hashes the whole address, because all of fe80::/10 counts as link-local. The hash is keyed: a
 * neighbour chooses its address, and must not find one that collides with another's, for example
 * the gateway's, which would be blocked with it.
 */
static __always_inline __u64 s64_src_key_link_local(__u64 hi, __u64 lo, const struct s64_seed *seed)
{
	return 0xfe80ULL << 48 | s64_hash128(hi, lo, seed) >> 16;
}

/* Where the 32 bits are (RFC 6052 2.2). Bits 64 to 71 are zero there; a sender that sets them
 * counts as the same address, or it could bypass a block.
 */
static __always_inline __u32 s64_nat64_v4(__u64 hi, __u64 lo, __u32 length)
{
	switch (length) {
	case 32:
		return hi;
	case 40:
		return (__u32)hi << 8 | (lo >> 48 & 0xff);
	case 48:
		return (__u32)hi << 16 | (lo >> 40 & 0xffff);
	case 56:
		return (__u32)hi << 24 | (lo >> 32 & 0xffffff);
	case 64:
		return lo >> 24;
	}
	return lo; /* 96 */
}

static __always_inline bool s64_is_isatap(__u64 lo)
{
	return (lo >> 32 & ~0x02000000ULL) == 0x00005efe;
}

static __always_inline bool s64_source_rule_matches(const struct s64_source_rule *rule, __u64 hi,
						    __u64 lo)
{
	return (hi & S64_READ(rule->hi_mask)) == S64_READ(rule->hi) &&
	       (lo & S64_READ(rule->lo_mask)) == S64_READ(rule->lo);
}

/* The key of a source that a rule matched. *length: a longer prefix is a part of the source. */
static __always_inline __u64 s64_src_key_by_rule(const struct s64_source_rule *rule, __u64 hi,
						 __u64 lo, const struct s64_seed *seed,
						 __u32 *length)
{
	*length = 128;
	switch (S64_READ(rule->kind)) {
	case S64_SOURCE_KIND_NAT64:
		return s64_src_key_of_v4(s64_nat64_v4(hi, lo, S64_READ(rule->length)));
	case S64_SOURCE_KIND_TEREDO:
		return s64_src_key_of_v4(~(__u32)lo);
	case S64_SOURCE_KIND_6TO4:
		return s64_src_key_of_v4(hi >> 16);
	case S64_SOURCE_KIND_LINK_LOCAL:
		return s64_src_key_link_local(hi, lo, seed);
	case S64_SOURCE_KIND_ISATAP:
		if (s64_is_isatap(lo))
			return s64_src_key_hashed(hi, lo, 128, seed);
		break;
	case S64_SOURCE_KIND_LENGTH:
		*length = S64_READ(rule->source_length);
		if (*length > 64)
			return s64_src_key_hashed(hi, lo, *length, seed);
		return s64_src_key_of_bits(hi & s64_mask_hi(*length));
	}
	*length = S64_SOURCE_NATIVE_LENGTH;
	return s64_src_key_of_bits(hi);
}

/* The aggregate of a source: its /48; on the link, all neighbours together; an IPv4 address has
 * none. `hi` is the source's.
 */
static __always_inline __u64 s64_src_key_aggregate(__u64 src_key, __u64 hi)
{
	if (S64_UNLIKELY(s64_src_key_is_hashed(src_key)))
		src_key = hi;
	if (S64_UNLIKELY((src_key >> 48) == 0xfe80))
		return 0xfe80ULL << 48;
	return src_key & ~0xffffULL;
}

#endif
