// SPDX-License-Identifier: GPL-2.0-only
/* Dumps of kernel tables: how they end, their errors, and no message is read beyond its end. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "kernel/netlink_dump.h"

static struct netlink_dump dump;

static int count(const struct nlmsghdr *message, void *data)
{
	++*(int *)data;
	return 0;
}

static int stop(const struct nlmsghdr *message, void *data)
{
	++*(int *)data;
	return -EBADMSG;
}

/* Reads the whole dump. */
static int read_all(netlink_take_t take, int *messages)
{
	int err;

	do
		err = netlink_dump_read(&dump, take, messages, true);
	while (err > 0);
	return err;
}

static void a_table_comes_whole_and_another_after_it(void **state)
{
	static const struct ifinfomsg all = {.ifi_family = AF_UNSPEC};
	int links = 0, again = 0;

	assert_int_equal(netlink_dump_open(&dump, NETLINK_ROUTE), 0);
	assert_int_equal(netlink_dump_ask(&dump, RTM_GETLINK, &all, sizeof(all)), 0);
	assert_int_equal(read_all(count, &links), 0);
	assert_true(links >= 1); /* lo */
	assert_int_equal(netlink_dump_ask(&dump, RTM_GETLINK, &all, sizeof(all)), 0);
	assert_int_equal(read_all(count, &again), 0);
	assert_int_equal(again, links);
	netlink_dump_close(&dump);
	assert_null(dump.socket);
	netlink_dump_close(&dump);
}

static void a_refused_message_ends_the_dump(void **state)
{
	static const struct ifinfomsg all = {.ifi_family = AF_UNSPEC};
	int links = 0;

	assert_int_equal(netlink_dump_open(&dump, NETLINK_ROUTE), 0);
	assert_int_equal(netlink_dump_ask(&dump, RTM_GETLINK, &all, sizeof(all)), 0);
	assert_int_equal(read_all(stop, &links), -EBADMSG);
	assert_int_equal(links, 1);
	netlink_dump_close(&dump);
}

static void nothing_ready_is_no_failure_but_an_answer_that_never_comes_is(void **state)
{
	int messages = 0;

	assert_int_equal(netlink_dump_open(&dump, NETLINK_ROUTE), 0);
	assert_int_equal(netlink_dump_read(&dump, count, &messages, false), -EAGAIN);
	assert_int_equal(netlink_dump_read(&dump, count, &messages, true), -ETIMEDOUT);
	assert_int_equal(messages, 0);
	netlink_dump_close(&dump);
}

static void a_subsystem_that_there_is_not_leaves_nothing_open(void **state)
{
	assert_true(netlink_dump_open(&dump, 31) < 0);
	assert_null(dump.socket);
}

static union {
	struct nlmsghdr header[4];
	char bytes[256];
} buffer;

static void messages_received_elsewhere_are_gone_through_until_one_is_refused(void **state)
{
	int messages = 0;

	memset(&buffer, 0, sizeof(buffer));
	buffer.header[0].nlmsg_len = buffer.header[1].nlmsg_len = sizeof(struct nlmsghdr);
	assert_int_equal(netlink_each(&buffer, 2 * sizeof(struct nlmsghdr), count, &messages), 0);
	assert_int_equal(messages, 2);
	messages = 0;
	assert_int_equal(netlink_each(&buffer, 2 * sizeof(struct nlmsghdr), stop, &messages),
			 -EBADMSG);
	assert_int_equal(messages, 1);
}

static void a_length_that_lies_ends_it(void **state)
{
	static const uint32_t lengths[] = {0, 15, 17, 33, 0x80000010, UINT32_MAX};
	int messages = 0;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		memset(&buffer, 0, sizeof(buffer));
		buffer.header[0].nlmsg_len = lengths[i];
		netlink_each(&buffer, sizeof(struct nlmsghdr), count, &messages);
	}
	assert_int_equal(messages, 0);
	buffer.header[0].nlmsg_len = 16;
	netlink_each(&buffer, 15, count, &messages);
	assert_int_equal(messages, 0);
	netlink_each(&buffer, 16, count, &messages);
	assert_int_equal(messages, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_comes_whole_and_another_after_it),
		cmocka_unit_test(a_refused_message_ends_the_dump),
		cmocka_unit_test(nothing_ready_is_no_failure_but_an_answer_that_never_comes_is),
		cmocka_unit_test(a_subsystem_that_there_is_not_leaves_nothing_open),
		cmocka_unit_test(messages_received_elsewhere_are_gone_through_until_one_is_refused),
		cmocka_unit_test(a_length_that_lies_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
