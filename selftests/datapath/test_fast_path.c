// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c user/maps/blocklist.c user/maps/prefix_table.c user/net/prefix_set.c user/maps/local_addresses.c user/base/array.c */
/* The fast path for plain packets gives the same verdicts as the slow path. */

#include "verdict_test.h"

static void a_plain_packet_is_limited_on_the_fast_path(void **state)
{
	struct s64_packet packet;
	struct frame f;
	int over = 0;

	(void)state;
	for (int direction = 0; direction < S64_DIRECTION_COUNT; direction++)
		s64_native->policy->action[S64_CLASS_UDP][direction] = S64_ACTION_LIMIT;
	s64_native->limits[S64_CLASS_UDP] = s64_native->limits[S64_CLASS_ECHO_REQUEST];
	build_udp(&f, ANY_SOURCE, 8);
	assert_int_equal(process_plainly(&f), S64_REASON_WITHIN_LIMIT);
	for (int i = 0; i < 2000; i++)
		over += process_frame(&f, &packet) == S64_REASON_OVER_SOURCE_LIMIT;
	assert_in_range(over, 1, 1999);
	assert_int_equal(process_plainly(&f), S64_REASON_OVER_SOURCE_LIMIT);
}

/* Each map lookup of the fast path, one after the other, finds nothing: the slow path decides, or there is a verdict. */
static void a_look_that_finds_nothing_leaves_it_to_the_slow_path(void **state)
{
	struct s64_cpu_state *cpu_state = &s64_native->counters->cpu_state;
	bool left = false, ends = false;
	struct frame f;

	(void)state;
	for (int direction = 0; direction < S64_DIRECTION_COUNT; direction++)
		s64_native->policy->action[S64_CLASS_UDP][direction] = S64_ACTION_LIMIT;
	s64_native->limits[S64_CLASS_UDP] = s64_native->limits[S64_CLASS_ECHO_REQUEST];
	build_udp(&f, ANY_SOURCE, 8);
	for (uint32_t n = 1; n < 1000 && !ends; n++) {
		s64_frame frame = {f.data, f.data + f.bytes, f.bytes};
		struct s64_plain plain;
		uint8_t reason;

		s64_native->looks = n;
		reason = verdict_plain(&frame, s64_native->policy, cpu_state, &plain);
		left |= reason == S64_REASON_NONE;
		assert_true(reason == S64_REASON_NONE || strcmp(reason_name(reason), "undefined"));
		ends = s64_native->looks; /* it takes no more */
	}
	s64_native->looks = 0;
	assert_true(left && ends);
}

/* In calm, when the limiter's bucket is fetched first, and when nearly everything is blocked. */
static void a_limited_class_asks_for_blocks_and_for_limits_either_way(void **state)
{
	static const uint32_t lately[] = {0, S64_BLOCKED_LATELY_MAX};
	const uint64_t src_key = 0x2a00000100020003ULL; /* of ANY_SOURCE */
	struct s64_packet packet;
	struct frame f;

	(void)state;
	for (int direction = 0; direction < S64_DIRECTION_COUNT; direction++)
		s64_native->policy->action[S64_CLASS_UDP][direction] = S64_ACTION_LIMIT;
	s64_native->limits[S64_CLASS_UDP] = s64_native->limits[S64_CLASS_ECHO_REQUEST];
	build_udp(&f, ANY_SOURCE, 8);
	for (size_t i = 0; i < sizeof(lately) / sizeof(lately[0]); i++) {
		int over = 0;

		s64_native->now += S64_TOLERANCE_MAX;
		sources_put(&blocklist, src_key, 0);
		s64_native->counters->cpu_state.blocked_lately = lately[i];
		assert_int_equal(process_plainly(&f), S64_REASON_BLOCKED);
		sources_remove(&blocklist, src_key);
		for (int n = 0; n < 2000; n++) {
			s64_native->counters->cpu_state.blocked_lately = lately[i];
			over += process_frame(&f, &packet) == S64_REASON_OVER_SOURCE_LIMIT;
		}
		assert_in_range(over, 1, 1999);
	}
}

static void what_is_not_plain_takes_the_slow_path(void **state)
{
	static const char *const ruled[] = {"2002:c633:6407::1", "fe80::1", "64:ff9b::1", "ff02::1",
					    "::"};
	struct frame f;

	(void)state;
	build_udp(&f, ANY_SOURCE, 8);
	assert_int_equal(process_plainly(&f), PASS);
	for (size_t i = 0; i < sizeof(ruled) / sizeof(ruled[0]); i++) {
		build_udp(&f, ruled[i], 8);
		assert_int_equal(process_plainly(&f), S64_REASON_NONE);
	}
	/* a payload longer than the frame, or too short for its header */
	build_udp(&f, ANY_SOURCE, 9);
	assert_int_equal(process_plainly(&f), S64_REASON_NONE);
	build_udp(&f, ANY_SOURCE, 7);
	assert_int_equal(process_plainly(&f), S64_REASON_NONE);
	/* a different action for each direction */
	build_udp(&f, ANY_SOURCE, 8);
	s64_native->policy->action[S64_CLASS_UDP][S64_LOCAL] = S64_ACTION_DROP;
	assert_int_equal(process_plainly(&f), S64_REASON_NONE);
	/* but a blocked source is blocked whatever the actions */
	sources_put(&blocklist, 0x2a00000100020003ULL, 0);
	assert_int_equal(process_plainly(&f), S64_REASON_BLOCKED);
	sources_put(&blocklist, 0x2a00000100020003ULL, S64_BLOCK_THROTTLE);
	assert_int_equal(process_plainly(&f), S64_REASON_NONE);
}

static void nothing_is_read_behind_a_frame_for_the_sample(void **state)
{
	struct s64_plain plain = {.src_key = 1, .class = S64_CLASS_UDP};
	struct s64_packet packet = {};
	struct frame f;
	s64_frame frame = {f.data, f.data + S64_PLAIN_UPPER - 1, S64_PLAIN_UPPER};

	(void)state;
	build_udp(&f, ANY_SOURCE, 8);
	packet_of_plain(&packet, &frame, &plain);
	assert_int_equal(packet.class, 0);
	frame.data_end++;
	packet_of_plain(&packet, &frame, &plain);
	assert_int_equal(packet.class, S64_CLASS_UDP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(a_plain_packet_is_limited_on_the_fast_path),
		TEST(a_look_that_finds_nothing_leaves_it_to_the_slow_path),
		TEST(a_limited_class_asks_for_blocks_and_for_limits_either_way),
		TEST(what_is_not_plain_takes_the_slow_path),
		TEST(nothing_is_read_behind_a_frame_for_the_sample),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
