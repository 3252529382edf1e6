// SPDX-License-Identifier: GPL-2.0-only
/* Counters, summed over all CPUs and earlier maps, and their rates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/stats/counters.h"
#include "policy/names.h"

#define CPUS  3
#define SLOTS 2

static struct s64_meta meta = {.cpus = CPUS, .iface_slots = SLOTS};
static struct s64_counters memory[2][SLOTS * CPUS + SLOTS];
static struct maps maps = {.meta = &meta, .counters = memory[0]},
		   other = {.meta = &meta, .counters = memory[1]};
static struct s64_counters sum;

static int set_up(void **state)
{
	memset(memory, 0, sizeof(memory));
	return 0;
}

/* The counter of one CPU for one interface. */
static struct s64_counter *counter(int slot, int cpu, int class, int reason)
{
	return &maps.counters[slot * CPUS + cpu].of_class[S64_OUTCOME_ENFORCED][class][reason];
}

static void count(int slot, int cpu, uint64_t packets)
{
	counter(slot, cpu, S64_CLASS_UDP, S64_REASON_BLOCKED)->packets += packets;
	counter(slot, cpu, S64_CLASS_UDP, S64_REASON_BLOCKED)->bytes += packets * 100;
}

static const struct s64_counter *summed(void)
{
	return &sum.of_class[S64_OUTCOME_ENFORCED][S64_CLASS_UDP][S64_REASON_BLOCKED];
}

static void all_cpus_of_a_slot_are_added_and_no_others(void **state)
{
	count(0, 0, 1);
	count(0, 2, 5);
	count(1, 0, 100);
	counters_sum(&maps, 0, &sum);
	assert_int_equal(summed()->packets, 6);
	assert_int_equal(summed()->bytes, 600);
	counters_sum(&maps, 1, &sum);
	assert_int_equal(summed()->packets, 100);
}

static void what_earlier_maps_had_counted_is_carried_on(void **state)
{
	count(0, 1, 7);
	counters_carry(&maps, 0, &other, 0);
	counters_sum(&other, 0, &sum);
	assert_int_equal(summed()->packets, 7);
	/* also over a second upgrade */
	counters_clear(&maps, 0);
	counters_carry(&other, 0, &maps, 0);
	counters_sum(&maps, 0, &sum);
	assert_int_equal(summed()->packets, 7);
}

static void what_was_let_through_of_a_class_is_summed_over_everything(void **state)
{
	strcpy(meta.iface[0].name, "eth0");
	strcpy(meta.iface[1].name, "eth1");
	counter(0, 1, S64_CLASS_TCP_SYN, S64_REASON_POLICY)->packets = 1;
	counter(1, 2, S64_CLASS_TCP_SYN, S64_REASON_POLICY)->packets = 10;
	counter(1, 0, S64_CLASS_TCP_SYN, S64_REASON_BLOCKED)->packets = 100; /* dropped */
	counter(1, 0, S64_CLASS_UDP, S64_REASON_POLICY)->packets = 1000;
	maps.counters[0]
		.of_class[S64_OUTCOME_MONITORED][S64_CLASS_TCP_SYN][S64_REASON_BLOCKED]
		.packets = 10000;
	maps.counters[SLOTS * CPUS + 1]
		.of_class[S64_OUTCOME_ENFORCED][S64_CLASS_TCP_SYN][S64_REASON_POLICY]
		.packets = 100000; /* carried over */
	assert_int_equal(counters_passed(&maps, S64_CLASS_TCP_SYN), 110011);
}

static void a_cleared_slot_is_zero_and_the_other_stays(void **state)
{
	count(0, 1, 7);
	count(1, 1, 8);
	counters_carry(&maps, 0, &maps, 0);
	counters_clear(&maps, 0);
	counters_sum(&maps, 0, &sum);
	assert_int_equal(summed()->packets, 0);
	counters_sum(&maps, 1, &sum);
	assert_int_equal(summed()->packets, 8);
}

struct seen {
	int rows;
	struct counter_row last;
};

static void see(const struct counter_row *row, void *data)
{
	struct seen *seen = data;

	seen->rows++;
	seen->last = *row;
}

static void each_counter_that_is_not_zero_is_a_row_with_its_verdict(void **state)
{
	struct seen seen = {};

	memset(&sum, 0, sizeof(sum));
	counters_each(&sum, NULL, see, &seen);
	assert_int_equal(seen.rows, 0);
	sum.of_class[S64_OUTCOME_ENFORCED][S64_CLASS_TCP][S64_REASON_POLICY].packets = 5;
	counters_each(&sum, NULL, see, &seen);
	assert_int_equal(seen.rows, 1);
	assert_int_equal(seen.last.class, S64_CLASS_TCP);
	assert_int_equal(seen.last.verdict, S64_PASS);
	assert_int_equal(seen.last.packets, 5);
	memset(&sum, 0, sizeof(sum));
	sum.of_class[S64_OUTCOME_MONITORED][S64_CLASS_UDP][S64_REASON_BLOCKED].packets = 6;
	counters_each(&sum, NULL, see, &seen);
	assert_int_equal(seen.last.verdict, S64_WOULD_DROP);
	memset(&sum, 0, sizeof(sum));
	sum.of_parse[S64_OUTCOME_ENFORCED][S64_REASON_BAD_OPTION - S64_REASON_PARSE].packets = 7;
	counters_each(&sum, NULL, see, &seen);
	assert_int_equal(seen.rows, 3);
	assert_int_equal(seen.last.class, S64_CLASS_MALFORMED);
	assert_int_equal(seen.last.reason, S64_REASON_BAD_OPTION);
	assert_int_equal(seen.last.verdict, S64_DROP);
}

static void a_rate_is_of_two_sums_and_none_before_or_after_a_reset(void **state)
{
	struct counters_rate rate;
	struct seen seen = {};

	assert_int_equal(counters_rate_init(&rate), 0);
	counters_rate_tick(&rate, &maps, 0);
	count(0, 0, 1000);
	counters_sum(&maps, 0, &sum);
	counters_each(&sum, &rate, see, &seen);
	assert_true(seen.last.packets_per_second == 0);
	counters_rate_tick(&rate, &maps, 0);
	rate.before_ns = rate.after_ns - 2000000000;
	counters_each(&sum, &rate, see, &seen);
	assert_true(seen.last.packets_per_second == 500);
	assert_true(seen.last.bytes_per_second == 50000);
	counters_rate_reset(&rate);
	counters_each(&sum, &rate, see, &seen);
	assert_true(seen.last.packets_per_second == 0);
	counters_rate_free(&rate);
	assert_null(rate.before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_cpus_of_a_slot_are_added_and_no_others, set_up,
						NULL),
		cmocka_unit_test_setup_teardown(what_earlier_maps_had_counted_is_carried_on, set_up,
						NULL),
		cmocka_unit_test_setup_teardown(
			what_was_let_through_of_a_class_is_summed_over_everything, set_up, NULL),
		cmocka_unit_test_setup_teardown(a_cleared_slot_is_zero_and_the_other_stays, set_up,
						NULL),
		cmocka_unit_test_setup_teardown(
			each_counter_that_is_not_zero_is_a_row_with_its_verdict, set_up, NULL),
		cmocka_unit_test_setup_teardown(
			a_rate_is_of_two_sums_and_none_before_or_after_a_reset, set_up, NULL),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
