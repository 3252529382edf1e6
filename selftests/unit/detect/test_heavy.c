// SPDX-License-Identifier: GPL-2.0-only
/* Which prefixes of a window are over a rule's thresholds, and at which level. */
#include "detect_test.h"

static struct measure measure;
static struct detect_rules rules;
static struct heavy heavy;
static uint64_t known_key;

static int set_up(void **state)
{
	known_key = 0;
	rules = one_rule("echo", CLASS_BIT(ECHO_REQUEST));
	rules.rule[0].over.of[DETECT_PACKETS] = 1000;
	return measure_init(&measure, &any_seed, &rules);
}

static int tear_down(void **state)
{
	measure_free(&measure);
	return 0;
}

static void send_packets(uint64_t hi, enum s64_class class, uint32_t packets)
{
	struct s64_sample sample = sample_of(hi, class);

	sample.weight = packets;
	measure_add(&measure, &sample);
}

static bool is_known(unsigned int level, uint64_t key, void *data)
{
	return key == known_key;
}

static void find(void)
{
	measure_sort(&measure);
	heavy_find(&heavy, &measure, &rules.rule[0], 1, is_known, NULL);
}

static void expect(uint32_t i, unsigned int length, uint64_t key)
{
	assert_true(i < heavy.count);
	assert_int_equal(rules.level[heavy.candidate[i].level], length);
	assert_true(heavy.candidate[i].key == key);
}

static void one_source_is_that_source(void **state)
{
	send_packets(SITE(1, 1), S64_CLASS_ECHO_REQUEST, 1500);
	send_packets(SITE(1, 1), S64_CLASS_TCP, 500);
	send_packets(SITE(1, 2), S64_CLASS_ECHO_REQUEST, 900);
	find();
	assert_int_equal(heavy.count, 1);
	expect(0, 64, SITE(1, 1));
	assert_true(heavy.candidate[0].values.of[DETECT_PACKETS] == 1500);
	assert_int_equal(heavy.candidate[0].packets, 1500);
	assert_int_equal(heavy.candidate[0].all_packets, 2000);
}

/* Of another class, or in another window: nothing. */
static void what_a_rule_does_not_look_at_is_nothing(void **state)
{
	send_packets(SITE(1, 1), S64_CLASS_UDP, 100000);
	find();
	assert_int_equal(heavy.count, 0);
}

static void sources_that_rotate_through_a_48_are_the_48(void **state)
{
	for (int i = 0; i < 200; i++)
		send_packets(SITE(1, i << 8), S64_CLASS_ECHO_REQUEST, 10);
	find();
	assert_int_equal(heavy.count, 1);
	expect(0, 48, SITE(1, 0));
	assert_int_equal(heavy.candidate[0].sources, 200);
	assert_int_equal(heavy.candidate[0].spared, 0);
	assert_true(heavy.candidate[0].values.of[DETECT_PACKETS] == 2000);
}

/* A prefix counts only what no heavy one within it explains. */
static void a_heavy_source_does_not_make_what_it_is_within_heavy(void **state)
{
	send_packets(SITE(1, 1), S64_CLASS_ECHO_REQUEST, 100000);
	for (int i = 2; i < 10; i++)
		send_packets(SITE(1, i), S64_CLASS_ECHO_REQUEST, 100);
	find();
	assert_int_equal(heavy.count, 1);
	expect(0, 64, SITE(1, 1));
}

/* Most of what it sends is honest: a threshold that it exceeds does not condemn all of it. */
static void a_spread_among_more_that_is_honest_is_nothing(void **state)
{
	for (int i = 0; i < 200; i++) {
		send_packets(SITE(1, i), S64_CLASS_ECHO_REQUEST, 10);
		send_packets(SITE(1, i), S64_CLASS_TCP, 20);
	}
	find();
	assert_int_equal(heavy.count, 0);
}

/* Most of its sources take part, but little of its traffic. */
static void a_spread_beside_a_download_that_is_far_more_is_nothing(void **state)
{
	for (int i = 0; i < 200; i++)
		send_packets(SITE(1, i << 8), S64_CLASS_ECHO_REQUEST, 10);
	send_packets(SITE(1, 7), S64_CLASS_TCP, 100000);
	find();
	assert_int_equal(heavy.count, 0);
}

static void three_bad_of_eight_are_three(void **state)
{
	for (int i = 0; i < 8; i++)
		send_packets(SITE(1, i), i < 3 ? S64_CLASS_ECHO_REQUEST : S64_CLASS_TCP, 2000);
	find();
	assert_int_equal(heavy.count, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(heavy.candidate[i].level, 0);
}

static void probes(uint64_t hi, uint32_t first, uint32_t destinations, uint32_t packets)
{
	struct s64_sample sample = sample_of(hi, S64_CLASS_ECHO_REQUEST);

	for (uint32_t i = 0; i < packets; i++) {
		sample.dst_lo = first + i % destinations;
		measure_add(&measure, &sample);
	}
}

/* After an outage, all customers of a /48 run traceroute (issue 17, the honest mix). */
static void many_who_try_one_destination_each_again_are_no_scan(void **state)
{
	measure_free(&measure);
	rules.rule[0].over = (struct detect_values){};
	rules.rule[0].over.of[DETECT_DESTINATIONS] = 200;
	assert_int_equal(measure_init(&measure, &any_seed, &rules), 0);
	for (uint32_t i = 0; i < 300; i++)
		probes(SITE(1, i << 7), i, 1, 5);
	/* and a scan that rotates through as many */
	for (uint32_t i = 0; i < 300; i++)
		probes(SITE(2, i << 7), 1000 + i * 5, 5, 5);
	find();
	assert_int_equal(heavy.count, 1);
	expect(0, 48, SITE(2, 0));
}

static void next_window(void)
{
	measure_sort(&measure);
	measure_next_window(&measure);
}

/* Under a flood, quiet sources are sampled once in some seconds: the second that is looked at has
 * none of them.
 */
static void three_bad_are_three_where_quiet_neighbours_were_seen_of_late(void **state)
{
	for (int i = 3; i < 8; i++) {
		send_packets(SITE(1, i), S64_CLASS_TCP, 1);
		next_window();
	}
	for (int i = 0; i < 3; i++)
		send_packets(SITE(1, i), S64_CLASS_ECHO_REQUEST, 2000);
	find();
	assert_int_equal(heavy.count, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(heavy.candidate[i].level, 0);
}

static void quiet_neighbours_are_part_of_the_cost(void **state)
{
	for (int i = 0; i < 2; i++)
		send_packets(SITE(1, i << 8), S64_CLASS_TCP, 1);
	/* those that rotate are not, in windows in which they are not seen either */
	for (int i = 100; i < 250; i++)
		send_packets(SITE(1, i << 8), S64_CLASS_ECHO_REQUEST, 1);
	next_window();
	for (int i = 100; i < 200; i++)
		send_packets(SITE(1, i << 8), S64_CLASS_ECHO_REQUEST, 20);
	find();
	assert_int_equal(heavy.count, 1);
	expect(0, 48, SITE(1, 0));
	assert_int_equal(heavy.candidate[0].spared, 2);
	assert_int_equal(heavy.candidate[0].sources, 102);
	assert_true(heavy.candidate[0].example[0].src_key < SITE(1, 2 << 8));
}

static void sixty_bad_of_64_are_the_56_with_the_four_named(void **state)
{
	for (int i = 0; i < 64; i++)
		send_packets(SITE(1, 0x200 + i), i < 60 ? S64_CLASS_ECHO_REQUEST : S64_CLASS_TCP,
			     i < 60 ? 2000 : 1000);
	find();
	assert_int_equal(heavy.count, 1);
	expect(0, 56, SITE(1, 0x200));
	assert_int_equal(heavy.candidate[0].sources, 64);
	assert_int_equal(heavy.candidate[0].spared, 4);
	assert_int_equal(heavy.candidate[0].packets, 120000);
	assert_int_equal(heavy.candidate[0].all_packets, 124000);
	for (int i = 0; i < 4; i++)
		assert_in_range(heavy.candidate[0].example[i].src_key, SITE(1, 0x200 + 60),
				SITE(1, 0x200 + 63));
}

/* Where the table of sources has no room for it, what it is within still counts it. */
static void a_source_without_room_is_not_taken_for_its_48(void **state)
{
	for (int i = 0; i < 3 * MEASURE_ENTRIES; i++)
		send_packets(SITE(i, 1), S64_CLASS_ECHO_REQUEST, 2000);
	find();
	for (uint32_t i = 0; i < heavy.count; i++)
		assert_int_equal(heavy.candidate[i].level, 0);
	assert_true(heavy.count > 0);
}

static void two_bad_neighbours_are_two(void **state)
{
	send_packets(SITE(1, 1), S64_CLASS_ECHO_REQUEST, 2000);
	send_packets(SITE(1, 2), S64_CLASS_ECHO_REQUEST, 2000);
	find();
	assert_int_equal(heavy.count, 2);
}

/* It does not go back and forth between the /56 and its parts. */
static void a_wider_one_that_is_proposed_stays(void **state)
{
	known_key = SITE(1, 0);
	for (int i = 0; i < 8; i++)
		send_packets(SITE(1, i), i < 3 ? S64_CLASS_ECHO_REQUEST : S64_CLASS_TCP, 2000);
	find();
	assert_int_equal(heavy.count, 1);
	assert_int_equal(heavy.candidate[0].spared, 5);
}

static void several_56_are_the_48(void **state)
{
	for (int i = 0; i < 3 * 256; i++)
		send_packets(SITE(1, i), S64_CLASS_ECHO_REQUEST, 10);
	find();
	assert_int_equal(heavy.count, 1);
	expect(0, 48, SITE(1, 0));
	assert_int_equal(heavy.candidate[0].packets, 7680);
}

static void all_thresholds_must_be_exceeded(void **state)
{
	rules.rule[0].over.of[DETECT_DROP_SHARE] = 0.5;
	send_packets(SITE(1, 1), S64_CLASS_ECHO_REQUEST, 2000);
	find();
	assert_int_equal(heavy.count, 0);
}

static void values_of_any_prefix_and_none_if_a_wider_one_stands_for_it(void **state)
{
	struct detect_values values;

	for (int i = 0; i < 200; i++)
		send_packets(SITE(1, i << 8), S64_CLASS_ECHO_REQUEST, 10);
	send_packets(SITE(2, 1), S64_CLASS_ECHO_REQUEST, 500);
	find();
	assert_true(heavy_values(&measure, &rules.rule[0], 0, SITE(2, 1), SITE(2, 1), 1, &values));
	assert_true(values.of[DETECT_PACKETS] == 500);
	assert_true(heavy_values(&measure, &rules.rule[0], 0, SITE(3, 1), SITE(3, 1), 1, &values));
	assert_true(values.of[DETECT_PACKETS] == 0);
	assert_false(heavy_values(&measure, &rules.rule[0], 0, SITE(1, 9), SITE(1, 9), 1, &values));
}

static void what_is_blocked_already_is_marked(void **state)
{
	struct s64_sample sample = sample_of(SITE(1, 1), S64_CLASS_ECHO_REQUEST);

	sample.weight = 2000;
	sample.reason = S64_REASON_BLOCKED;
	measure_add(&measure, &sample);
	find();
	assert_int_equal(heavy.count, 1);
	assert_true(heavy.candidate[0].is_blocked);
}

static void too_many_are_counted(void **state)
{
	for (int i = 0; i < HEAVY_MAX + 500; i++)
		send_packets(SITE(i, 1), S64_CLASS_ECHO_REQUEST, 2000);
	find();
	assert_int_equal(heavy.count, HEAVY_MAX);
	assert_true(heavy.no_room > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_source_is_that_source),
		TEST(what_a_rule_does_not_look_at_is_nothing),
		TEST(sources_that_rotate_through_a_48_are_the_48),
		TEST(a_heavy_source_does_not_make_what_it_is_within_heavy),
		TEST(a_spread_among_more_that_is_honest_is_nothing),
		TEST(a_spread_beside_a_download_that_is_far_more_is_nothing),
		TEST(three_bad_of_eight_are_three),
		TEST(many_who_try_one_destination_each_again_are_no_scan),
		TEST(three_bad_are_three_where_quiet_neighbours_were_seen_of_late),
		TEST(quiet_neighbours_are_part_of_the_cost),
		TEST(sixty_bad_of_64_are_the_56_with_the_four_named),
		TEST(a_source_without_room_is_not_taken_for_its_48),
		TEST(two_bad_neighbours_are_two),
		TEST(a_wider_one_that_is_proposed_stays),
		TEST(several_56_are_the_48),
		TEST(all_thresholds_must_be_exceeded),
		TEST(values_of_any_prefix_and_none_if_a_wider_one_stands_for_it),
		TEST(what_is_blocked_already_is_marked),
		TEST(too_many_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
