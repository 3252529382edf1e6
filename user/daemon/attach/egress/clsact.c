// SPDX-License-Identifier: GPL-2.0-only
#include "clsact.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* Any numbers that others hardly use: "s6" in ASCII. */
#define PRIORITY 0x7336
#define HANDLE	 0x64

#define ANSWER_BYTES 32768

static struct bpf_tc_hook hook_of(unsigned int ifindex, enum bpf_tc_attach_point point)
{
	return (struct bpf_tc_hook){.sz = sizeof(struct bpf_tc_hook),
				    .ifindex = ifindex,
				    .attach_point = point};
}

uint32_t clsact_program(unsigned int ifindex)
{
	struct bpf_tc_hook hook = hook_of(ifindex, BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = HANDLE, .priority = PRIORITY);

	return bpf_tc_query(&hook, &opts) ? 0 : opts.prog_id;
}

int clsact_make(unsigned int ifindex, bool *made)
{
	struct bpf_tc_hook hook = hook_of(ifindex, BPF_TC_EGRESS);
	int err = bpf_tc_hook_create(&hook);

	if (err && err != -EEXIST)
		return err;
	*made |= !err;
	return 0;
}

int clsact_attach(unsigned int ifindex, int program, uint32_t replaces)
{
	struct bpf_tc_hook hook = hook_of(ifindex, BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = HANDLE, .priority = PRIORITY, .prog_fd = program,
		    .flags = BPF_TC_F_REPLACE);
	uint32_t there = clsact_program(ifindex);

	return there && there != replaces ? -EEXIST : bpf_tc_attach(&hook, &opts);
}

static int count_filter(const struct nlmsghdr *message, void *data)
{
	if (message->nlmsg_type == RTM_NEWTFILTER)
		++*(unsigned int *)data;
	return MNL_CB_OK;
}

/* -errno, or whether there is any filter at this hook. */
static int has_filters(unsigned int ifindex, uint32_t hook)
{
	char buffer[ANSWER_BYTES];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct mnl_socket *socket = mnl_socket_open(NETLINK_ROUTE);
	unsigned int count = 0;
	struct tcmsg *tc;
	ssize_t bytes;
	int more = 1;

	if (!socket)
		return -errno;
	request->nlmsg_type = RTM_GETTFILTER;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = time(NULL);
	tc = mnl_nlmsg_put_extra_header(request, sizeof(*tc));
	tc->tcm_ifindex = ifindex;
	tc->tcm_parent = TC_H_MAKE(TC_H_CLSACT, hook);
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		more = -errno;
	while (more > 0) {
		bytes = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		more = bytes < 0 ? -errno : mnl_cb_run(buffer, bytes, 0, 0, count_filter, &count);
	}
	mnl_socket_close(socket);
	return more < 0 ? more : count > 0;
}

int clsact_detach(unsigned int ifindex, bool made_qdisc)
{
	struct bpf_tc_hook hook = hook_of(ifindex, BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = HANDLE, .priority = PRIORITY);
	int err = bpf_tc_detach(&hook, &opts);

	if (err && err != -ENOENT && err != -EINVAL)
		return err;
	if (!made_qdisc || has_filters(ifindex, TC_H_MIN_INGRESS) ||
	    has_filters(ifindex, TC_H_MIN_EGRESS))
		return 0;
	/* both hooks together are the qdisc */
	hook = hook_of(ifindex, BPF_TC_INGRESS | BPF_TC_EGRESS);
	return bpf_tc_hook_destroy(&hook);
}
