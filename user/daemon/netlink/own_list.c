// SPDX-License-Identifier: GPL-2.0-only
#include "own_list.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/lwtunnel.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel/netlink_dump.h"
#include "base/array.h"

#define ATTRIBUTES 32

static bool is_told_by_itself(const struct in6_addr *address, uint8_t length)
{
	if (length < 16)
		return false;
	return IN6_IS_ADDR_LINKLOCAL(address) ||
	       (address->s6_addr[0] == 0xff && (address->s6_addr[1] & 0xf) <= 2);
}

static int room_for(struct own_list *list, size_t more)
{
	return array_reserve(&list->entry, &list->room, list->count + more, sizeof(*list->entry));
}

int own_list_add(struct own_list *list, const struct in6_addr *address, uint8_t length)
{
	struct prefix own = prefix_around(address, length);

	if (is_told_by_itself(address, length))
		return 0;
	if (room_for(list, 2))
		return -ENOMEM;
	if (length) {
		list->entry[list->count++] = own;
		return 0;
	}
	/* all addresses (local default dev lo), which the map has in two halves */
	list->entry[list->count++] = prefix_of_bits(0, 0, 1);
	list->entry[list->count++] = prefix_of_bits(1ULL << 63, 0, 1);
	return 0;
}

int own_list_append(struct own_list *list, const struct own_list *more)
{
	if (!more->count)
		return 0;
	if (room_for(list, more->count))
		return -ENOMEM;
	memcpy(&list->entry[list->count], more->entry, more->count * sizeof(*more->entry));
	list->count += more->count;
	return 0;
}

void own_list_remove(struct own_list *list, const struct prefix *prefix)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		if (prefix_compare(&list->entry[i], prefix))
			list->entry[kept++] = list->entry[i];
	list->count = kept;
}

bool own_list_equal(const struct own_list *a, const struct own_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (prefix_compare(&a->entry[i], &b->entry[i]))
			return false;
	return true;
}

void own_list_free(struct own_list *list)
{
	free(list->entry);
	*list = (struct own_list){};
}

/* --- messages --- */

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

static bool gather(const struct nlmsghdr *message, size_t header_bytes,
		   struct attributes *attributes)
{
	*attributes = (struct attributes){};
	return mnl_nlmsg_get_payload_len(message) >= header_bytes &&
	       mnl_attr_parse(message, header_bytes, gather_attribute, attributes) >= 0;
}

static const struct in6_addr *address_of(const struct nlattr *attribute)
{
	return attribute && mnl_attr_get_payload_len(attribute) == sizeof(struct in6_addr) ?
		       mnl_attr_get_payload(attribute) :
		       NULL;
}

/* On a point-to-point link IFA_LOCAL is this end, and IFA_ADDRESS the other, which is not local. */
static int take_address(const struct nlmsghdr *message, void *data)
{
	static const int kinds[] = {IFA_LOCAL, IFA_ADDRESS, IFA_ANYCAST, IFA_MULTICAST};
	struct attributes attributes;

	if (!gather(message, sizeof(struct ifaddrmsg), &attributes))
		return 0;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct in6_addr *address = address_of(attributes.at[kinds[i]]);

		if (address)
			return own_list_add(data, address, 128);
	}
	return 0;
}

/* The destination; :: for a default route, which has none. */
static bool destination_of(const struct rtmsg *about, const struct attributes *attributes,
			   struct in6_addr *address)
{
	const struct in6_addr *given = address_of(attributes->at[RTA_DST]);

	*address = given ? *given : (struct in6_addr){};
	return about->rtm_family == AF_INET6 && about->rtm_dst_len <= 128 &&
	       (given || !about->rtm_dst_len) && !(about->rtm_flags & RTM_F_CLONED);
}

static int take_local_route(const struct nlmsghdr *message, void *data)
{
	const struct rtmsg *about = mnl_nlmsg_get_payload(message);
	struct attributes attributes;
	struct in6_addr address;

	/* an old kernel sends all tables */
	if (!gather(message, sizeof(*about), &attributes) || about->rtm_table != RT_TABLE_LOCAL ||
	    (about->rtm_type != RTN_LOCAL && about->rtm_type != RTN_ANYCAST) ||
	    !destination_of(about, &attributes, &address))
		return 0;
	return own_list_add(data, &address, about->rtm_dst_len);
}

int own_segment_of(const struct nlmsghdr *message, struct prefix *segment)
{
	const struct rtmsg *about = mnl_nlmsg_get_payload(message);
	const struct nlattr *kind;
	struct attributes attributes;
	struct in6_addr address;

	if (!gather(message, sizeof(*about), &attributes))
		return 0;
	kind = attributes.at[RTA_ENCAP_TYPE];
	if (!kind || mnl_attr_get_payload_len(kind) != sizeof(uint16_t) ||
	    mnl_attr_get_u16(kind) != LWTUNNEL_ENCAP_SEG6_LOCAL ||
	    !destination_of(about, &attributes, &address))
		return 0;
	*segment = prefix_around(&address, about->rtm_dst_len);
	return 1;
}

/* --- the tables --- */

static int read_table(struct netlink_dump *dump, uint16_t type, const void *header, size_t bytes,
		      netlink_take_t take, struct own_list *list)
{
	int err = netlink_dump_ask(dump, type, header, bytes);

	while (!err) {
		err = netlink_dump_read(dump, take, list, true);
		if (!err)
			return 0;
		err = err > 0 ? 0 : err;
	}
	return err;
}

/* The table of local routes contains the addresses too, but not those in a VRF, which are in its
 * own table.
 */
int own_list_read(struct own_list *list, bool *interrupted)
{
	static const struct ifaddrmsg addresses = {.ifa_family = AF_INET6};
	static const struct rtmsg local = {.rtm_family = AF_INET6, .rtm_table = RT_TABLE_LOCAL};
	struct own_list fresh = {};
	struct netlink_dump dump;
	int err = netlink_dump_open(&dump, NETLINK_ROUTE);

	if (err)
		return err;
	err = read_table(&dump, RTM_GETADDR, &addresses, sizeof(addresses), take_address, &fresh);
	if (!err)
		err = read_table(&dump, RTM_GETROUTE, &local, sizeof(local), take_local_route,
				 &fresh);
	if (!err)
		err = read_table(&dump, RTM_GETANYCAST, &addresses, sizeof(addresses), take_address,
				 &fresh);
	if (!err)
		err = read_table(&dump, RTM_GETMULTICAST, &addresses, sizeof(addresses),
				 take_address, &fresh);
	*interrupted = dump.interrupted;
	netlink_dump_close(&dump);
	if (err) {
		own_list_free(&fresh);
		return err;
	}
	own_list_free(list);
	*list = fresh;
	return 0;
}
