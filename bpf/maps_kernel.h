/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps in the kernel. The controller sets max_entries before it creates them. */
#ifndef SLASH64_BPF_MAPS_KERNEL_H
#define SLASH64_BPF_MAPS_KERNEL_H

#ifndef SLASH64_BPF_MAPS_H
#error "include maps.h"
#endif

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "bits.h"

#define S64_AF_INET6 10

#define S64_ARRAY(id, name, value_type, entries)   \
	struct {                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);  \
		__uint(map_flags, BPF_F_MMAPABLE); \
		__uint(max_entries, 1);            \
		__type(key, __u32);                \
		__type(value, value_type);         \
	} s64_##name SEC(".maps");
S64_MAPS(S64_ARRAY)

/* The rings of a capture, one for each CPU; empty while nobody captures. */
struct capture_ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, S64_CAPTURE_RING_MIN);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct capture_ring);
} s64_rings SEC(".maps");

const volatile struct s64_config config = {};

static __always_inline bool meta_is_bound(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&s64_meta, &key);
}

/* Read member by member, because it is volatile: through a pointer without that qualifier, the
 * compiler would use the zeros above.
 */
static __always_inline struct s64_seed config_seed(void)
{
	return (struct s64_seed){config.seed.add, {config.seed.mul[0], config.seed.mul[1]}};
}

/* Options that the shipped program does not even test (instrumented.bpf.c). */
#ifdef S64_INSTRUMENTED
#define skips(step) (config.skip & S64_SKIP_##step)

static __always_inline bool clock_is_test(void)
{
	return config.clock == S64_CLOCK_TEST;
}
#else
#define skips(step) false

static __always_inline bool clock_is_test(void)
{
	return false;
}
#endif

#define S64_AT(name, index)                                  \
	({                                                   \
		__u32 s64_key_ = (index);                    \
		bpf_map_lookup_elem(&s64_##name, &s64_key_); \
	})

static __always_inline __u32 this_cpu(void)
{
	return bpf_get_smp_processor_id();
}

static __always_inline const struct s64_test_ctx *test_ctx(void)
{
	return S64_AT(test_ctx, 0);
}

static __always_inline __u64 test_ctx_now(void)
{
	const struct s64_test_ctx *in = test_ctx();

	return in ? in->now : 0;
}

static __always_inline __u64 clock_jiffies(void)
{
	return clock_is_test() ? test_ctx_now() : bpf_jiffies64();
}

/* The time of the last tick, on the scale of CLOCK_MONOTONIC, so entries of either clock can share
 * a bucket.
 */
static __always_inline __u64 clock_ticks(void)
{
	return clock_is_test() ? test_ctx_now() :
				 s64_time_of_jiffies(bpf_jiffies64(), config.tick_ns,
						     config.jiffies_ahead_ns);
}

static __always_inline __u64 clock_exact(void)
{
	return clock_is_test() ? test_ctx_now() : s64_time_of_ns(bpf_ktime_get_ns());
}

static __always_inline __u64 clock_ns(void)
{
	return bpf_ktime_get_ns();
}

/* The kernel reserves only lengths that the verifier knows. `room` is a power of two, so that a mask
 * keeps the length from 1 to `room`: Linux 6.1 does not learn that from comparisons.
 */
static __always_inline bool capture_put_into(s64_frame *frame, void *ring, __u32 room,
					     const struct s64_capture_record *head)
{
	struct s64_capture_record *record =
		bpf_ringbuf_reserve(ring, sizeof(struct s64_capture_record) + room, 0);
	__u64 bytes = masked(head->captured - 1, room - 1) + 1;

	if (!record)
		return false;
	__builtin_memcpy(record, head, sizeof(*record));
	if (bpf_xdp_load_bytes(frame, 0, record->packet, bytes)) {
		bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
		return false;
	}
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	return true;
}

/* False if the ring has no room. */
static __always_inline bool capture_put(s64_frame *frame, const struct s64_capture_record *head)
{
	void *ring = S64_AT(rings, this_cpu());

	if (!ring || !head->captured)
		return false;
	if (head->captured <= 128)
		return capture_put_into(frame, ring, 128, head);
	if (head->captured <= 512)
		return capture_put_into(frame, ring, 512, head);
	if (head->captured <= 2048)
		return capture_put_into(frame, ring, 2048, head);
	if (head->captured <= 16384)
		return capture_put_into(frame, ring, 16384, head);
	return capture_put_into(frame, ring, S64_CAPTURE_BYTES_MAX + 1, head);
}

#define s64_loop(most, step, state) bpf_loop(most, step, state, 0)

static __always_inline __u32 frame_wire_length(s64_frame *frame, const __u8 *data,
					       const __u8 *data_end)
{
	const struct s64_test_ctx *in;

	(void)data;
	(void)data_end;
	if (!clock_is_test())
		return bpf_xdp_get_buff_len(frame);
	in = test_ctx();
	return in ? in->wire_length : 0;
}

/* Only a replay stops early, sets the direction and reads the result; in other programs the
 * verifier removes this.
 */
static __always_inline enum s64_step last_step(void)
{
	const struct s64_test_ctx *in;

	if (!clock_is_test())
		return S64_STEP_ALL;
	in = test_ctx();
	return in ? in->step : S64_STEP_ALL;
}

static __always_inline enum s64_test_direction test_direction(void)
{
	const struct s64_test_ctx *in;

	if (!clock_is_test())
		return S64_TEST_BY_ADDRESS;
	in = test_ctx();
	return in ? in->direction : S64_TEST_BY_ADDRESS;
}

/* Would the kernel forward a packet to this destination, from any source, by its current routes,
 * and beyond the link it came from? No if the destination is local, if there is no route, or if
 * this is no router. No if the route leads back to the link: the destination was addressed on the
 * link, for example a macvlan or ipvlan child of this interface. No if the route has an
 * encapsulation, whose end is unknown.
 */
S64_GLOBAL_FUNCTION __u32 kernel_forwards_to(s64_frame *frame, __u64 hi, __u64 lo)
{
	struct bpf_fib_lookup route = {.family = S64_AF_INET6, .ifindex = frame->ingress_ifindex};
	long said;

	/* the source stays ::, because the lookup fails for a link-local one */
	route.ipv6_dst[0] = __builtin_bswap32(hi >> 32);
	route.ipv6_dst[1] = __builtin_bswap32(hi);
	route.ipv6_dst[2] = __builtin_bswap32(lo >> 32);
	route.ipv6_dst[3] = __builtin_bswap32(lo);
	said = bpf_fib_lookup(frame, &route, sizeof(route), 0);
	/* now the index of the outgoing interface */
	if (route.ifindex == frame->ingress_ifindex)
		return false;
	return said == BPF_FIB_LKUP_RET_SUCCESS || said == BPF_FIB_LKUP_RET_NO_NEIGH ||
	       said == BPF_FIB_LKUP_RET_FRAG_NEEDED;
}

/* A replay has no routes: a destination that is not local is forwarded. */
static __always_inline bool kernel_forwards(s64_frame *frame, const struct s64_packet *packet)
{
	return clock_is_test() || kernel_forwards_to(frame, packet->dst_hi, packet->dst_lo);
}

static __always_inline bool result_is_wanted(void)
{
	return clock_is_test();
}

static __always_inline void tell_result(const struct s64_packet *packet, __u8 reason)
{
	struct s64_test_ctx *out;

	if (!result_is_wanted())
		return;
	out = S64_AT(test_ctx, 0);
	if (!out)
		return;
	out->src_key = packet->src_key;
	out->class = packet->class;
	out->reason = reason;
	out->icmpv6_type = packet->icmpv6_type;
	out->icmpv6_code = packet->icmpv6_code;
	out->next_header = packet->next_header;
	out->non_first_fragment = packet->non_first_fragment;
}

#endif
