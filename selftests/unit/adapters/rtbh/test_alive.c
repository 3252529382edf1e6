// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/rtbh/alive.h"

#define HOLD_MS 600000

static void it_is_live_once_its_source_has_settled(void **state)
{
	struct alive alive;

	alive_init(&alive, HOLD_MS, false, 0);
	assert_int_equal(alive_mode(&alive, 0), ROUTES_HELD);
	alive.daemon_is_there = true;
	assert_int_equal(alive_mode(&alive, 10), ROUTES_HELD);
	alive_note_change(&alive, 1500);
	assert_int_equal(alive_mode(&alive, 10 + ALIVE_SETTLE_MS), ROUTES_HELD);
	assert_int_equal(alive_mode(&alive, 1500 + ALIVE_SETTLE_MS), ROUTES_LIVE);
	/* one that never settles */
	alive_init(&alive, HOLD_MS, false, 0);
	alive.daemon_is_there = true;
	for (int64_t now = 0; now < ALIVE_SETTLE_MAX_MS; now += 100) {
		alive_note_change(&alive, now);
		assert_int_equal(alive_mode(&alive, now), ROUTES_HELD);
	}
	assert_int_equal(alive_mode(&alive, ALIVE_SETTLE_MAX_MS), ROUTES_LIVE);
}

static void it_is_held_and_then_ended_while_its_source_is_gone(void **state)
{
	struct alive alive;

	alive_init(&alive, HOLD_MS, false, 0);
	alive.daemon_is_there = true;
	alive_mode(&alive, 0);
	assert_int_equal(alive_mode(&alive, ALIVE_SETTLE_MS), ROUTES_LIVE);
	alive.daemon_is_there = false;
	assert_int_equal(alive_mode(&alive, 10000), ROUTES_HELD);
	assert_int_equal(alive_mode(&alive, 10000 + HOLD_MS - 1), ROUTES_HELD);
	assert_int_equal(alive_mode(&alive, 10000 + HOLD_MS), ROUTES_ENDED);
	alive.daemon_is_there = true;
	assert_int_equal(alive_mode(&alive, 10000 + HOLD_MS + 1), ROUTES_ENDED);
	assert_int_equal(alive_mode(&alive, 10000 + HOLD_MS + 1 + ALIVE_SETTLE_MS), ROUTES_LIVE);
}

/* Coming back for a moment does not make the hold any longer. */
static void the_hold_counts_from_the_first_loss(void **state)
{
	struct alive alive;

	alive_init(&alive, HOLD_MS, false, 0);
	for (int64_t now = 0; now < HOLD_MS; now += 1000) {
		alive.daemon_is_there = now / 1000 % 2;
		assert_int_equal(alive_mode(&alive, now), ROUTES_HELD);
	}
	alive.daemon_is_there = false;
	assert_int_equal(alive_mode(&alive, HOLD_MS), ROUTES_ENDED);
}

static void with_a_sentinel_the_session_counts_too(void **state)
{
	struct alive alive;

	alive_init(&alive, HOLD_MS, true, 0);
	alive.daemon_is_there = true;
	assert_int_equal(alive_mode(&alive, 0), ROUTES_HELD);
	assert_int_equal(alive_mode(&alive, 10000), ROUTES_HELD);
	alive.sentinel_is_there = true;
	alive_mode(&alive, 10000);
	assert_int_equal(alive_mode(&alive, 10000 + ALIVE_SETTLE_MS), ROUTES_LIVE);
	alive.sentinel_is_there = false;
	assert_int_equal(alive_mode(&alive, 20000), ROUTES_HELD);
}

static void a_socket_without_a_listener_is_told_from_one_with_it(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), err;
	struct rlimit limit, few;
	enum alive_answer answer;
	char path[300];

	strcpy(address.sun_path, "/tmp/s64-alive-XXXXXX");
	assert_non_null(mkdtemp(address.sun_path));
	strcat(address.sun_path, "/ctl");
	assert_int_equal(alive_try(address.sun_path, &err), ALIVE_NO);
	assert_int_equal(err, -ENOENT);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(alive_try(address.sun_path, &err), ALIVE_NO);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(alive_try(address.sun_path, &err), ALIVE_YES);
	/* what we lack says nothing of the other end */
	getrlimit(RLIMIT_NOFILE, &limit);
	few = limit;
	few.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &few);
	answer = alive_try(address.sun_path, &err);
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_int_equal(answer, ALIVE_UNKNOWN);
	assert_int_equal(err, -EMFILE);
	close(fd);
	assert_int_equal(alive_try(address.sun_path, &err), ALIVE_NO);
	unlink(address.sun_path);
	*strrchr(address.sun_path, '/') = '\0';
	rmdir(address.sun_path);
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(alive_try(path, &err), ALIVE_NO);
	assert_int_equal(err, -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_live_once_its_source_has_settled),
		cmocka_unit_test(it_is_held_and_then_ended_while_its_source_is_gone),
		cmocka_unit_test(the_hold_counts_from_the_first_loss),
		cmocka_unit_test(with_a_sentinel_the_session_counts_too),
		cmocka_unit_test(a_socket_without_a_listener_is_told_from_one_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
