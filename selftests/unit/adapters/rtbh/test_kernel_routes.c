// SPDX-License-Identifier: GPL-2.0-only
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/rtbh/kernel_routes.h"

struct message {
	_Alignas(struct nlmsghdr) char buffer[512];
};

static struct nlmsghdr *make(struct message *message, uint16_t type, struct rtmsg rtm,
			     const void *dst, size_t bytes)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(message->buffer);

	header->nlmsg_type = type;
	memcpy(mnl_nlmsg_put_extra_header(header, sizeof(rtm)), &rtm, sizeof(rtm));
	if (dst)
		mnl_attr_put(header, RTA_DST, bytes, dst);
	mnl_attr_put_u32(header, RTA_TABLE, 66666);
	mnl_attr_put_u32(header, RTA_PRIORITY, 32);
	return header;
}

static void a_route_is_read(void **state)
{
	static const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 1, 0xff},
			     v4[4] = {198, 51, 100, 0};
	char text[PREFIX_TEXT_MAX];
	struct kernel_route route;
	struct message message;

	assert_true(kernel_route_parse(make(&message, RTM_NEWROUTE,
					    (struct rtmsg){.rtm_family = AF_INET6,
							   .rtm_dst_len = 48,
							   .rtm_type = RTN_BLACKHOLE,
							   .rtm_protocol = RTPROT_BIRD,
							   .rtm_table = RT_TABLE_COMPAT},
					    v6, sizeof(v6)),
				       &route));
	assert_string_equal(prefix_format(&route.prefix, text), "2001:db8:1::/48");
	assert_int_equal(route.table, 66666);
	assert_int_equal(route.metric, 32);
	assert_int_equal(route.type, RTN_BLACKHOLE);
	assert_int_equal(route.protocol, RTPROT_BIRD);
	assert_true(
		kernel_route_parse(make(&message, RTM_DELROUTE,
					(struct rtmsg){.rtm_family = AF_INET, .rtm_dst_len = 24},
					v4, sizeof(v4)),
				   &route));
	assert_string_equal(prefix_format(&route.prefix, text), "198.51.100.0/24");
	assert_true(kernel_route_parse(make(&message, RTM_NEWROUTE,
					    (struct rtmsg){.rtm_family = AF_INET6}, NULL, 0),
				       &route));
	assert_string_equal(prefix_format(&route.prefix, text), "::/0");
}

static void what_is_not_a_route_of_a_source_is_left(void **state)
{
	static const uint8_t v6[16] = {0x20, 0x01};
	const struct rtmsg bad[] = {
		{.rtm_family = AF_INET6, .rtm_dst_len = 129},
		{.rtm_family = AF_INET, .rtm_dst_len = 33},
		{.rtm_family = AF_INET6, .rtm_dst_len = 64, .rtm_src_len = 1},
		{.rtm_family = AF_INET, .rtm_dst_len = 24, .rtm_tos = 4},
		{.rtm_family = AF_INET6, .rtm_dst_len = 64, .rtm_flags = RTM_F_CLONED},
		{.rtm_family = AF_BRIDGE, .rtm_dst_len = 24},
		{.rtm_family = AF_INET, .rtm_dst_len = 24}, /* with an address of IPv6 */
	};
	struct kernel_route route;
	struct message message;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(
			kernel_route_parse(make(&message, RTM_NEWROUTE, bad[i], v6, 16), &route));
	assert_false(kernel_route_parse(make(&message, RTM_NEWADDR, bad[0], v6, 16), &route));
}

/* Whatever the bytes are: sanitizers and valgrind look on. */
static void random_messages_are_survived(void **state)
{
	struct message message;

	srandom(64);
	for (int i = 0; i < 200000; i++) {
		struct nlmsghdr *header = (void *)message.buffer;
		struct kernel_route route;

		for (size_t b = 0; b < sizeof(message.buffer); b++)
			message.buffer[b] = random();
		header->nlmsg_type = RTM_NEWROUTE;
		header->nlmsg_len =
			NLMSG_HDRLEN + random() % (sizeof(message.buffer) - NLMSG_HDRLEN);
		((struct rtmsg *)mnl_nlmsg_get_payload(header))->rtm_family =
			i % 2 ? AF_INET6 : AF_INET;
		if (kernel_route_parse(header, &route))
			assert_in_range(route.prefix.length, 0, 128);
	}
}

static void a_protocol_is_a_name_or_a_number(void **state)
{
	static const char *const bad[] = {"", "256", "-1", "+1", " 1", "1x", "nosuch", NULL};
	uint8_t protocol;

	assert_int_equal(kernel_protocol_parse("bird", &protocol), 0);
	assert_int_equal(protocol, RTPROT_BIRD);
	assert_int_equal(kernel_protocol_parse("zebra", &protocol), 0);
	assert_int_equal(protocol, RTPROT_ZEBRA);
	assert_int_equal(kernel_protocol_parse("0", &protocol), 0);
	assert_int_equal(kernel_protocol_parse("255", &protocol), 0);
	assert_int_equal(protocol, 255);
	for (const char *const *text = bad; *text; text++)
		assert_true(kernel_protocol_parse(*text, &protocol) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_route_is_read),
		cmocka_unit_test(what_is_not_a_route_of_a_source_is_left),
		cmocka_unit_test(random_messages_are_survived),
		cmocka_unit_test(a_protocol_is_a_name_or_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
