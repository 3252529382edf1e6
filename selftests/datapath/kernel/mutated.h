/* SPDX-License-Identifier: GPL-2.0-only */
/* Random frames: well-formed ones of every kind that the datapath distinguishes, mostly such that a
 * single step can reject them, and mutations of these. Everything is derived from the seed.
 */
#ifndef SLASH64_PROG_MUTATED_H
#define SLASH64_PROG_MUTATED_H

#include "native.h"

#define FRAME_BYTES_MIN 14   /* the kernel runs a program on no less */
#define FRAME_BYTES_MAX 3400 /* and has no more in one buffer */
/* so that one of 2048 bytes still fits, with everything that may follow it */
#define LONG_HEADER_MAX 600

static uint64_t random_state;

static inline uint64_t random64(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state * 0x2545f4914f6cdd1dULL;
}

static inline uint32_t below(uint32_t n)
{
	return (random64() >> 32) * n >> 32;
}

static inline bool one_in(uint32_t n)
{
	return below(n) == 0;
}

/* --- addresses --- */

#define POOL_MAX   2048
#define POOL_LOCAL 32
#define POOL_V4	   64

/* The entries of the maps, from which sources and destinations are drawn. */
static struct {
	struct prefix listed[POOL_MAX];
	unsigned int listed_count;
	struct prefix local[POOL_LOCAL];
	uint32_t v4[POOL_V4];
} pool;

struct address {
	uint64_t hi, lo;
};

/* Few enough that they recur and reach their limits. */
static inline struct address random_native(void)
{
	return (struct address){0x2a00000000000000ULL | (uint64_t)below(8) << 32 |
					(uint64_t)below(4) << 16 | below(16),
				one_in(4) ? random64() : below(16)};
}

static inline struct address within(const struct prefix *prefix)
{
	return (struct address){prefix_hi(prefix) | (random64() & ~s64_mask_hi(prefix->length)),
				prefix_lo(prefix) | (random64() & ~s64_mask_lo(prefix->length))};
}

static inline uint32_t random_v4(void)
{
	return one_in(4) ? (uint32_t)random64() : pool.v4[below(POOL_V4)];
}

/* An IPv4 address in one of its forms; those of the configuration are in the rules of the test. */
static inline struct address random_disguise(void)
{
	uint64_t v4 = random_v4();

	switch (below(7)) {
	case 0:
		return (struct address){0x0064ff9b00000000ULL, v4};
	case 1:
		return (struct address){0x2001000000000000ULL | below(4),
					random64() << 32 | (~v4 & 0xffffffff)};
	case 2:
		return (struct address){0x2002000000000000ULL | v4 << 16 | below(4), random64()};
	case 3:
		return (struct address){0, 0xffffULL << 32 | v4};
	case 4: /* RFC 6052, a /40 */
		return (struct address){0x2a00000112000000ULL | v4 >> 8, (v4 & 0xff) << 48};
	case 5: /* ISATAP */
		return (struct address){0x2a0000005efe0000ULL | below(2),
					0x00005efe00000000ULL | v4};
	}
	return (struct address){0x2a00000300040005ULL, v4 << 24};
}

static inline struct address random_special(void)
{
	static const struct {
		uint64_t hi, lo;
		uint8_t length;
	} special[] = {
#define X(upper, lower, bits, ...) {upper, lower, bits},
		S64_SPECIAL_PREFIXES(X)
#undef X
	};
	unsigned int i = below(sizeof(special) / sizeof(*special));
	struct prefix prefix = prefix_of_bits(special[i].hi, special[i].lo, special[i].length);

	return within(&prefix);
}

static inline struct address random_link_local(void)
{
	return (struct address){0xfe80000000000000ULL, one_in(8) ? random64() : below(32)};
}

static inline struct address random_source(void)
{
	switch (below(16)) {
	case 0:
	case 1:
	case 2:
	case 3:
		return within(&pool.listed[below(pool.listed_count)]);
	case 4:
	case 5:
		return random_disguise();
	case 6:
		return random_special();
	case 7:
		return random_link_local();
	case 8:
		return (struct address){random64(), random64()};
	}
	return random_native();
}

static inline struct address random_group(void)
{
	static const uint16_t scopes[] = {0xff01, 0xff02, 0xff02, 0xff02,
					  0xff05, 0xff08, 0xff0e, 0xff3e};
	uint64_t hi = (uint64_t)scopes[below(8)] << 48;

	if (one_in(2))
		return (struct address){0xff02ULL << 48, 0x1ff000000ULL | below(1 << 24)};
	return (struct address){hi, below(32)};
}

static inline struct address random_destination(void)
{
	switch (below(8)) {
	case 0:
	case 1:
		return within(&pool.local[below(POOL_LOCAL)]);
	case 2:
		return random_link_local();
	case 3:
		return random_group();
	}
	return random_native();
}

static inline void put_be64(struct frame *f, uint64_t v)
{
	v = __builtin_bswap64(v);
	put(f, &v, 8);
}

/* --- behind the extension headers --- */

static inline void put_random(struct frame *f, size_t n)
{
	while (n--)
		put8(f, random64() >> 56);
}

/* Facts of a frame on which its parts have to agree. */
struct shape {
	uint8_t upper;
	uint8_t icmpv6_type;
	uint8_t hop_limit;
	bool link;	   /* a link-scope message */
	bool router_alert; /* and a message that requires it */
	bool jumbo;
	struct address src, dst;
};

/* The options of neighbour discovery (RFC 4861 4.6). */
static inline void put_nd_options(struct frame *f)
{
	unsigned int options = one_in(50) ? below(60) : below(4);

	while (options--) {
		uint8_t units = one_in(30) ? below(256) : 1;

		put8(f, 1 + below(5));
		put8(f, units);
		put_random(f, 6);
	}
}

static inline void put_message(struct frame *f, const struct shape *shape)
{
	static const uint8_t fixed[] = {[133 - 133] = 4,
					[134 - 133] = 12,
					[135 - 133] = 20,
					[136 - 133] = 20,
					[137 - 133] = 36};
	uint8_t type = shape->icmpv6_type;

	put8(f, type);
	put8(f, one_in(10) ? below(256) : type <= 4 ? below(10) : 0);
	put_zeros(f, 2);
	if (one_in(12)) {
		put_random(f, below(40));
	} else if (type >= 133 && type <= 137) {
		put8(f, random64());
		put_zeros(f, 3);
		put8(f, one_in(8) ? 0xff : 0xfe);
		put_random(f, fixed[type - 133] > 5 ? fixed[type - 133] - 5 : 0);
		if (type == 133)
			f->bytes--; /* it has no target */
		put_nd_options(f);
	} else if (type == 2) {
		put16(f, 0);
		put16(f, one_in(2) ? 1500 : below(1500));
	} else {
		put_random(f, 4 + 4 * below(16));
	}
}

static inline void put_upper(struct frame *f, const struct shape *shape)
{
	switch (shape->upper) {
	case S64_PROTO_TCP:
		put_tcp(f, one_in(2) ? S64_TCP_SYN : random64());
		break;
	case S64_PROTO_UDP:
		put_udp(f);
		break;
	case S64_PROTO_ICMPV6:
		put_message(f, shape);
		return;
	}
	put_random(f, below(24));
}

/* --- extension headers --- */

static const uint8_t extension_types[] = {S64_PROTO_HOP_BY_HOP, S64_PROTO_DESTINATION,
					  S64_PROTO_ROUTING,	S64_PROTO_FRAGMENT,
					  S64_PROTO_AH,		S64_PROTO_MOBILITY,
					  S64_PROTO_HIP,	S64_PROTO_SHIM6};

static inline uint8_t random_extension(void)
{
	return extension_types[below(sizeof(extension_types))];
}

/* Options up to the end of `bytes`. Known ones are as frequent as all others. */
static inline void put_options(struct frame *f, unsigned int bytes, bool router_alert, bool jumbo)
{
	static const uint8_t known[] = {0x01, 0x04, 0x05, 0x07, 0x08, 0x0f, 0x11, 0x12, 0x23, 0x26,
					0x30, 0x31, 0x4d, 0x63, 0x6d, 0x8a, 0x8b, 0x8c, 0xc9, 0xee};
	while (bytes) {
		unsigned int length = bytes < 2 ? 0 : bytes > 257 ? 255 : bytes - 2;

		if (bytes < 2 || (bytes < 40 && one_in(16))) {
			put8(f, 0);
			bytes--;
			continue;
		}
		if (bytes >= 6 && jumbo) {
			put16(f, 0xc204);
			put16(f, one_in(8) ? 0 : 1);
			put16(f, below(64));
			jumbo = false;
			bytes -= 6;
			continue;
		}
		if (bytes >= 4 && router_alert) {
			put16(f, 0x0502);
			put16(f, 0);
			router_alert = false;
			bytes -= 4;
			continue;
		}
		if (length > 4 && one_in(2))
			length = below(length);
		put8(f, one_in(3) ? known[below(sizeof(known))] : one_in(4) ? random64() : 1);
		put8(f, one_in(100) ? random64() : length);
		put_zeros(f, length);
		bytes -= length + 2;
	}
}

static inline void put_fragment(struct frame *f, uint8_t next)
{
	static const uint16_t words[] = {0,	    0,	    1,		 1,	 1,	8 * 8,
					 8 * 8 + 1, 32 | 1, 8 * 180 + 1, 0xfff8, 0xfff9};

	put8(f, next);
	put8(f, one_in(4) ? random64() : 0);
	put16(f, one_in(8) ? random64() : words[below(11)]);
	put_random(f, 4);
}

static inline void put_extension(struct frame *f, uint8_t type, uint8_t next,
				 const struct shape *shape)
{
	unsigned int units = one_in(3) ? below(6) : 0;

	if (type == S64_PROTO_FRAGMENT) {
		put_fragment(f, next);
		return;
	}
	if (one_in(150) && f->bytes < LONG_HEADER_MAX)
		units = 255;
	put8(f, next);
	if (type == S64_PROTO_AH) {
		put8(f, one_in(20) ? 0 : units * 2 + 4);
		put_zeros(f, units * 8 + 22);
		return;
	}
	put8(f, units);
	if (type == S64_PROTO_HOP_BY_HOP || type == S64_PROTO_DESTINATION) {
		put_options(f, units * 8 + 6, shape->router_alert && type == S64_PROTO_HOP_BY_HOP,
			    shape->jumbo || one_in(24));
		return;
	}
	put8(f, one_in(8) ? random64() : below(6));
	put_zeros(f, units * 8 + 5);
}

#define CHAIN_MAX 15

/* Their number. They are chosen before they are written, because each header names the next. */
static inline unsigned int random_chain(uint8_t chain[CHAIN_MAX], const struct shape *shape)
{
	unsigned int n = one_in(3) ? 1 + below(3) : 0;

	if (one_in(100))
		n = 10 + below(CHAIN_MAX - 10);
	if (shape->jumbo || (shape->router_alert && !one_in(6)))
		n = n ? n : 1;
	for (unsigned int i = 0; i < n; i++) {
		chain[i] = random_extension();
		/* mostly in a valid order */
		if (i && chain[i] == S64_PROTO_HOP_BY_HOP && !one_in(20))
			chain[i] = S64_PROTO_DESTINATION;
		if (n > 3 && chain[i] == S64_PROTO_FRAGMENT && !one_in(20))
			chain[i] = S64_PROTO_DESTINATION;
	}
	if ((shape->router_alert || shape->jumbo) && n)
		chain[0] = S64_PROTO_HOP_BY_HOP;
	return n;
}

static inline void put_chain(struct frame *f, const uint8_t *chain, unsigned int n,
			     const struct shape *shape)
{
	for (unsigned int i = 0; i < n; i++)
		put_extension(f, chain[i], i + 1 < n ? chain[i + 1] : shape->upper, shape);
}

/* --- whole frames --- */

static inline void random_link(struct frame *f)
{
	static const uint16_t tags[] = {0x8100, 0x88a8, 0x9100, 0x9200, 0x9300};
	static const uint8_t snap[] = {0xaa, 0xaa, 3, 0, 0};
	unsigned int n = one_in(8) ? 1 + below(one_in(4) ? 10 : 2) : 0;

	ethernet(f, 0);
	f->bytes -= 2;
	while (n--) {
		if (one_in(8)) {
			put16(f, below(one_in(4) ? 0x700 : 0x600));
			put(f, snap, sizeof(snap));
			put8(f, one_in(4) ? random64() : one_in(2) ? 0xf8 : 0);
		} else {
			put16(f, tags[below(5)]);
			put16(f, random64());
		}
	}
}

static inline void random_ipv4(struct frame *f)
{
	bool session = one_in(8);
	uint32_t v4 = __builtin_bswap32(random_v4());

	put16(f, session ? 0x8864 : 0x0800);
	if (session) {
		put16(f, 0x1100);
		put16(f, 1);
		put16(f, 22);
		put16(f, 0x0021);
	}
	put8(f, one_in(16) ? random64() : 0x45);
	put_random(f, 11);
	put(f, &v4, 4);
	put_random(f, 4);
}

static inline void random_pppoe(struct frame *f)
{
	put16(f, 0x8864);
	put16(f, one_in(32) ? random64() : 0x1100);
	put16(f, 1);
	put16(f, one_in(16) ? random64() : 1400);
	if (one_in(3))
		put8(f, 0x57);
	else
		put16(f, one_in(16) ? random64() : 0x0057);
}

static inline void random_message(struct shape *shape)
{
	static const uint8_t often[] = {1,   2,	  3,   4,   128, 128, 129, 130, 131,
					132, 133, 134, 135, 135, 136, 136, 137, 143};
	uint8_t type = one_in(3) ? (uint8_t)random64() : often[below(sizeof(often))];

	shape->icmpv6_type = type;
	shape->link = type >= 130 && type <= 153 && (type < 138 || type > 140) &&
		      (type < 144 || type > 147);
	shape->router_alert = (type >= 130 && type <= 132) || type == 143;
	if (!shape->link)
		return;
	if (!one_in(12))
		shape->hop_limit = shape->router_alert || type > 150 ? 1 : 255;
	if (!one_in(4))
		shape->src = one_in(5) ? (struct address){0, 0} : random_link_local();
	if (!one_in(3))
		shape->dst = one_in(2) ? random_group() : random_link_local();
}

static inline struct shape random_shape(void)
{
	struct shape shape = {.hop_limit = one_in(8) ? random64() : 64,
			      .jumbo = one_in(50),
			      .src = random_source(),
			      .dst = random_destination()};

	switch (below(8)) {
	case 0:
	case 1:
		shape.upper = S64_PROTO_TCP;
		break;
	case 2:
		shape.upper = S64_PROTO_UDP;
		break;
	case 3:
		shape.upper = random64();
		break;
	default:
		shape.upper = S64_PROTO_ICMPV6;
		random_message(&shape);
	}
	return shape;
}

/* All fragments except the last carry a multiple of 8 bytes; a first one may end within its
 * headers.
 */
static inline void cut_fragment(struct frame *f, uint32_t headers)
{
	if (one_in(5))
		return;
	if (one_in(4) && f->bytes > headers + 8)
		f->bytes = headers + 8;
	while ((f->bytes - headers) % 8)
		f->bytes--;
}

static inline void random_ipv6(struct frame *f)
{
	struct shape shape = random_shape();
	uint8_t chain[CHAIN_MAX];
	unsigned int n = random_chain(chain, &shape);
	uint32_t headers;

	if (one_in(16))
		random_pppoe(f);
	else
		put16(f, 0x86dd);
	f->ipv6 = f->bytes;
	put8(f, 0x60);
	put_random(f, 3);
	put16(f, 0);
	put8(f, n ? chain[0] : shape.upper);
	put8(f, shape.hop_limit);
	put_be64(f, shape.src.hi);
	put_be64(f, shape.src.lo);
	put_be64(f, shape.dst.hi);
	put_be64(f, shape.dst.lo);
	put_chain(f, chain, n, &shape);
	headers = f->bytes;
	put_upper(f, &shape);
	if (n && chain[n - 1] == S64_PROTO_FRAGMENT)
		cut_fragment(f, headers);
	finish(f);
	/* 0 in a jumbogram (RFC 2675 3) */
	if (shape.jumbo || (n && chain[0] == S64_PROTO_HOP_BY_HOP && one_in(16))) {
		memset(f->data + f->ipv6 + 4, 0, 2);
		f->wire_bytes = 66000 + below(70000);
	}
	if (one_in(4))
		put_zeros(f, below(40)); /* padding */
}

/* --- mutations --- */

static inline void splice_extension(struct frame *f)
{
	struct shape shape = {.router_alert = one_in(2)};
	struct frame header = {};
	uint32_t at = f->ipv6 + 40;
	uint8_t type = random_extension();

	if (f->bytes < at)
		return;
	put_extension(&header, type, f->data[f->ipv6 + 6], &shape);
	if (f->bytes + header.bytes > FRAME_BYTES_MAX)
		return;
	memmove(f->data + at + header.bytes, f->data + at, f->bytes - at);
	memcpy(f->data + at, header.data, header.bytes);
	f->data[f->ipv6 + 6] = type;
	f->bytes += header.bytes;
	if (!one_in(4))
		finish(f);
}

static inline void mutate(struct frame *f)
{
	/* mostly where the headers are */
	uint32_t near = f->bytes < 90 || one_in(8) ? f->bytes : 90;
	uint16_t length = random64();

	switch (below(8)) {
	case 0:
		f->data[below(near)] ^= 1 << below(8);
		break;
	case 1:
		f->data[below(near)] = random64();
		break;
	case 2:
		f->bytes = below(one_in(4) ? near : f->bytes);
		break;
	case 3: /* cut by the capturer: the rest existed */
		f->wire_bytes = f->bytes;
		f->bytes = below(one_in(4) ? near : f->bytes);
		break;
	case 4:
		if (f->ipv6)
			splice_extension(f);
		break;
	case 5:
		if (one_in(2))
			length = one_in(4) ? 0 : __builtin_bswap16(below(100));
		if (f->ipv6)
			memcpy(f->data + f->ipv6 + 4, &length, 2);
		break;
	case 6:
		if (f->ipv6)
			f->data[f->ipv6 + 6] = one_in(2) ? random64() : random_extension();
		break;
	default: /* the first bytes behind the header: next header and length */
		if (f->ipv6 && f->bytes > f->ipv6 + 42)
			f->data[f->ipv6 + 40 + below(2)] = one_in(2) ? random64() : below(6);
	}
	if (f->bytes < FRAME_BYTES_MIN)
		f->bytes = FRAME_BYTES_MIN;
}

static inline void random_frame(struct frame *f)
{
	random_link(f);
	if (one_in(12))
		random_ipv4(f);
	else if (one_in(100))
		put16(f, random64());
	else
		random_ipv6(f);
	if (f->bytes > FRAME_BYTES_MAX)
		f->bytes = FRAME_BYTES_MAX;
	for (unsigned int n = one_in(2) ? 1 + below(3) : 0; n; n--)
		mutate(f);
	if (f->wire_bytes < f->bytes)
		f->wire_bytes = f->bytes;
}

#endif
