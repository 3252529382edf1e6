// SPDX-License-Identifier: GPL-2.0-only
/* Sends frames at the machine's full speed: run with BPF_F_TEST_XDP_LIVE_FRAMES, it writes a source
 * into each and redirects it into a link. One instance per CPU.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "generator.h"

#define SOURCE_OFFSET 22 /* Ethernet, and 8 bytes of IPv6 */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct load);
} loads SEC(".maps");

struct zipf_table {
	__u32 rank[ZIPF_STEPS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct zipf_table);
} zipf SEC(".maps");

struct listed_table {
	__u64 src_key[LISTED_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct listed_table);
} listed SEC(".maps");

static __always_inline __u64 draw(struct load *load)
{
	__u64 v = load->random += 0x9e3779b97f4a7c15ULL;

	v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9ULL;
	v = (v ^ v >> 27) * 0x94d049bb133111ebULL;
	return v ^ v >> 31;
}

static __always_inline __u64 scale(__u64 random, __u64 n)
{
	return (random >> 32) * n >> 32;
}

static __always_inline __u64 choose(struct load *load)
{
	struct zipf_table *table;
	struct listed_table *list;
	__u32 zero = 0;

	switch (load->choice) {
	case SOURCES_NEW:
		return source_number(load->first + load->next++);
	case SOURCES_ZIPF:
		table = bpf_map_lookup_elem(&zipf, &zero);
		if (!table)
			break;
		return source_number(load->first + table->rank[draw(load) & (ZIPF_STEPS - 1)]);
	case SOURCES_LISTED:
		list = bpf_map_lookup_elem(&listed, &zero);
		if (!list)
			break;
		return list->src_key[load->next++ & (LISTED_MAX - 1)];
	case SOURCES_DENSE:
		return DENSE_SOURCE | (draw(load) & 0xffff);
	}
	return source_number(load->first + scale(draw(load), load->source_count));
}

SEC("xdp")
int generate(struct xdp_md *ctx)
{
	__u8 *data = (__u8 *)(long)ctx->data, *end = (__u8 *)(long)ctx->data_end;
	__u32 cpu = bpf_get_smp_processor_id();
	struct load *load = bpf_map_lookup_elem(&loads, &cpu);

	if (!load || data + SOURCE_OFFSET + 8 > end)
		return XDP_DROP;
	*(__u64 *)(data + SOURCE_OFFSET) = __builtin_bswap64(choose(load));
	return bpf_redirect(load->ifindex, 0);
}

/* On the near end of a link, so that frames can be redirected into the other end. */
SEC("xdp")
int accept(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
