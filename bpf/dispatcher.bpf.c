// SPDX-License-Identifier: GPL-2.0-only
/* A dispatcher as libxdp has them (xdp-tools, lib/libxdp/protocol.org, version 2): calls the programs that stand in the
 * places prog0 to prog9, one after the other, as long as what each returns is among its chain call actions.
 * slash64d builds one of its own where it puts a new program in the place of an old one, which libxdp cannot in one step.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <xdp/prog_dispatcher.h>

const volatile struct xdp_dispatcher_config conf = {};

/* Something that is replaced: libxdp's number for "nothing stands here" comes out of memory, so that the compiler takes
 * it for no constant. A program that changes the length of packets may only stand where the verifier saw that done.
 */
#define PLACE(n)                                                   \
	__attribute__((noinline)) int prog##n(struct xdp_md *ctx)  \
	{                                                          \
		volatile int nothing_here = XDP_DISPATCHER_RETVAL; \
                                                                   \
		if (!ctx)                                          \
			return XDP_ABORTED;                        \
		bpf_xdp_adjust_tail(ctx, 0);                       \
		return nothing_here;                               \
	}

PLACE(0)
PLACE(1)
PLACE(2)
PLACE(3)
PLACE(4)
PLACE(5)
PLACE(6)
PLACE(7)
PLACE(8)
PLACE(9)
_Static_assert(MAX_DISPATCHER_ACTIONS == 10, "a place for each");

#define CALL(n)                                           \
	if (conf.num_progs_enabled <= n)                  \
		return XDP_PASS;                          \
	action = prog##n(ctx);                            \
	if (!(1U << action & conf.chain_call_actions[n])) \
		return action;

SEC("xdp")
int xdp_dispatcher(struct xdp_md *ctx)
{
	int action;

	CALL(0)
	CALL(1)
	CALL(2)
	CALL(3)
	CALL(4)
	CALL(5)
	CALL(6)
	CALL(7)
	CALL(8)
	CALL(9)
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";

/* by this libxdp knows a dispatcher, and its version */
__uint(dispatcher_version, XDP_DISPATCHER_VERSION) SEC(XDP_METADATA_SECTION);
