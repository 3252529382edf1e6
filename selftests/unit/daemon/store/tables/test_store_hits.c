// SPDX-License-Identifier: GPL-2.0-only
/* Hits of blocks survive a restart, until the block is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../store_test.h"

static void add_hits(const struct prefix *prefix, uint64_t hits, uint32_t last_hit, void *data)
{
	char text[PREFIX_TEXT_MAX];
	size_t n = strlen(rows);

	snprintf(rows + n, sizeof(rows) - n, "%s:%lu/%u ", prefix_format(prefix, text), hits,
		 last_hit);
}

static const char *hits(void)
{
	rows[0] = '\0';
	done(store_hits(store, add_hits, NULL, &error));
	return rows;
}

static void put(const char *text, uint64_t count, uint32_t last_hit)
{
	struct prefix prefix = prefix_of(text);

	done(store_hits_put(store, &prefix, count, last_hit, &error));
}

static void hits_are_replaced_and_kept(void **state)
{
	put("2400::/64", 5, 100);
	put("2400::/64", 6, 101);
	put("2400::/63", INT64_MAX, UINT32_MAX);
	store_again();
	assert_string_equal(hits(), "2400::/63:9223372036854775807/4294967295 2400::/64:6/101 ");
}

static void a_count_that_cannot_be_is_left_out(void **state)
{
	put("2400::/64", UINT64_MAX, 100);
	put("2401::/64", 5, 0);
	assert_string_equal(hits(), "");
}

static void hits_without_a_block_are_forgotten(void **state)
{
	struct store_block row = row_of("2400::/64", "a");
	struct prefix gone = prefix_of("2401::/64");

	done(store_block_put(store, &row, &error));
	put("2400::/64", 5, 100);
	put("2401::/64", 6, 100);
	done(store_hits_forget(store, &row.prefix, &error));
	done(store_hits_forget(store, &gone, &error));
	assert_string_equal(hits(), "2400::/64:5/100 ");
}

static void all_are_pruned_a_piece_at_a_time(void **state)
{
	struct store_block row = row_of("2402::/64", "a");
	struct prefix behind = {};

	done(store_block_put(store, &row, &error));
	put("2400::/64", 1, 1);
	put("2401::/64", 1, 1);
	put("2402::/64", 1, 1);
	put("2403::/64", 1, 1);
	assert_int_equal(store_hits_prune(store, &behind, 2, &error), 1);
	assert_string_equal(hits(), "2402::/64:1/1 2403::/64:1/1 ");
	assert_int_equal(store_hits_prune(store, &behind, 2, &error), 1);
	assert_int_equal(store_hits_prune(store, &behind, 2, &error), 0);
	assert_string_equal(hits(), "2402::/64:1/1 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(hits_are_replaced_and_kept, store_set_up,
						store_tear_down),
		cmocka_unit_test_setup_teardown(a_count_that_cannot_be_is_left_out, store_set_up,
						store_tear_down),
		cmocka_unit_test_setup_teardown(hits_without_a_block_are_forgotten, store_set_up,
						store_tear_down),
		cmocka_unit_test_setup_teardown(all_are_pruned_a_piece_at_a_time, store_set_up,
						store_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
