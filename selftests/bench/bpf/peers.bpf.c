// SPDX-License-Identifier: GPL-2.0-only
/* Baselines for slash64: a program that only drops, and filters that do the same parsing and look
 * up the /64 in a kernel map.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct count {
	__u64 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2); /* dropped, passed */
	__type(key, __u32);
	__type(value, struct count);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u8);
} sources_hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u64);
} sources_lru SEC(".maps");

struct prefix_key {
	__u32 length;
	__u64 src_key;
} __attribute__((packed, aligned(4)));

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct prefix_key);
	__type(value, __u8);
} sources_lpm SEC(".maps");

static __always_inline int counted(int action)
{
	__u32 key = action == XDP_DROP ? 0 : 1;
	struct count *count = bpf_map_lookup_elem(&counts, &key);

	if (count)
		count->packets++;
	/* nothing goes up the stack, which is not measured */
	return XDP_DROP;
}

/* The upper half of the source, as in the packet, or 0. */
static __always_inline __u64 source(struct xdp_md *ctx)
{
	__u8 *data = (__u8 *)(long)ctx->data, *end = (__u8 *)(long)ctx->data_end;

	if (data + 54 > end || *(__u16 *)(data + 12) != 0xdd86 || data[14] >> 4 != 6)
		return 0;
	return *(__u64 *)(data + 22);
}

SEC("xdp")
int peer_drop(struct xdp_md *ctx)
{
	(void)ctx;
	return counted(XDP_DROP);
}

SEC("xdp")
int peer_pass(struct xdp_md *ctx)
{
	(void)ctx;
	counted(XDP_PASS);
	return XDP_PASS; /* up the stack, like packets that slash64 passes */
}

SEC("xdp")
int peer_hash(struct xdp_md *ctx)
{
	__u64 src_key = source(ctx);

	return counted(bpf_map_lookup_elem(&sources_hash, &src_key) ? XDP_DROP : XDP_PASS);
}

SEC("xdp")
int peer_lpm(struct xdp_md *ctx)
{
	struct prefix_key key = {64, source(ctx)};

	return counted(bpf_map_lookup_elem(&sources_lpm, &key) ? XDP_DROP : XDP_PASS);
}

#define LRU_TICKS 15000 /* over a minute: a source that returns within it is over the limit */

/* A limiter on an LRU hash: the time of the last passed packet. */
SEC("xdp")
int peer_lru(struct xdp_md *ctx)
{
	__u64 src_key = source(ctx), now = bpf_jiffies64();
	__u64 *last = bpf_map_lookup_elem(&sources_lru, &src_key);

	if (last) {
		if (now - *last < LRU_TICKS)
			return counted(XDP_DROP);
		*last = now;
		return counted(XDP_PASS);
	}
	bpf_map_update_elem(&sources_lru, &src_key, &now, BPF_ANY);
	return counted(XDP_PASS);
}

char LICENSE[] SEC("license") = "GPL";
