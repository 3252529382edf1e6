// SPDX-License-Identifier: GPL-2.0-only
/* A dispatcher following libxdp's protocol (xdp-tools, lib/libxdp/protocol.org, version 2). Calls
 * the programs linked to prog0 to prog9 in turn, as long as each one's result is among its chain
 * call actions. slash64d builds its own dispatcher to replace a program in one step, which libxdp
 * cannot do.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <xdp/prog_dispatcher.h>

const volatile struct xdp_dispatcher_config conf = {};

/* Replaced by a program when linked. The result "not linked" is read from memory, so that the
 * compiler does not treat it as a constant. A program that changes the packet length may only be
 * linked where the verifier saw such a change.
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

/* libxdp recognises a dispatcher, and its version, by this */
__uint(dispatcher_version, XDP_DISPATCHER_VERSION) SEC(XDP_METADATA_SECTION);
