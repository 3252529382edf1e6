// SPDX-License-Identifier: GPL-2.0-only
/* The packets of proposals: when their capture begins and ends. The capture itself is a stand-in. */
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/time.h"
#include "daemon/detect/packets.h"

static struct event_base *base;
static struct s64_meta meta; /* without CPUs and interfaces */
static struct maps maps = {.meta = &meta};
static struct packets packets;
static int gate[2]; /* the kernel waits until something is written */
static bool is_captured;

void capture_prepare(struct capture *capture, const struct maps *of)
{
	capture->maps = of;
}

int capture_open_rings(struct capture *capture, size_t memory, bool soon, struct error *error)
{
	char byte;

	return read(gate[0], &byte, 1) == 1 ? 0 : -1;
}

void capture_begin(struct capture *capture, const struct s64_capture_filter *filter)
{
	is_captured = true;
}

void capture_pause(struct capture *capture)
{
	is_captured = false;
}

void capture_close_rings(struct capture *capture)
{
}

void capture_interface(struct capture *capture, uint32_t slot, bool captured)
{
}

uint64_t capture_renew(struct capture *capture)
{
	return 0;
}

static int set_up(void **state)
{
	is_captured = false;
	base = event_base_new();
	if (packets_init(&packets) || pipe(gate))
		return -1;
	packets.maps = &maps;
	packets.aside = aside_new(base);
	return !packets.aside;
}

static int tear_down(void **state)
{
	packets_free(&packets);
	aside_free(packets.aside);
	event_base_free(base);
	return 0;
}

static void let_rings_be_opened(void)
{
	assert_int_equal(write(gate[1], "x", 1), 1);
	while (!is_captured)
		event_base_loop(base, EVLOOP_ONCE);
}

/* The kernel waits for packets in flight with the ring of each CPU: with 128 CPUs, or on a busy
 * machine, for longer than packets are captured. Then none was kept.
 */
static void the_time_begins_when_the_rings_are_open(void **state)
{
	struct prefix prefix = prefix_of_bits(0x20010db8ULL << 32, 0, 64);
	uint64_t asked_ms = clock_monotonic_ms() - PACKETS_SPAN_MS - 1000, now_ms;

	assert_true(packets_are_free(&packets));
	packets_begin(&packets, 1, &prefix, UINT64_MAX, false, asked_ms);
	assert_true(packets_are_of(&packets, 1));
	let_rings_be_opened();
	now_ms = clock_monotonic_ms();
	packets_tick(&packets, now_ms);
	assert_true(is_captured);
	packets_tick(&packets, now_ms + PACKETS_SPAN_MS + 1000);
	assert_false(is_captured);
	aside_finish(packets.aside);
	assert_true(packets_are_free(&packets));
}

static void one_that_ends_while_its_rings_are_opened_captures_nothing(void **state)
{
	struct prefix prefix = prefix_of_bits(0x20010db8ULL << 32, 0, 64);

	packets_begin(&packets, 1, &prefix, 1, false, clock_monotonic_ms());
	packets_end(&packets, clock_monotonic_ms());
	assert_int_equal(write(gate[1], "x", 1), 1);
	aside_finish(packets.aside);
	assert_false(is_captured);
	assert_true(packets_are_free(&packets));
	assert_null(packets_of(&packets, 1));
}

static void one_without_packets_takes_no_other_place_the_next_time(void **state)
{
	struct prefix prefix = prefix_of_bits(0x20010db8ULL << 32, 0, 64);

	for (uint64_t round = 0; round < 3; round++) {
		packets_begin(&packets, 1, &prefix, 1, false, clock_monotonic_ms());
		let_rings_be_opened();
		packets_end(&packets, clock_monotonic_ms());
		aside_finish(packets.aside);
	}
	assert_int_equal(packets.kept[0].id, 1);
	assert_int_equal(packets.kept[1].id, 0);
	assert_int_equal(packets.kept_id, 0);
	/* nor does another one take that of one that has some */
	packets.kept[0].count = 1;
	packets_begin(&packets, 2, &prefix, 1, false, clock_monotonic_ms());
	assert_int_equal(packets.kept[0].id, 1);
	assert_int_equal(packets.kept[1].id, 2);
	let_rings_be_opened();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(the_time_begins_when_the_rings_are_open),
		TEST(one_that_ends_while_its_rings_are_opened_captures_nothing),
		TEST(one_without_packets_takes_no_other_place_the_next_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
