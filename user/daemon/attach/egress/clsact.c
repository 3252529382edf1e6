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

/* What the kernel says of a filter, a qdisc or an interface that is not there. */
static bool is_absence(int err)
{
	return err == -ENOENT || err == -EINVAL || err == -ENODEV;
}

int clsact_program(unsigned int ifindex, uint32_t *id)
{
	struct bpf_tc_hook hook = hook_of(ifindex, BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = HANDLE, .priority = PRIORITY);
	int err = bpf_tc_query(&hook, &opts);

	if (err && !is_absence(err))
		return err;
	*id = err ? 0 : opts.prog_id;
	return 0;
}

int clsact_make(unsigned int ifindex)
{
	struct bpf_tc_hook hook = hook_of(ifindex, BPF_TC_EGRESS);

	return bpf_tc_hook_create(&hook);
}

int clsact_attach(unsigned int ifindex, int program, uint32_t replaces)
{
	struct bpf_tc_hook hook = hook_of(ifindex, BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = HANDLE, .priority = PRIORITY, .prog_fd = program,
		    .flags = BPF_TC_F_REPLACE);
	uint32_t there = 0;
	int err = clsact_program(ifindex, &there);

	if (err)
		return err;
	return there && there != replaces ? -EEXIST : bpf_tc_attach(&hook, &opts);
}

/* --- what is there --- */

/* Of the qdiscs of all interfaces, or of the filters of one at a hook. */
struct seen {
	unsigned int ifindex;
	unsigned int qdiscs, filters;
};

static int take(const struct nlmsghdr *message, void *data)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(message);
	struct seen *seen = data;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*tc) ||
	    tc->tcm_ifindex != (int)seen->ifindex)
		return MNL_CB_OK;
	seen->filters += message->nlmsg_type == RTM_NEWTFILTER;
	seen->qdiscs += message->nlmsg_type == RTM_NEWQDISC && tc->tcm_parent == TC_H_CLSACT;
	return MNL_CB_OK;
}

static int look(uint16_t type, uint32_t parent, struct seen *seen)
{
	char buffer[ANSWER_BYTES];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct mnl_socket *socket = mnl_socket_open(NETLINK_ROUTE);
	struct tcmsg *tc;
	ssize_t bytes;
	int more = 1;

	if (!socket)
		return -errno;
	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = time(NULL);
	tc = mnl_nlmsg_put_extra_header(request, sizeof(*tc));
	tc->tcm_ifindex = seen->ifindex;
	tc->tcm_parent = parent;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		more = -errno;
	while (more > 0) {
		bytes = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		more = bytes < 0 ? -errno : mnl_cb_run(buffer, bytes, 0, 0, take, seen);
	}
	mnl_socket_close(socket);
	return more < 0 ? more : 0;
}

int clsact_is_there(unsigned int ifindex)
{
	struct seen seen = {.ifindex = ifindex};
	int err = look(RTM_GETQDISC, 0, &seen);

	return err ? err : seen.qdiscs > 0;
}

/* Both hooks together are the qdisc. */
int clsact_remove_unused(unsigned int ifindex)
{
	struct bpf_tc_hook hook = hook_of(ifindex, BPF_TC_INGRESS | BPF_TC_EGRESS);
	struct seen seen = {.ifindex = ifindex};
	int err = look(RTM_GETTFILTER, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS), &seen);

	if (!err)
		err = look(RTM_GETTFILTER, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS), &seen);
	if (!err && !seen.filters)
		err = bpf_tc_hook_destroy(&hook);
	return is_absence(err) ? 0 : err;
}

int clsact_detach(unsigned int ifindex, bool made_qdisc)
{
	struct bpf_tc_hook hook = hook_of(ifindex, BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = HANDLE, .priority = PRIORITY);
	int err = bpf_tc_detach(&hook, &opts);

	if (err && !is_absence(err))
		return err;
	return made_qdisc ? clsact_remove_unused(ifindex) : 0;
}
