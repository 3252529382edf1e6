// SPDX-License-Identifier: GPL-2.0-only
/* Exact counts over the packets of a capture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "replay/exact_counts.h"

#define SOURCE	0x20010db8000a0001ULL
#define SIBLING 0x20010db8000a0002ULL
#define SYNS	(1ULL << S64_CLASS_TCP_SYN)
#define BEGUN	5000000ULL

static const struct s64_seed seed = {7, {0x9e3779b97f4a7c15ULL, 0xd6e8feb86659fd93ULL}};
static const struct detect_rules rules = {.level = {64, 48}, .level_count = 2};
static struct exact_counts *counts;
static struct detect_exact exact;

static int set_up(void **state)
{
	(void)state;
	counts = malloc(sizeof(*counts));
	if (!counts)
		return -1;
	exact_counts_init(counts, &seed, &rules);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(counts);
	return 0;
}

static uint32_t begin(uint8_t level, uint64_t key, uint64_t classes)
{
	const struct detect_track track = {.level = level, .key = key};
	uint32_t slot;

	assert_true(exact_counts_begin(counts, &track, classes, BEGUN, &slot));
	return slot;
}

static void packet(uint64_t source, uint8_t class, uint8_t reason)
{
	const struct s64_sample one = {.src_key = source,
				       .src_hi = source,
				       .weight = 1000,
				       .length = 60,
				       .class = class,
				       .reason = reason};

	exact_counts_packet(counts, &one);
}

static void read_at(uint32_t slot, uint64_t us)
{
	exact_counts_read(counts, slot, BEGUN + us, &exact);
}

static void each_packet_counts_once_in_what_it_is_part_of(void **state)
{
	uint32_t source = begin(0, SOURCE, SYNS), wide = begin(1, SOURCE & ~0xffffULL, SYNS);

	(void)state;
	for (int i = 0; i < 5; i++)
		packet(SOURCE, S64_CLASS_TCP_SYN, S64_REASON_POLICY);
	packet(SOURCE, S64_CLASS_UDP, S64_REASON_POLICY);
	packet(SIBLING, S64_CLASS_TCP_SYN, S64_REASON_POLICY);
	packet(SOURCE + (1ULL << 32), S64_CLASS_TCP_SYN, S64_REASON_POLICY);
	read_at(source, 2000000);
	assert_int_equal(exact.packets, 5);
	assert_int_equal(exact.syn, 5);
	assert_int_equal(exact.bytes, 300);
	assert_int_equal(exact.all_packets, 6);
	assert_int_equal(exact.us, 2000000);
	assert_int_equal(exact.proven, 0);
	read_at(wide, 1);
	assert_int_equal(exact.packets, 6);
	assert_int_equal(exact.all_packets, 7);
}

static void drops_of_the_policy_are_apart_from_those_of_blocks(void **state)
{
	uint32_t slot = begin(0, SOURCE, SYNS);

	(void)state;
	packet(SOURCE, S64_CLASS_TCP_SYN, S64_REASON_BLOCKED);
	packet(SOURCE, S64_CLASS_TCP_SYN, S64_REASON_THROTTLED | S64_SAMPLE_MONITORED);
	packet(SOURCE, S64_CLASS_TCP_SYN, S64_REASON_OVER_SOURCE_LIMIT);
	packet(SOURCE, S64_CLASS_TCP_SYN, S64_REASON_OVER_SOURCE_LIMIT | S64_SAMPLE_MONITORED);
	packet(SOURCE, S64_CLASS_TCP_SYN, S64_REASON_POLICY);
	read_at(slot, 1);
	assert_int_equal(exact.packets, 5);
	assert_int_equal(exact.blocked, 2);
	assert_int_equal(exact.dropped, 2);
}

static void what_ended_leaves_its_place_and_no_count(void **state)
{
	uint32_t slot;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		slot = begin(0, SOURCE, SYNS);
		packet(SOURCE, S64_CLASS_TCP_SYN, S64_REASON_POLICY);
		read_at(slot, 1);
		assert_int_equal(exact.packets, 1);
		exact_counts_end(counts, slot);
	}
	assert_int_equal(counts->used, 0);
}

static void a_full_set_has_no_room(void **state)
{
	uint32_t slot, found = 0;

	(void)state;
	for (uint64_t key = SOURCE; found < S64_EXACT_SLOTS; key += 0x10001) {
		const struct detect_track track = {.key = key};

		if (exact_counts_begin(counts, &track, SYNS, BEGUN, &slot))
			found++;
		assert_in_range(slot, 0, S64_EXACT_SLOTS - 1);
	}
	assert_int_equal(counts->used, S64_EXACT_SLOTS);
	assert_false(
		exact_counts_begin(counts, &(struct detect_track){.key = 5}, SYNS, BEGUN, &slot));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_packet_counts_once_in_what_it_is_part_of),
		TEST(drops_of_the_policy_are_apart_from_those_of_blocks),
		TEST(what_ended_leaves_its_place_and_no_count),
		TEST(a_full_set_has_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
