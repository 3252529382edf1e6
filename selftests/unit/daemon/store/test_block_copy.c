// SPDX-License-Identifier: GPL-2.0-only
/* A copy of a row: the previous state, and its description. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../store_test.h"
#include "daemon/store/block_copy.h"

static struct block_copy copy;

static void a_copy_owns_its_texts(void **state)
{
	char origin[] = "feed", reason[] = "flood";
	struct store_block row = {.origin = origin, .reason = reason};

	assert_int_equal(block_copy_take(&copy, &row), 0);
	origin[0] = reason[0] = 'x';
	assert_true(copy.found);
	assert_string_equal(copy.row.origin, "feed");
	assert_string_equal(copy.row.reason, "flood");
	assert_null(copy.row.ticket);
	/* the new copy replaces the old one */
	assert_int_equal(block_copy_take(&copy, &row), 0);
	assert_string_equal(copy.row.origin, "xeed");
	block_copy_free(&copy);
	assert_false(copy.found);
	assert_null(copy.row.origin);
	block_copy_free(&copy);
}

static void the_row_of_exactly_that_is_found_unless_it_has_ended(void **state)
{
	struct store_block row = row_of("2400::/64", "a");
	struct prefix said = prefix_of("2400::7/128"), itself = {};

	assert_int_equal(store_set_up(NULL), 0);
	row.said = said;
	row.until_ms = clock_wall_ms() + HOUR_MS;
	done(store_block_put(store, &row, &error));
	done(block_copy_find(store, &row.prefix, "a", &itself, &copy, &error));
	assert_false(copy.found);
	done(block_copy_find(store, &row.prefix, "b", &said, &copy, &error));
	assert_false(copy.found);
	done(block_copy_find(store, &row.prefix, "a", &said, &copy, &error));
	assert_true(copy.found);
	block_copy_free(&copy);
	row.until_ms = clock_wall_ms() - 1;
	done(store_block_put(store, &row, &error));
	done(block_copy_find(store, &row.prefix, "a", &said, &copy, &error));
	assert_false(copy.found);
	store_tear_down(NULL);
}

static const struct store_block block = {.origin = "a", .until_ms = 1000, .reason = "flood"};

static void rows_are_the_same_but_for_their_start_and_empty_texts(void **state)
{
	struct store_block other = block;

	other.start_ms = 5;
	other.ticket = "";
	assert_true(block_says_same(&block, &other));
	other.reason = "scan";
	assert_false(block_says_same(&block, &other));
	other = block;
	other.until_ms++;
	assert_false(block_says_same(&block, &other));
	other = block;
	other.ticket = "T-1";
	assert_false(block_says_same(&block, &other));
	other = block;
	other.kind = STORE_THROTTLE;
	assert_false(block_says_same(&block, &other));
	other = block;
	other.rate = 1;
	assert_false(block_says_same(&block, &other));
	other = block;
	other.burst = 1;
	assert_false(block_says_same(&block, &other));
	assert_true(block_same_text(NULL, "") && block_same_text("x", "x"));
	assert_false(block_same_text(NULL, "x"));
}

static void differences_are_told_as_they_were(void **state)
{
	char text[BLOCK_BEFORE_MAX];
	struct store_block now = {.origin = "a"};

	assert_string_equal(block_before(&block, &block, text), "");
	assert_string_equal(block_before(&block, &now, text),
			    "before: until 1970-01-01T00:00:01Z, reason 'flood'");
	assert_string_equal(block_before(&now, &block, text), "before: without end, no reason");
	now = block;
	now.kind = STORE_THROTTLE;
	now.rate = 5;
	now.burst = 10;
	assert_string_equal(block_before(&block, &now, text), "before: blocked");
	assert_string_equal(block_before(&now, &block, text), "before: rate 5, burst 10");
}

static void long_texts_are_cut_and_nothing_is_written_beyond(void **state)
{
	char text[BLOCK_BEFORE_MAX], much[1000];
	struct store_block before = {.origin = "a", .reason = much, .ticket = much},
			   now = {.origin = "a"};

	memset(much, 'x', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	assert_in_range(strlen(block_before(&before, &now, text)), 240, BLOCK_BEFORE_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_owns_its_texts),
		cmocka_unit_test(the_row_of_exactly_that_is_found_unless_it_has_ended),
		cmocka_unit_test(rows_are_the_same_but_for_their_start_and_empty_texts),
		cmocka_unit_test(differences_are_told_as_they_were),
		cmocka_unit_test(long_texts_are_cut_and_nothing_is_written_beyond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
