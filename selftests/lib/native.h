/* SPDX-License-Identifier: GPL-2.0-only */
/* The natively compiled datapath over tables in plain memory, with the default policy, and a small
 * builder of frames.
 */
#ifndef SLASH64_UNIT_NATIVE_H
#define SLASH64_UNIT_NATIVE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../bpf/fast_path.h"
#include "../../bpf/counters.h"
#include "../../bpf/sample.h"
#include "../../bpf/sampler.h"
#undef config /* from here on the name belongs to the tests */

#include "maps/source_index.h"
#include "net/icmpv6_types.h"
#include "policy/names.h"
#include "policy/policy.h"
#include "net/source_rules.h"
#include "maps/source_rules_map.h"
#include "net/special_prefixes.h"
#include "maps/maps.h"
#include "memory_maps.h"

struct s64_native *s64_native;

#define NATIVE_BLOCKS	65536
#define NATIVE_LIMITER	65536 /* slots */
#define NATIVE_PREFIXES 8192
#define NATIVE_IFACES	3 /* the first is the program's, unless config.iface_slot says otherwise */
#define NATIVE_TICK_NS	1000000

/* The same memory as the controller sees it. */
static struct maps native_maps;

static inline void native_rules(void)
{
	struct source_rules rules;
	struct source_index source_index;

	source_rules_init(&rules);
	source_rules_stage(&rules, &native_maps);
	source_index_init(&source_index, &native_maps);
	source_index_open(&source_index);
	source_rules_switch(&native_maps);
	source_index_free(&source_index);
}

static inline void native_init(const struct policy *policy)
{
	const struct maps_size size = {.blocks = NATIVE_BLOCKS,
				       .prefixes = NATIVE_PREFIXES,
				       .limiter = NATIVE_LIMITER / S64_LIMITER_ENTRIES_PER_SOURCE,
				       .ifaces = NATIVE_IFACES};
	struct s64_meta meta = {.layout = S64_LAYOUT, .seed = MEMORY_SEED};

	maps_size_meta(&meta, &size, 1);
	memory_maps_make(&native_maps, &meta);
	icmpv6_table_fill(native_maps.icmpv6);
	special_fill(native_maps.special);
	policy_compile(policy, NULL, 0, NATIVE_TICK_NS, native_maps.policy, native_maps.limits);
	native_rules();
	s64_native = malloc(sizeof(*s64_native));
	native_over(s64_native, &native_maps);
	s64_native->now = 1ULL << 50;
}

static inline size_t native_limiter_bytes(void)
{
	return native_entries_of_limiter(s64_native->meta) * sizeof(*s64_native->limiter);
}

static inline void native_free(void)
{
	memory_maps_free(&native_maps);
	free(s64_native);
	s64_native = NULL;
}

static inline int native_setup(void **state)
{
	struct policy policy;

	(void)state;
	policy_init(&policy, PROFILE_EDGE);
	native_init(&policy);
	return 0;
}

static inline int native_teardown(void **state)
{
	(void)state;
	native_free();
	return 0;
}

/* --- frames --- */

struct frame {
	uint8_t data[4096];
	uint32_t bytes;
	uint32_t wire_bytes; /* 0: as many */
	uint32_t ipv6;	     /* offset of the IPv6 header */
};

static inline void put(struct frame *f, const void *data, size_t n)
{
	memcpy(f->data + f->bytes, data, n);
	f->bytes += n;
}

static inline void put8(struct frame *f, uint8_t v)
{
	put(f, &v, 1);
}

static inline void put16(struct frame *f, uint16_t v)
{
	v = __builtin_bswap16(v);
	put(f, &v, 2);
}

static inline void put_zeros(struct frame *f, size_t n)
{
	memset(f->data + f->bytes, 0, n);
	f->bytes += n;
}

static inline void put_address(struct frame *f, const char *text)
{
	struct prefix prefix;
	char whole[64];

	snprintf(whole, sizeof(whole), "%s/128", text);
	assert_int_equal(prefix_parse(whole, &prefix, NULL), 0);
	put(f, &prefix.address, 16);
}

static inline void ethernet(struct frame *f, uint16_t ethertype)
{
	memset(f, 0, sizeof(*f));
	put_zeros(f, 12);
	put16(f, ethertype);
}

/* The payload length is set by finish(). */
static inline void ipv6(struct frame *f, uint8_t next, uint8_t hop_limit, const char *src,
			const char *dst)
{
	f->ipv6 = f->bytes;
	put8(f, 0x60);
	put_zeros(f, 5);
	put8(f, next);
	put8(f, hop_limit);
	put_address(f, src);
	put_address(f, dst);
}

static inline void finish(struct frame *f)
{
	uint16_t length = __builtin_bswap16(f->bytes - f->ipv6 - 40);

	memcpy(f->data + f->ipv6 + 4, &length, 2);
}

static inline void packet_start(struct frame *f, uint8_t next)
{
	ethernet(f, 0x86dd);
	ipv6(f, next, 64, "2a00:1:2:3::4", "2a00:9:9:9::1");
}

static inline void put_tcp(struct frame *f, uint8_t flags)
{
	put_zeros(f, 12);
	put8(f, 0x50);
	put8(f, flags);
	put_zeros(f, 6);
}

static inline void put_udp(struct frame *f)
{
	put_zeros(f, 4);
	put16(f, 8);
	put_zeros(f, 2);
}

static inline void put_icmpv6(struct frame *f, uint8_t type, uint8_t code, size_t body)
{
	put8(f, type);
	put8(f, code);
	put_zeros(f, 2 + body);
}

/* If the fast path gives a verdict, it must be the same as the slow path's, with the same side
 * effects. The state is restored afterwards; `reason` and `packet` are for same_as_plain().
 */
struct plain_said {
	struct s64_packet packet;
	struct s64_cpu_state cpu_state;
	uint64_t limiter; /* limiter_hash() */
	uint8_t reason;
};

/* 0 if all of its entries are. */
static inline uint64_t limiter_hash(void)
{
	const __u64 *word = (const __u64 *)s64_native->limiter;
	uint64_t hash = 0;

	for (size_t i = 0; i < native_limiter_bytes() / sizeof(*word); i++)
		hash = (hash ^ word[i]) * 0x9e3779b97f4a7c15ULL;
	return hash;
}

static inline struct plain_said process_fast(s64_frame *frame)
{
	struct s64_cpu_state before = s64_native->counters->cpu_state;
	struct s64_limiter_bucket *limiter = malloc(native_limiter_bytes());
	struct s64_block_cache *block_cache = NULL;
	struct plain_said said = {};
	struct s64_plain plain;

	/* it is large, and rarely probed */
	if (before.blocked_lately > S64_BLOCKED_LATELY_MAX / 2) {
		block_cache = malloc(sizeof(*block_cache));
		memcpy(block_cache, s64_native->block_cache, sizeof(*block_cache));
	}
	memcpy(limiter, s64_native->limiter, native_limiter_bytes());
	said.reason =
		verdict_plain(frame, s64_native->policy, &s64_native->counters->cpu_state, &plain);
	if (said.reason != S64_REASON_NONE)
		packet_of_plain(&said.packet, frame, &plain);
	said.cpu_state = s64_native->counters->cpu_state;
	said.limiter = limiter_hash();
	s64_native->counters->cpu_state = before;
	memcpy(s64_native->limiter, limiter, native_limiter_bytes());
	if (block_cache)
		memcpy(s64_native->block_cache, block_cache, sizeof(*block_cache));
	free(block_cache);
	free(limiter);
	return said;
}

static inline void same_as_plain(const struct plain_said *said, uint8_t reason,
				 const struct s64_packet *packet)
{
	const struct s64_packet *fast_path = &said->packet;

	if (said->reason == S64_REASON_NONE)
		return;
	assert_int_equal(said->reason, reason);
	assert_int_equal(fast_path->class, packet->class);
	assert_int_equal(fast_path->next_header, packet->next_header);
	assert_true(fast_path->src_key == packet->src_key);
	assert_true(fast_path->src_hi == packet->src_hi && fast_path->src_lo == packet->src_lo);
	assert_memory_equal(&said->cpu_state, &s64_native->counters->cpu_state,
			    sizeof(said->cpu_state));
	assert_true(said->limiter == limiter_hash());
}

/* The datapath's verdict on the first `bytes` of a frame, in memory of exactly that size. */
static inline uint8_t process_bytes(const struct frame *f, uint32_t bytes,
				    struct s64_packet *packet)
{
	uint8_t *copy = malloc(bytes ? bytes : 1);
	s64_frame frame = {copy, copy + bytes, f->wire_bytes ? f->wire_bytes : bytes};
	uint32_t looks = s64_native->looks;
	struct plain_said said;
	uint8_t reason;

	memcpy(copy, f->data, bytes);
	memset(packet, 0, sizeof(*packet));
	s64_native->looks = 0;
	said = process_fast(&frame);
	s64_native->looks = looks;
	reason = packet_verdict(&frame, s64_native->policy, &s64_native->counters->cpu_state,
				packet);
	if (!looks)
		same_as_plain(&said, reason, packet);
	free(copy);
	return reason;
}

static inline uint8_t process_frame(const struct frame *f, struct s64_packet *packet)
{
	return process_bytes(f, f->bytes, packet);
}

static inline void expect(const struct frame *f, int class, int reason)
{
	struct s64_packet packet;
	uint8_t got = process_frame(f, &packet);

	if (got != reason || packet.class != class)
		fail_msg("got %s, %s; wanted %s, %s", class_info(packet.class)->name,
			 reason_name(got), class_info(class)->name, reason_name(reason));
}

#endif
