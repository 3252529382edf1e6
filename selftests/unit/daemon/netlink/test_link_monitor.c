// SPDX-License-Identifier: GPL-2.0-only
/* A change of an interface triggers one look, however many messages it causes. */
#include <errno.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "own_links.h"
#include "daemon/netlink/link_monitor.h"

static struct event_base *base;
static struct links *links;
static int looks, answer;

static int look(void *data)
{
	++*(int *)data;
	event_base_loopbreak(base);
	return answer;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int set_up(void **state)
{
	struct error error;
	int err = own_links(state);

	looks = answer = 0;
	base = event_base_new();
	return err ? err : links_start(&links, base, look, &looks, &error);
}

static int tear_down(void **state)
{
	links_stop(links);
	links_stop(NULL);
	event_base_free(base);
	return 0;
}

static void a_change_is_looked_at_soon(void **state)
{
	int64_t start;

	assert_int_equal(system("ip link set wan0 mtu 1400; ip link set wan0 mtu 1500"), 0);
	start = now_ms();
	event_base_dispatch(base);
	assert_int_equal(looks, 1);
	/* earlier than the periodic look, which comes every two seconds */
	assert_true(now_ms() - start < 1900);
}

static void a_look_that_has_to_wait_comes_again_at_once(void **state)
{
	int64_t start;

	assert_int_equal(system("ip link set wan0 mtu 1400"), 0);
	answer = -EAGAIN;
	event_base_dispatch(base);
	start = now_ms();
	answer = 0;
	event_base_dispatch(base);
	assert_int_equal(looks, 2);
	assert_true(now_ms() - start < 1000);
}

static void without_a_change_it_is_looked_at_all_the_same(void **state)
{
	event_base_dispatch(base);
	assert_int_equal(looks, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_change_is_looked_at_soon, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_look_that_has_to_wait_comes_again_at_once, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(without_a_change_it_is_looked_at_all_the_same,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
