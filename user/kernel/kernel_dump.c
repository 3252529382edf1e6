// SPDX-License-Identifier: GPL-2.0-only
#include "kernel_dump.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/inet_diag.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#define GATHER_TRIES 3 /* if the table changes meanwhile */
#define ATTRIBUTES   64

#define PORT_BGP 179

#define PROTOCOL_FRR_STATIC 196 /* RTPROT_ZSTATIC: routes of FRR's staticd */

struct attributes {
	const struct nlattr *at[ATTRIBUTES];
};

static int gather_attribute(const struct nlattr *attribute, void *data)
{
	struct attributes *attributes = data;
	uint16_t type = mnl_attr_get_type(attribute);

	if (type < ATTRIBUTES)
		attributes->at[type] = attribute;
	return MNL_CB_OK;
}

/* Only a value of the right length is an address; the unspecified one is none. */
static bool address_from(const void *bytes, size_t length, struct in6_addr *address)
{
	uint32_t v4;

	if (length == sizeof(*address)) {
		memcpy(address, bytes, length);
		return !IN6_IS_ADDR_UNSPECIFIED(address);
	}
	if (length != sizeof(v4))
		return false;
	memcpy(&v4, bytes, length);
	*address = prefix_of_v4(ntohl(v4), 32).address;
	return v4 != 0;
}

static bool attribute_address(const struct nlattr *attribute, struct in6_addr *address)
{
	return attribute && address_from(mnl_attr_get_payload(attribute),
					 mnl_attr_get_payload_len(attribute), address);
}

static uint32_t attribute_number(const struct nlattr *attribute)
{
	return attribute && mnl_attr_get_payload_len(attribute) == sizeof(uint32_t) ?
		       mnl_attr_get_u32(attribute) :
		       0;
}

/* --- one message of each table --- */

/* The network of an address that somebody configured permanently: neither a lease nor from a router
 * advertisement.
 */
static int take_connected(const struct ifaddrmsg *about, const struct attributes *attributes,
			  const struct in6_addr *address, struct networks *networks)
{
	uint32_t flags = attributes->at[IFA_FLAGS] ? attribute_number(attributes->at[IFA_FLAGS]) :
						     about->ifa_flags;
	bool v4 = about->ifa_family == AF_INET;
	uint8_t whole = v4 ? 32 : 128;
	struct prefix prefix;

	if (!networks || !(flags & IFA_F_PERMANENT) || flags & IFA_F_NOPREFIXROUTE ||
	    about->ifa_scope >= RT_SCOPE_LINK || !about->ifa_prefixlen ||
	    about->ifa_prefixlen >= whole)
		return 0;
	prefix = prefix_around(address, about->ifa_prefixlen + (v4 ? PREFIX_V4_LENGTH : 0));
	return networks_add(networks, &prefix, about->ifa_index, NETWORK_CONNECTED);
}

/* On a point-to-point link, IFA_LOCAL is this end and IFA_ADDRESS the other; elsewhere there is
 * only one of them, or both are equal.
 */
static int take_address(const struct nlmsghdr *message, const struct attributes *attributes,
			struct kernel_dump *dump, struct address_set *set)
{
	const struct ifaddrmsg *about = mnl_nlmsg_get_payload(message);
	struct in6_addr local, address;
	bool has_local = attribute_address(attributes->at[IFA_LOCAL], &local);
	bool has_address = attribute_address(attributes->at[IFA_ADDRESS], &address);
	int err = 0;

	if (has_local && has_address && memcmp(&local, &address, sizeof(local)))
		err = address_set_add(set, &address, about->ifa_index, ADDRESS_FAR_END);
	if (!err && (has_local || has_address))
		err = address_set_add(set, has_local ? &local : &address, about->ifa_index,
				      ADDRESS_OWN);
	if (!err && has_address)
		err = take_connected(about, attributes, &address, dump->networks);
	return err;
}

/* Configured by the operator or a routing daemon. All other neighbours come from one ARP or one
 * neighbour solicitation, which anybody on the link can send; those that matter are next hops.
 */
static int take_neighbour(const struct nlmsghdr *message, const struct attributes *attributes,
			  struct kernel_dump *dump, struct address_set *set)
{
	const struct ndmsg *about = mnl_nlmsg_get_payload(message);
	struct in6_addr address;

	(void)dump;
	if ((about->ndm_family != AF_INET && about->ndm_family != AF_INET6) ||
	    !(about->ndm_state & NUD_PERMANENT) ||
	    !attribute_address(attributes->at[NDA_DST], &address))
		return 0;
	return address_set_add(set, &address, about->ndm_ifindex,
			       ADDRESS_NEIGHBOUR |
				       (about->ndm_flags & NTF_ROUTER ? ADDRESS_ROUTER : 0));
}

/* A session to port 179 that this router opened: something here is configured for that peer. A
 * session that the peer opened proves nothing, because anybody can connect to port 179; nor does
 * one *from* port 179 to a port that listens here. Listening sockets come first in a dump
 * (inet_diag_dump_icsk()).
 */
static int take_session(const struct nlmsghdr *message, const struct attributes *attributes,
			struct kernel_dump *dump, struct address_set *set)
{
	const struct inet_diag_msg *about = mnl_nlmsg_get_payload(message);
	uint16_t here = ntohs(about->id.idiag_sport), there = ntohs(about->id.idiag_dport);
	size_t length = about->idiag_family == AF_INET ? 4 : 16;
	struct in6_addr address;

	(void)attributes;
	if (about->idiag_state == TCP_LISTEN)
		dump->listening[here / 8] |= 1 << here % 8;
	if (about->idiag_state == TCP_LISTEN || there != PORT_BGP ||
	    dump->listening[here / 8] >> here % 8 & 1 ||
	    !address_from(about->id.idiag_dst, length, &address))
		return 0;
	return address_set_add(set, &address, about->id.idiag_if, ADDRESS_BGP);
}

static int take_session_in(const struct nlmsghdr *message, const struct attributes *attributes,
			   struct kernel_dump *dump, struct address_set *set)
{
	const struct inet_diag_msg *about = mnl_nlmsg_get_payload(message);
	struct in6_addr address;

	(void)attributes;
	(void)dump;
	if (ntohs(about->id.idiag_sport) != PORT_BGP ||
	    !address_from(about->id.idiag_dst, about->idiag_family == AF_INET ? 4 : 16, &address))
		return 0;
	return address_set_add(set, &address, about->id.idiag_if, ADDRESS_BGP_IN);
}

/* RTA_GATEWAY, or RTA_VIA for a gateway of the other family (RFC 8950). */
static int take_gateway(const struct attributes *attributes, uint32_t ifindex, uint32_t roles,
			struct address_set *set)
{
	const struct nlattr *via = attributes->at[RTA_VIA];
	struct in6_addr address;

	if (attribute_address(attributes->at[RTA_GATEWAY], &address))
		return address_set_add(set, &address, ifindex, roles);
	if (via && mnl_attr_get_payload_len(via) > sizeof(struct rtvia)) {
		const struct rtvia *way = mnl_attr_get_payload(via);

		if (address_from(way->rtvia_addr, mnl_attr_get_payload_len(via) - sizeof(*way),
				 &address))
			return address_set_add(set, &address, ifindex, roles);
	}
	return 0;
}

static int take_multipath(const struct nlattr *multipath, uint32_t roles, struct address_set *set)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(multipath);
	int left = mnl_attr_get_payload_len(multipath), err = 0;

	while (!err && left >= (int)sizeof(*hop) && hop->rtnh_len >= sizeof(*hop) &&
	       hop->rtnh_len <= left) {
		struct attributes attributes = {};

		mnl_attr_parse_payload(RTNH_DATA(hop), hop->rtnh_len - sizeof(*hop),
				       gather_attribute, &attributes);
		err = take_gateway(&attributes, hop->rtnh_ifindex, roles, set);
		left -= RTNH_ALIGN(hop->rtnh_len);
		hop = RTNH_NEXT(hop);
	}
	return err;
}

/* Configured by an administrator, or by software on his behalf: a routing daemon's static routes, a
 * lease's.
 */
static bool is_static(uint8_t protocol)
{
	return protocol == RTPROT_BOOT || protocol == RTPROT_STATIC ||
	       protocol == PROTOCOL_FRR_STATIC;
}

/* Default routes lead outside, but a router advertisement cannot decide that. */
static int take_network(const struct rtmsg *about, const struct attributes *attributes,
			struct networks *networks)
{
	const struct nlattr *multipath = attributes->at[RTA_MULTIPATH];
	struct network_route route = {.ifindex = attribute_number(attributes->at[RTA_OIF])};
	bool v4 = about->rtm_family == AF_INET;
	struct in6_addr to;

	if (!networks || about->rtm_type != RTN_UNICAST || about->rtm_protocol == RTPROT_RA ||
	    about->rtm_dst_len > (v4 ? 32 : 128))
		return 0;
	if (!route.ifindex && multipath &&
	    mnl_attr_get_payload_len(multipath) >= sizeof(struct rtnexthop))
		route.ifindex =
			((const struct rtnexthop *)mnl_attr_get_payload(multipath))->rtnh_ifindex;
	if (!attribute_address(attributes->at[RTA_DST], &to))
		to = v4 ? prefix_of_v4(0, 0).address : in6addr_any;
	route.to = prefix_around(&to, about->rtm_dst_len + (v4 ? PREFIX_V4_LENGTH : 0));
	if (about->rtm_dst_len && !is_static(about->rtm_protocol))
		return 0;
	return networks_add_route(networks, &route);
}

static int take_route(const struct nlmsghdr *message, const struct attributes *attributes,
		      struct kernel_dump *dump, struct address_set *set)
{
	const struct rtmsg *about = mnl_nlmsg_get_payload(message);
	uint32_t roles = ADDRESS_NEXT_HOP | (about->rtm_dst_len ? 0 : ADDRESS_DEFAULT);
	int err;

	/* cloned: kept for one destination's path MTU; its next hop is that of its parent route */
	if (about->rtm_flags & RTM_F_CLONED ||
	    (about->rtm_family != AF_INET && about->rtm_family != AF_INET6))
		return 0;
	err = take_gateway(attributes, attribute_number(attributes->at[RTA_OIF]), roles, set);
	if (!err && attributes->at[RTA_MULTIPATH])
		err = take_multipath(attributes->at[RTA_MULTIPATH], roles, set);
	return err ? err : take_network(about, attributes, dump->networks);
}

static int take_nexthop(const struct nlmsghdr *message, const struct attributes *attributes,
			struct kernel_dump *dump, struct address_set *set)
{
	struct in6_addr address;

	(void)dump;
	(void)message;
	if (!attribute_address(attributes->at[NHA_GATEWAY], &address))
		return 0;
	return address_set_add(set, &address, attribute_number(attributes->at[NHA_OIF]),
			       ADDRESS_NEXT_HOP);
}

/* --- the tables --- */

typedef int (*take_t)(const struct nlmsghdr *message, const struct attributes *attributes,
		      struct kernel_dump *dump, struct address_set *set);

static const struct table {
	const char *name;
	int subsystem;
	uint16_t request;
	uint8_t family;
	uint8_t header_bytes; /* before the attributes */
	take_t take;
} maps[KERNEL_TABLE_COUNT] = {
	[KERNEL_ADDRESSES] = {"addresses", NETLINK_ROUTE, RTM_GETADDR, AF_UNSPEC,
			      sizeof(struct ifaddrmsg), take_address},
	[KERNEL_NEIGHBOURS] = {"neighbours", NETLINK_ROUTE, RTM_GETNEIGH, AF_UNSPEC,
			       sizeof(struct ndmsg), take_neighbour},
	/* the old request, because it covers both families: one walk over a table of megabytes, not
	 * two
	 */
	[KERNEL_SESSIONS] = {"TCP sessions", NETLINK_SOCK_DIAG, TCPDIAG_GETSOCK, AF_UNSPEC,
			     sizeof(struct inet_diag_msg), take_session},
	[KERNEL_ROUTES_V6] = {"IPv6 routes", NETLINK_ROUTE, RTM_GETROUTE, AF_INET6,
			      sizeof(struct rtmsg), take_route},
	[KERNEL_ROUTES_V4] = {"IPv4 routes", NETLINK_ROUTE, RTM_GETROUTE, AF_INET,
			      sizeof(struct rtmsg), take_route},
	[KERNEL_NEXTHOPS] = {"nexthop objects", NETLINK_ROUTE, RTM_GETNEXTHOP, AF_UNSPEC,
			     sizeof(struct nhmsg), take_nexthop},
	[KERNEL_SESSIONS_IN] = {"TCP sessions", NETLINK_SOCK_DIAG, TCPDIAG_GETSOCK, AF_UNSPEC,
				sizeof(struct inet_diag_msg), take_session_in},
};

const char *kernel_table_name(enum kernel_table table)
{
	return maps[table].name;
}

static int take(const struct table *table, const struct nlmsghdr *message, struct kernel_dump *dump,
		struct address_set *set)
{
	struct attributes attributes = {};

	if (mnl_nlmsg_get_payload_len(message) < table->header_bytes)
		return 0;
	mnl_attr_parse(message, table->header_bytes, gather_attribute, &attributes);
	return table->take(message, &attributes, dump, set);
}

struct notice {
	struct kernel_dump dump;
	struct address_set *set;
};

static int take_notice(const struct nlmsghdr *message, void *data)
{
	struct notice *notice = data;

	if (message->nlmsg_type == RTM_NEWROUTE)
		return take(&maps[KERNEL_ROUTES_V6], message, &notice->dump, notice->set);
	if (message->nlmsg_type == RTM_NEWNEXTHOP)
		return take(&maps[KERNEL_NEXTHOPS], message, &notice->dump, notice->set);
	return 0;
}

int kernel_take_notices(const void *buffer, size_t bytes, struct address_set *set,
			struct networks *networks)
{
	struct notice notice = {.dump.networks = networks, .set = set};

	return netlink_each(buffer, bytes, take_notice, &notice);
}

/* --- a dump --- */

/* Remote port 179, or none, as for listening sockets: jumps are in bytes; landing exactly at the
 * end accepts, behind it refuses.
 */
#define BYTECODE_PORT(op, port, no)       \
	{op, 8, no},                      \
	{                                 \
		INET_DIAG_BC_NOP, 0, port \
	}
#define BYTECODE_TAKE(no)               \
	{                               \
		INET_DIAG_BC_JMP, 4, no \
	}

static const struct inet_diag_bc_op session_filter[] = {
	BYTECODE_PORT(INET_DIAG_BC_D_EQ, PORT_BGP, 12),
	BYTECODE_TAKE(12),
	BYTECODE_PORT(INET_DIAG_BC_D_LE, 0, 12),
};

_Static_assert(sizeof(session_filter) == 20, "what the jumps count on");

static const struct inet_diag_bc_op session_in_filter[] = {
	BYTECODE_PORT(INET_DIAG_BC_S_EQ, PORT_BGP, 12),
};

static void put_session_request(struct nlmsghdr *request, bool in)
{
	struct inet_diag_req *sessions = mnl_nlmsg_put_extra_header(request, sizeof(*sessions));

	/* SYN_SENT: a BGP session that is down, for example because its peer is under attack */
	sessions->idiag_states = in ? 1 << TCP_ESTABLISHED :
				      1 << TCP_ESTABLISHED | 1 << TCP_SYN_SENT | 1 << TCP_LISTEN;
	mnl_attr_put(request, INET_DIAG_REQ_BYTECODE,
		     in ? sizeof(session_in_filter) : sizeof(session_filter),
		     in ? session_in_filter : session_filter);
}

static void put_request(struct nlmsghdr *request, const struct table *table)
{
	struct rtgenmsg *general;

	if (table->subsystem == NETLINK_SOCK_DIAG) {
		put_session_request(request, table->take == take_session_in);
		return;
	}
	/* as long as the kernel's own header, whose first byte is the family */
	general = mnl_nlmsg_put_extra_header(request, table->header_bytes);
	general->rtgen_family = table->family;
}

int kernel_dump_next(struct kernel_dump *dump, enum kernel_table table)
{
	char buffer[512];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);

	request->nlmsg_type = maps[table].request;
	put_request(request, &maps[table]);
	dump->table = table;
	return netlink_dump_send(&dump->netlink, request);
}

int kernel_dump_open(struct kernel_dump *dump, enum kernel_table table)
{
	int err;

	*dump = (struct kernel_dump){};
	err = netlink_dump_open(&dump->netlink, maps[table].subsystem);
	if (err)
		return err;
	err = kernel_dump_next(dump, table);
	if (err)
		kernel_dump_close(dump);
	return err;
}

void kernel_dump_close(struct kernel_dump *dump)
{
	netlink_dump_close(&dump->netlink);
}

struct reading {
	struct kernel_dump *dump;
	struct address_set *set;
};

static int take_read(const struct nlmsghdr *message, void *data)
{
	const struct reading *reading = data;

	return take(&maps[reading->dump->table], message, reading->dump, reading->set);
}

int kernel_dump_read(struct kernel_dump *dump, struct address_set *set, bool wait)
{
	struct reading reading = {dump, set};

	return netlink_dump_read(&dump->netlink, take_read, &reading, wait);
}

static int gather_once(enum kernel_table table, struct address_set *set, struct networks *networks,
		       bool *interrupted)
{
	struct kernel_dump dump;
	int err = kernel_dump_open(&dump, table);

	if (err)
		return err;
	dump.networks = networks;
	do
		err = kernel_dump_read(&dump, set, true);
	while (err > 0);
	*interrupted = dump.netlink.interrupted;
	kernel_dump_close(&dump);
	return err;
}

int kernel_gather(enum kernel_table table, struct address_set *set, struct networks *networks)
{
	struct address_set fresh = {.rules = set->rules};
	struct networks fresh_networks = {};
	bool interrupted = true;
	int err = 0;

	for (int i = 0; i < GATHER_TRIES && interrupted && !err; i++) {
		fresh.count = 0;
		networks_clear(&fresh_networks);
		err = gather_once(table, &fresh, networks ? &fresh_networks : NULL, &interrupted);
	}
	if (err) {
		address_set_free(&fresh);
		networks_free(&fresh_networks);
		return err;
	}
	address_set_seal(&fresh);
	address_set_free(set);
	*set = fresh;
	if (networks) {
		networks_free(networks);
		*networks = fresh_networks;
	}
	return 0;
}
