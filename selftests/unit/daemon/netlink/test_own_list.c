// SPDX-License-Identifier: GPL-2.0-only
/* Own addresses as the kernel reports them, message by message: which are ours and which are not
 * (hostile 10). No message is read beyond its end.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/lwtunnel.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/netlink/own_list.h"

#define MESSAGE_BYTES 512

static union {
	struct nlmsghdr header;
	unsigned char bytes[MESSAGE_BYTES];
} message;

static void put_attribute(uint16_t type, const void *data, uint16_t bytes)
{
	struct rtattr *attribute = (void *)&message.bytes[NLMSG_ALIGN(message.header.nlmsg_len)];

	attribute->rta_type = type;
	attribute->rta_len = RTA_LENGTH(bytes);
	memcpy(RTA_DATA(attribute), data, bytes);
	message.header.nlmsg_len = NLMSG_ALIGN(message.header.nlmsg_len) + RTA_LENGTH(bytes);
}

static void put_address(uint16_t type, const char *text)
{
	struct in6_addr address;

	assert_int_equal(inet_pton(AF_INET6, text, &address), 1);
	put_attribute(type, &address, sizeof(address));
}

static void route(uint8_t family, uint8_t length, uint32_t flags)
{
	struct rtmsg *about = NLMSG_DATA(&message.header);

	memset(&message, 0, sizeof(message));
	message.header.nlmsg_type = RTM_NEWROUTE;
	message.header.nlmsg_len = NLMSG_LENGTH(sizeof(*about));
	*about = (struct rtmsg){.rtm_family = family,
				.rtm_dst_len = length,
				.rtm_flags = flags,
				.rtm_type = RTN_UNICAST};
}

static void put_encapsulation(uint16_t kind)
{
	put_attribute(RTA_ENCAP_TYPE, &kind, sizeof(kind));
}

static void expect_segment(const char *wanted)
{
	char text[PREFIX_TEXT_MAX] = "none";
	struct prefix segment;

	if (own_segment_of(&message.header, &segment))
		prefix_format(&segment, text);
	assert_string_equal(text, wanted);
}

static void a_route_to_a_segment_is_told_from_others(void **state)
{
	uint32_t kind = LWTUNNEL_ENCAP_SEG6_LOCAL;

	(void)state;
	route(AF_INET6, 64, 0);
	put_address(RTA_DST, "fc00:a::");
	put_encapsulation(LWTUNNEL_ENCAP_SEG6_LOCAL);
	expect_segment("fc00:a::/64");
	route(AF_INET6, 64, 0);
	put_address(RTA_DST, "fc00:a::");
	expect_segment("none");
	put_encapsulation(LWTUNNEL_ENCAP_SEG6);
	expect_segment("none");
	/* the default route has no destination */
	route(AF_INET6, 0, 0);
	put_encapsulation(LWTUNNEL_ENCAP_SEG6_LOCAL);
	expect_segment("::/0");
	route(AF_INET6, 64, 0);
	put_encapsulation(LWTUNNEL_ENCAP_SEG6_LOCAL);
	expect_segment("none");
	route(AF_INET6, 200, 0);
	put_address(RTA_DST, "fc00:a::");
	put_encapsulation(LWTUNNEL_ENCAP_SEG6_LOCAL);
	expect_segment("none");
	route(AF_INET6, 64, RTM_F_CLONED);
	put_address(RTA_DST, "fc00:a::");
	put_encapsulation(LWTUNNEL_ENCAP_SEG6_LOCAL);
	expect_segment("none");
	route(AF_INET, 24, 0);
	put_attribute(RTA_DST, &kind, sizeof(kind));
	put_encapsulation(LWTUNNEL_ENCAP_SEG6_LOCAL);
	expect_segment("none");
	/* a type attribute of the wrong size */
	route(AF_INET6, 64, 0);
	put_address(RTA_DST, "fc00:a::");
	put_attribute(RTA_ENCAP_TYPE, &kind, sizeof(kind));
	expect_segment("none");
}

static void a_message_is_not_read_beyond_its_end(void **state)
{
	struct prefix segment;
	uint32_t whole;

	(void)state;
	route(AF_INET6, 64, 0);
	put_address(RTA_DST, "fc00:a::");
	put_encapsulation(LWTUNNEL_ENCAP_SEG6_LOCAL);
	whole = message.header.nlmsg_len;
	/* in a buffer, messages are padded to four bytes */
	for (uint32_t n = NLMSG_HDRLEN; n <= whole - NLMSG_ALIGNTO; n += NLMSG_ALIGNTO) {
		struct nlmsghdr *cut = malloc(n);

		memcpy(cut, &message, n);
		cut->nlmsg_len = n;
		assert_int_equal(own_segment_of(cut, &segment), 0);
		free(cut);
	}
}

static void what_the_address_itself_tells_is_left_out(void **state)
{
	static const char *const texts[] = {"fe80::1", "ff02::1:ff00:1", "ff01::1",
					    "2a00::1", "ff05::2",	 "::1"};
	struct own_list list = {};
	struct in6_addr address;

	(void)state;
	for (int i = 0; i < 6; i++) {
		inet_pton(AF_INET6, texts[i], &address);
		assert_int_equal(own_list_add(&list, &address, 128), 0);
	}
	assert_int_equal(list.count, 3);
	/* all addresses, in two halves, as the table stores them */
	memset(&address, 0, sizeof(address));
	assert_int_equal(own_list_add(&list, &address, 0), 0);
	assert_int_equal(list.count, 5);
	assert_int_equal(list.entry[3].length, 1);
	assert_int_equal(list.entry[4].length, 1);
	assert_int_equal(list.entry[4].address.s6_addr[0], 0x80);
	/* and many of them */
	for (int i = 0; i < 1000; i++) {
		address.s6_addr[0] = 0x2a;
		address.s6_addr[15] = i;
		assert_int_equal(own_list_add(&list, &address, 64 + i % 65), 0);
	}
	assert_int_equal(list.count, 1005);
	own_list_remove(&list, &list.entry[3]);
	assert_int_equal(list.count, 1004);
	own_list_free(&list);
	assert_null(list.entry);
}

static bool has(const struct own_list *list, const char *text)
{
	char own[PREFIX_TEXT_MAX];

	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(prefix_format(&list->entry[i], own), text))
			return true;
	return false;
}

/* In a separate network namespace, reported by the kernel. */
static void what_the_kernel_has_is_read(void **state)
{
	struct own_list list = {};
	bool interrupted = true;

	(void)state;
	if (geteuid() != 0 || unshare(CLONE_NEWNET))
		skip();
	assert_int_equal(
		system("ip link set lo up && ip -6 addr add 2a00:1::1/64 dev lo nodad && "
		       "ip -6 addr add 2a00:2::1 peer 2a00:2::2 dev lo nodad && "
		       "ip -6 route add local 2a00:a::/48 dev lo && ip -6 route add 2a00:b::/48 dev lo"),
		0);
	assert_int_equal(own_list_read(&list, &interrupted), 0);
	assert_false(interrupted);
	assert_true(has(&list, "::1/128") && has(&list, "2a00:1::1/128") &&
		    has(&list, "2a00:2::1/128") && has(&list, "2a00:a::/48"));
	assert_false(has(&list, "2a00:2::2/128") || has(&list, "2a00:b::/48") ||
		     has(&list, "2a00:1::/64"));
	own_list_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_route_to_a_segment_is_told_from_others),
		cmocka_unit_test(a_message_is_not_read_beyond_its_end),
		cmocka_unit_test(what_the_address_itself_tells_is_left_out),
		cmocka_unit_test(what_the_kernel_has_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
