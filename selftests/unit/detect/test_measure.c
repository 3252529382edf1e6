// SPDX-License-Identifier: GPL-2.0-only
/* Counters of a window. */
#include "detect_test.h"

static struct measure measure;
static struct detect_rules rules;

static int set_up(void **state)
{
	rules = one_rule("scan", CLASS_BIT(TCP_SYN));
	rules.rule[0].over.of[DETECT_DESTINATIONS] = 10;
	rules.rule[0].over.of[DETECT_PORTS] = 10;
	return measure_init(&measure, &any_seed, &rules);
}

static int tear_down(void **state)
{
	measure_free(&measure);
	return 0;
}

static struct measure_entry *entry_of(unsigned int level, unsigned int selector, uint64_t hi)
{
	return measure_find(&measure, level, selector, measure_key(&measure, level, hi, hi));
}

static void a_sample_counts_at_each_level_and_for_each_set_of_classes(void **state)
{
	struct s64_sample syn = sample_of(SITE(1, 0x102), S64_CLASS_TCP_SYN),
			  udp = sample_of(SITE(1, 0x103), S64_CLASS_UDP);
	unsigned int selector = measure_selector(&measure, &rules.rule[0]);

	syn.weight = 3;
	measure_add(&measure, &syn);
	measure_add(&measure, &udp);
	assert_int_equal(entry_of(0, selector, SITE(1, 0x102))->sums.packets, 3);
	assert_int_equal(entry_of(0, selector, SITE(1, 0x102))->sums.syn, 3);
	assert_int_equal(entry_of(0, selector, SITE(1, 0x102))->sums.bytes, 300);
	assert_null(entry_of(0, selector, SITE(1, 0x103)));
	for (unsigned int level = 1; level < 3; level++) {
		assert_int_equal(entry_of(level, selector, SITE(1, 0x1ff))->sums.packets, 3);
		assert_int_equal(entry_of(level, MEASURE_ALL, SITE(1, 0x1ff))->sums.packets, 4);
	}
	assert_int_equal(measure.packets, 4);
}

static void an_ipv4_address_and_a_neighbour_are_part_of_no_prefix(void **state)
{
	struct s64_sample v4 = sample_of(0, S64_CLASS_TCP_SYN),
			  neighbour = sample_of(0xfe80ULL << 48, S64_CLASS_TCP_SYN);

	v4.src_lo = 0xffffc6336401ULL;
	v4.src_key = s64_src_key_of_v4(0xc6336401);
	neighbour.src_key = 0xfe80ULL << 48 | 77;
	measure_add(&measure, &v4);
	measure_add(&measure, &neighbour);
	assert_int_equal(measure.level[0].count, 4);
	assert_int_equal(measure.level[1].count, 0);
	assert_non_null(measure_find(&measure, 0, MEASURE_ALL, v4.src_key));
}

/* A block or a throttle by hand is no sign that the policy drops it. */
static void drops_of_the_policy_are_apart_from_those_by_hand(void **state)
{
	struct s64_sample sample = sample_of(SITE(1, 1), S64_CLASS_TCP_SYN);
	struct detect_values values;
	struct measure_entry *entry;

	measure_add(&measure, &sample);
	sample.reason = S64_REASON_POLICY_DROP | S64_SAMPLE_MONITORED;
	measure_add(&measure, &sample);
	sample.reason = S64_REASON_BLOCKED;
	sample.weight = 8;
	measure_add(&measure, &sample);
	entry = entry_of(0, MEASURE_ALL, SITE(1, 1));
	assert_int_equal(entry->sums.dropped, 1);
	assert_int_equal(entry->sums.blocked, 8);
	measure_values(&measure, &entry->sums, 0, 0, 2, &values);
	assert_true(values.of[DETECT_PACKETS] == 5);
	assert_true(values.of[DETECT_BITS] == 4000);
	assert_true(values.of[DETECT_DROP_SHARE] == 0.5);
}

static void destinations_and_ports_are_told_apart(void **state)
{
	struct s64_sample sample = sample_of(SITE(1, 1), S64_CLASS_TCP_SYN);
	const struct measure_entry *entry;

	for (int i = 0; i < 50; i++) {
		sample.dst_lo = i;
		sample.dst_port = i % 5;
		measure_add(&measure, &sample);
	}
	/* not seen: neither its destination nor its port */
	sample.link = 0;
	sample.dst_lo = 1000;
	sample.dst_port = 1000;
	measure_add(&measure, &sample);
	entry = entry_of(0, measure_selector(&measure, &rules.rule[0]), SITE(1, 1));
	assert_true(measure_destinations(&measure, entry) == 50);
	assert_true(measure_ports(&measure, entry) == 5);
}

static void prefixes_that_never_repeat_displace_no_loud_one(void **state)
{
	struct s64_sample loud = sample_of(SITE(1, 1), S64_CLASS_TCP_SYN);

	for (uint32_t i = 0; i < 100000; i++) {
		struct s64_sample other =
			sample_of(0x2a00000000000000ULL + ((uint64_t)i << 16), S64_CLASS_TCP_SYN);

		measure_add(&measure, &other);
		if (i % 100 == 0)
			measure_add(&measure, &loud);
	}
	assert_true(entry_of(0, MEASURE_ALL, SITE(1, 1))->sums.packets > 990);
	assert_true(measure.replaced > 0);
	assert_true(measure.level[0].count <= MEASURE_ENTRIES);
}

static void a_window_begins_with_nothing(void **state)
{
	struct s64_sample sample = sample_of(SITE(1, 1), S64_CLASS_TCP_SYN);

	measure_add(&measure, &sample);
	measure_next_window(&measure);
	assert_null(entry_of(0, MEASURE_ALL, SITE(1, 1)));
	measure_add(&measure, &sample);
	assert_int_equal(entry_of(0, MEASURE_ALL, SITE(1, 1))->sums.packets, 1);
}

static void sorted_entries_of_a_selector_are_adjacent(void **state)
{
	for (int i = 0; i < 100; i++) {
		struct s64_sample sample =
			sample_of(SITE(1, i), i % 2 ? S64_CLASS_UDP : S64_CLASS_TCP_SYN);

		measure_add(&measure, &sample);
	}
	measure_sort(&measure);
	assert_int_equal(measure.level[0].begin[1] - measure.level[0].begin[0], 100);
	assert_int_equal(measure.level[0].begin[2] - measure.level[0].begin[1], 50);
	for (uint32_t i = measure.level[0].begin[1]; i < measure.level[0].begin[2]; i++)
		assert_int_equal(measure.level[0].entry[measure.level[0].used[i]].selector, 1);
}

static void without_rules_there_is_no_memory(void **state)
{
	struct measure none;

	rules.count = 0;
	assert_int_equal(measure_init(&none, &any_seed, &rules), 0);
	assert_int_equal(measure_bytes(&none), 0);
	assert_true(measure_bytes(&measure) > 0);
	measure_free(&none);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_sample_counts_at_each_level_and_for_each_set_of_classes),
		TEST(an_ipv4_address_and_a_neighbour_are_part_of_no_prefix),
		TEST(drops_of_the_policy_are_apart_from_those_by_hand),
		TEST(destinations_and_ports_are_told_apart),
		TEST(prefixes_that_never_repeat_displace_no_loud_one),
		TEST(a_window_begins_with_nothing),
		TEST(sorted_entries_of_a_selector_are_adjacent),
		TEST(without_rules_there_is_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
