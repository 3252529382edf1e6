// SPDX-License-Identifier: GPL-2.0-only
/* SRv6 segments of this router, tracked by notifications. */
#include <arpa/inet.h>
#include <event2/event.h>
#include <linux/lwtunnel.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "own_links.h"
#include "daemon/netlink/segments.h"

static struct event_base *base;
static struct segments *segments;
static int changes;

static void on_change(void *data)
{
	++*(int *)data;
}

static int set_up(void **state)
{
	int err = own_links(state);

	changes = 0;
	base = event_base_new();
	return err ? err : segments_start(&segments, base, on_change, &changes);
}

static int tear_down(void **state)
{
	segments_stop(segments);
	event_base_free(base);
	return 0;
}

static union {
	struct nlmsghdr header;
	unsigned char bytes[512];
} message;

static void put(uint16_t type, const void *data, uint16_t bytes)
{
	struct rtattr *attribute = (void *)&message.bytes[NLMSG_ALIGN(message.header.nlmsg_len)];

	attribute->rta_type = type;
	attribute->rta_len = RTA_LENGTH(bytes);
	memcpy(RTA_DATA(attribute), data, bytes);
	message.header.nlmsg_len = NLMSG_ALIGN(message.header.nlmsg_len) + RTA_LENGTH(bytes);
}

/* A notification about a route to a segment. */
static int notice(uint16_t type, const char *text)
{
	uint16_t kind = LWTUNNEL_ENCAP_SEG6_LOCAL;
	struct in6_addr address;
	struct rtmsg *about = NLMSG_DATA(&message.header);

	inet_pton(AF_INET6, text, &address);
	memset(&message, 0, sizeof(message));
	message.header.nlmsg_type = type;
	message.header.nlmsg_len = NLMSG_LENGTH(sizeof(*about));
	*about = (struct rtmsg){.rtm_family = AF_INET6, .rtm_dst_len = 128};
	put(RTA_DST, &address, sizeof(address));
	put(RTA_ENCAP_TYPE, &kind, sizeof(kind));
	return segments_notice(&message.header, segments);
}

static bool is_known(const char *text)
{
	const struct own_list *known = segments_known(segments);
	struct prefix prefix;

	assert_int_equal(prefix_parse_whole(text, &prefix, NULL), 0);
	prefix.length = 128;
	for (size_t i = 0; i < known->count; i++)
		if (!prefix_compare(&known->entry[i], &prefix))
			return true;
	return false;
}

static void a_new_segment_is_known_at_once_and_once(void **state)
{
	assert_int_equal(notice(RTM_NEWROUTE, "2400::5"), 0);
	assert_int_equal(notice(RTM_NEWROUTE, "2400::5"), 0);
	assert_true(is_known("2400::5"));
	assert_int_equal(segments_known(segments)->count, 1);
}

static void a_removed_segment_is_forgotten(void **state)
{
	notice(RTM_NEWROUTE, "2400::5");
	notice(RTM_NEWROUTE, "2400::6");
	assert_int_equal(notice(RTM_DELROUTE, "2400::5"), 0);
	assert_false(is_known("2400::5"));
	assert_true(is_known("2400::6"));
}

static void what_is_no_route_to_a_segment_changes_nothing(void **state)
{
	notice(RTM_NEWROUTE, "2400::5");
	assert_int_equal(notice(RTM_NEWADDR, "2400::6"), 0);
	assert_int_equal(notice(RTM_NEWLINK, "2400::5"), 0);
	assert_int_equal(segments_known(segments)->count, 1);
	assert_int_equal(changes, 0);
}

/* Runs the loop until that holds, for at most ten seconds. */
static bool becomes(int wanted)
{
	time_t start = time(NULL);

	while (changes < wanted && time(NULL) - start < 10)
		event_base_loop(base, EVLOOP_ONCE);
	return changes == wanted;
}

static void after_a_loss_the_kernel_is_asked_again(void **state)
{
	/* the kernel has no such route */
	notice(RTM_NEWROUTE, "2400::5");
	segments_lost(segments);
	assert_true(is_known("2400::5"));
	assert_true(becomes(1));
	assert_false(is_known("2400::5"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_new_segment_is_known_at_once_and_once, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_removed_segment_is_forgotten, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_route_to_a_segment_changes_nothing,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(after_a_loss_the_kernel_is_asked_again, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
