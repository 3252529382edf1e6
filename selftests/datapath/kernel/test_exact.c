// SPDX-License-Identifier: GPL-2.0-only
/* Exact counts by the program in the kernel: plain packets and all others, dropped ones too. */
#include "native.h"

#include "config/config.h"
#include "daemon/detect/exact.h"
#include "replay/runner.h"

#define BAD 0x2a00000100020003ULL /* 2a00:1:2:3::/64 */

static struct runner runner;
static struct exact exact;

static void fail_on(int err, const struct error *error)
{
	if (err)
		fail_msg("%s", error->text);
}

static int open_runner(void **state)
{
	static struct config config;
	struct detect_rules rules;
	struct error error;

	(void)state;
	config_init(&config);
	detect_rules_init(&rules);
	fail_on(runner_open(&runner, &config, S64_STEP_ALL, S64_TEST_BY_ADDRESS, &error), &error);
	exact_init(&exact, &runner.maps);
	exact_levels(&exact, &rules);
	return 0;
}

static int close_runner(void **state)
{
	(void)state;
	exact_stop(&exact);
	runner_close(&runner);
	return 0;
}

static void run(const struct frame *f)
{
	struct runner_frame frame = {f->data, f->bytes, f->bytes, 1000000000};
	struct runner_result result;
	struct error error;

	fail_on(runner_run(&runner, &frame, &result, &error), &error);
}

static void send_of(const char *source, uint8_t next, bool tagged, unsigned int count)
{
	struct frame f;

	ethernet(&f, tagged ? 0x8100 : 0x86dd);
	if (tagged) {
		put16(&f, 7);
		put16(&f, 0x86dd);
	}
	ipv6(&f, next, 64, source, "2a00:9:9:9::1");
	if (next == 6)
		put_tcp(&f, 2);
	else
		put_udp(&f);
	finish(&f);
	for (unsigned int i = 0; i < count; i++)
		run(&f);
}

static uint32_t begin(unsigned int level, uint64_t key, uint64_t classes)
{
	uint32_t slot;

	assert_true(exact_begin(&exact, level, key, classes, &slot));
	runner.maps.exact_asked->until = ~0ULL; /* the clock of a test differs */
	return slot;
}

static void every_packet_is_counted_on_the_fast_path_and_on_the_slow_one(void **state)
{
	uint32_t syns = begin(0, BAD, 1ULL << S64_CLASS_TCP_SYN);
	uint32_t all = begin(2, BAD & s64_mask_hi(48), ~0ULL);
	struct detect_exact counts;

	(void)state;
	send_of("2a00:1:2:3::4", 6, false, 30);
	send_of("2a00:1:2:3::5", 6, true, 20);
	send_of("2a00:1:2:3::6", 17, false, 10);
	send_of("2a00:1:2:4::6", 17, true, 5);
	send_of("2a00:1:3:3::6", 17, false, 3);
	exact_read(&exact, syns, &counts);
	assert_int_equal(counts.packets, 50);
	assert_int_equal(counts.syn, 50);
	assert_int_equal(counts.all_packets, 60);
	assert_int_equal(counts.proven, 0);
	exact_read(&exact, all, &counts);
	assert_int_equal(counts.packets, 65);
	exact_end(&exact, syns);
	exact_end(&exact, all);
}

static void what_is_blocked_is_counted_as_such(void **state)
{
	uint32_t slot = begin(0, BAD, ~0ULL);
	struct detect_exact counts;

	(void)state;
	assert_int_equal(sources_put(&runner.blocklist, BAD, 0), 0);
	send_of("2a00:1:2:3::4", 17, false, 7);
	exact_read(&exact, slot, &counts);
	assert_int_equal(counts.packets, 7);
	assert_int_equal(counts.blocked, 7);
	assert_int_equal(counts.dropped, 0);
	exact_end(&exact, slot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_packet_is_counted_on_the_fast_path_and_on_the_slow_one),
		cmocka_unit_test(what_is_blocked_is_counted_as_such),
	};

	return cmocka_run_group_tests(tests, open_runner, close_runner);
}
