// SPDX-License-Identifier: GPL-2.0-only
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/api/http/failures.h"
#include "daemon/page/connections.h"

static struct event_base *base;
static struct page_connections *all;
static struct bufferevent *ours[PAGE_CONNECTIONS_MAX + 8];
static int theirs[PAGE_CONNECTIONS_MAX + 8];
static unsigned int opened;

static int begin(void **state)
{
	(void)state;
	base = event_base_new();
	all = page_connections_new(base);
	opened = 0;
	return base && all ? 0 : -1;
}

static void close_one(unsigned int i)
{
	int fd = ours[i] ? bufferevent_getfd(ours[i]) : -1;

	/* as libevent's server does it, at once */
	if (ours[i])
		bufferevent_free(ours[i]);
	if (fd >= 0)
		close(fd);
	if (theirs[i] >= 0)
		close(theirs[i]);
	ours[i] = NULL;
	theirs[i] = -1;
}

static int finish(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < opened; i++)
		close_one(i);
	page_connections_free(all);
	event_base_free(base);
	return 0;
}

/* As libevent's server does it: the descriptor comes after the callback. */
static void open_one(void)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	ours[opened] = bufferevent_socket_new(base, -1, 0);
	page_connections_add(all, ours[opened]);
	bufferevent_setfd(ours[opened], pair[0]);
	bufferevent_enable(ours[opened], EV_READ | EV_WRITE);
	theirs[opened++] = pair[1];
	event_base_loop(base, EVLOOP_NONBLOCK);
}

static bool has_ended(unsigned int i)
{
	char byte;

	return recv(theirs[i], &byte, 1, MSG_DONTWAIT) == 0;
}

static void those_that_are_open_are_counted(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		open_one();
	assert_int_equal(page_connections_count(all), 5);
	close_one(1);
	close_one(4);
	assert_int_equal(page_connections_count(all), 3);
	/* the same numbers again, and other sockets */
	open_one();
	open_one();
	assert_int_equal(page_connections_count(all), 5);
}

static void one_too_many_ends_the_one_that_was_idle_for_longest(void **state)
{
	(void)state;
	for (int i = 0; i < PAGE_CONNECTIONS_MAX; i++) {
		open_one();
		if (!i)
			usleep(5000);
	}
	assert_false(has_ended(0));
	open_one();
	assert_int_equal(page_connections_count(all), PAGE_CONNECTIONS_MAX);
	assert_true(has_ended(0));
	for (unsigned int i = 1; i < opened; i++)
		assert_false(has_ended(i));
}

static void what_waits_for_its_readers_is_summed(void **state)
{
	static char bytes[400000];

	(void)state;
	open_one();
	open_one();
	assert_int_equal(page_connections_waiting(all), 0);
	bufferevent_write(ours[0], bytes, sizeof(bytes));
	bufferevent_write(ours[1], bytes, 1000);
	assert_int_equal(page_connections_waiting(all), sizeof(bytes) + 1000);
	close_one(0);
	assert_int_equal(page_connections_waiting(all), 1000);
}

/* What is not a whole request yet stays in the kernel. */
static void a_connection_takes_in_a_bounded_number_of_bytes(void **state)
{
	static char bytes[100000];

	(void)state;
	open_one();
	assert_true(send(theirs[0], bytes, sizeof(bytes), MSG_DONTWAIT) > 50000);
	for (int i = 0; i < 50; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	assert_in_range(evbuffer_get_length(bufferevent_get_input(ours[0])), FAILURES_HEADERS_MAX,
			2 * FAILURES_HEADERS_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(those_that_are_open_are_counted),
		TEST(one_too_many_ends_the_one_that_was_idle_for_longest),
		TEST(what_waits_for_its_readers_is_summed),
		TEST(a_connection_takes_in_a_bounded_number_of_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
