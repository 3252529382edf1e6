// SPDX-License-Identifier: GPL-2.0-only
/* The program with a different source in each run: repeating one packet would keep every memory
 * line in the cache. Its cost is the difference to the same wrapper without the program.
 */
#define S64_INSTRUMENTED
#include "../../../bpf/slash64.bpf.c"
#include "generator.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct load);
} measured_load SEC(".maps");

static __always_inline bool next_source(struct xdp_md *ctx)
{
	__u8 *data = (__u8 *)(long)ctx->data, *end = (__u8 *)(long)ctx->data_end;
	__u32 key = 0;
	struct load *load = bpf_map_lookup_elem(&measured_load, &key);
	__u64 v;

	if (!load || data + 30 > end)
		return false;
	v = load->random += 0x9e3779b97f4a7c15ULL;
	v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9ULL;
	v = (v >> 32) * load->source_count >> 32;
	*(__u64 *)(data + 22) = __builtin_bswap64(source_number(load->first + v));
	return true;
}

SEC("xdp.frags")
int measured(struct xdp_md *ctx)
{
	if (!next_source(ctx))
		return XDP_ABORTED;
	return process_packet(ctx);
}

SEC("xdp.frags")
int measured_nothing(struct xdp_md *ctx)
{
	return next_source(ctx) ? XDP_DROP : XDP_ABORTED;
}
