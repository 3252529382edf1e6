// SPDX-License-Identifier: GPL-2.0-only
/* Measures the length of a jiffy. The controller runs this program a few times before it creates
 * the maps (user/maps/jiffies.c). It is never attached.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 clock_jiffies, clock_ns;

SEC("xdp")
int clock_read(struct xdp_md *ctx)
{
	(void)ctx;
	clock_jiffies = bpf_jiffies64();
	clock_ns = bpf_ktime_get_ns();
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
