// SPDX-License-Identifier: GPL-2.0-only
/* Hits are written to the store in pieces, and read back at a start. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "blocks_test.h"

static uint32_t now;

static int set_up(void **state)
{
	int err = blocks_set_up(state);

	now = blocks.kept.since + 10;
	return err;
}

static void note(const char *text, uint64_t hits)
{
	struct prefix prefix = prefix_of(text);
	struct block_target target = blocks_target(&blocks, &prefix);

	hits_kept_note(&blocks.kept, &prefix, 0, now);
	if (target.is_source)
		sources_count_hits(&blocklist, target.src_key, hits, now);
	else
		prefixes_count_hits(&prefixes, &prefix, hits, now);
}

static void add_hits(const struct prefix *prefix, uint64_t hits, uint32_t last_hit, void *data)
{
	char text[PREFIX_TEXT_MAX];
	size_t n = strlen(rows);

	assert_int_equal(last_hit, now);
	snprintf(rows + n, sizeof(rows) - n, "%s:%lu ", prefix_format(prefix, text), hits);
}

static const char *written(void)
{
	rows[0] = '\0';
	done(store_hits(store, add_hits, NULL, &error));
	return rows;
}

static void a_block_is_noted_once_in_an_interval(void **state)
{
	struct prefix prefix = prefix_of("2400::/64");

	hits_kept_note(&blocks.kept, &prefix, blocks.kept.since - 1, now);
	assert_int_equal(blocks.kept.noted_count, 1);
	/* last hit in this interval */
	hits_kept_note(&blocks.kept, &prefix, blocks.kept.since, now);
	hits_kept_note(&blocks.kept, &prefix, now, now);
	assert_int_equal(blocks.kept.noted_count, 1);
	/* the clock was set back */
	hits_kept_note(&blocks.kept, &prefix, now + 5, now);
	assert_int_equal(blocks.kept.noted_count, 2);
}

static void no_more_are_noted_than_there_is_room(void **state)
{
	struct prefix prefix = prefix_of("2400::/64");

	for (int i = 0; i < HITS_KEPT_MAX + 5; i++)
		hits_kept_note(&blocks.kept, &prefix, 0, now);
	assert_int_equal(blocks.kept.noted_count, HITS_KEPT_MAX);
}

static void sort(void)
{
	while (hits_kept_sort(&blocks.kept))
		;
}

static void they_are_written_in_pieces_and_only_once(void **state)
{
	block("2402::/64", "a", 0);
	block("2400::/64", "a", 0);
	block("2401::/48", "a", 0);
	note("2402::/64", 7);
	note("2400::/64", 5);
	note("2401::/48", 6);
	hits_kept_begin(&blocks.kept, now);
	assert_int_equal(blocks.kept.noted_count, 0);
	sort();
	assert_int_equal(hits_kept_write(&blocks, 2, &error), 1);
	assert_string_equal(written(), "2400::/64:5 2401::/48:6 ");
	/* not until the others are written */
	note("2400::/64", 8);
	hits_kept_begin(&blocks.kept, now);
	assert_int_equal(hits_kept_write(&blocks, 2, &error), 0);
	assert_string_equal(written(), "2400::/64:5 2401::/48:6 2402::/64:7 ");
	assert_int_equal(hits_kept_write(&blocks, 2, &error), 0);
	assert_int_equal(blocks.kept.noted_count, 1);
}

static void at_the_end_all_of_them_are_written(void **state)
{
	block("2400::/64", "a", 0);
	block("2401::/64", "a", 0);
	note("2400::/64", 5);
	hits_kept_begin(&blocks.kept, now);
	note("2401::/64", 6);
	done(hits_kept_write_all(&blocks, now, &error));
	assert_string_equal(written(), "2400::/64:5 2401::/64:6 ");
}

static void a_block_that_is_gone_is_not_written(void **state)
{
	note("2400::/64", 5);
	done(hits_kept_write_all(&blocks, now, &error));
	assert_string_equal(written(), "");
}

static void runs_are_merged_in_order(void **state)
{
	char expected[64];

	/* more than one run, the last one first */
	for (int i = HITS_KEPT_RUN + 1; i >= 0; i--) {
		struct prefix prefix = prefix_of_bits(0x2400000000000000 + i, 0, 64);

		done(sources_put(&blocklist, prefix_hi(&prefix), 0));
		sources_count_hits(&blocklist, prefix_hi(&prefix), i + 1, now);
		hits_kept_note(&blocks.kept, &prefix, 0, now);
	}
	hits_kept_begin(&blocks.kept, now);
	sort();
	assert_int_equal(hits_kept_write(&blocks, 2, &error), 1);
	snprintf(expected, sizeof(expected), "2400::/64:1 2400:0:0:1::/64:2 ");
	assert_string_equal(written(), expected);
}

static uint64_t hits_of(const char *text)
{
	struct prefix prefix = prefix_of(text);
	uint64_t hits;
	uint32_t last;

	blocks_hits(&blocks, &prefix, &hits, &last);
	return hits;
}

static void a_start_reads_them_back_but_over_newer_ones(void **state)
{
	struct prefix source = prefix_of("2400::/64"), prefix = prefix_of("2401::/48");

	block("2400::/64", "a", 0);
	block("2401::/48", "a", 0);
	done(store_hits_put(store, &source, 5, now, &error));
	done(store_hits_put(store, &prefix, 6, now, &error));
	prefixes_count_hits(&prefixes, &prefix, 1, now);
	done(hits_kept_load(&blocks, &error));
	assert_int_equal(hits_of("2400::/64"), 5);
	assert_int_equal(hits_of("2401::/48"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_block_is_noted_once_in_an_interval, set_up,
						blocks_tear_down),
		cmocka_unit_test_setup_teardown(no_more_are_noted_than_there_is_room, set_up,
						blocks_tear_down),
		cmocka_unit_test_setup_teardown(they_are_written_in_pieces_and_only_once, set_up,
						blocks_tear_down),
		cmocka_unit_test_setup_teardown(at_the_end_all_of_them_are_written, set_up,
						blocks_tear_down),
		cmocka_unit_test_setup_teardown(a_block_that_is_gone_is_not_written, set_up,
						blocks_tear_down),
		cmocka_unit_test_setup_teardown(runs_are_merged_in_order, set_up, blocks_tear_down),
		cmocka_unit_test_setup_teardown(a_start_reads_them_back_but_over_newer_ones, set_up,
						blocks_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
