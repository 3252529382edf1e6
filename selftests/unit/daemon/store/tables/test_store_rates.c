// SPDX-License-Identifier: GPL-2.0-only
/* A rate keeps its number while a row uses it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../store_test.h"

static void add_rate(unsigned int number, uint32_t rate, uint32_t burst, void *data)
{
	size_t n = strlen(rows);

	snprintf(rows + n, sizeof(rows) - n, "%u:%u/%u ", number, rate, burst);
}

static const char *rates(void)
{
	rows[0] = '\0';
	done(store_rates(store, add_rate, NULL, &error));
	return rows;
}

static void a_number_has_one_rate(void **state)
{
	done(store_rate_put(store, 5, 100, 200, &error));
	done(store_rate_put(store, 0, UINT32_MAX, 1, &error));
	assert_string_equal(rates(), "0:4294967295/1 5:100/200 ");
	store_again();
	assert_string_equal(rates(), "0:4294967295/1 5:100/200 ");
}

static void a_rate_in_use_is_not_freed(void **state)
{
	struct store_block row = row_of("2400::/64", "a");

	row.kind = STORE_THROTTLE;
	row.rate = 100;
	row.burst = 200;
	done(store_rate_put(store, 5, 100, 200, &error));
	done(store_rate_put(store, 6, 100, 300, &error));
	done(store_block_put(store, &row, &error));
	assert_true(store_rate_is_used(store, 5));
	assert_false(store_rate_is_used(store, 6));
	assert_false(store_rate_is_used(store, 7));
	assert_int_equal(store_rate_prune(store, 5, &error), 0);
	assert_int_equal(store_rate_prune(store, 6, &error), 1);
	assert_int_equal(store_rate_prune(store, 6, &error), 0);
	assert_string_equal(rates(), "5:100/200 ");
	done(store_block_remove(store, &row.prefix, NULL, &error));
	assert_int_equal(store_rate_prune(store, 5, &error), 1);
	assert_string_equal(rates(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_number_has_one_rate, store_set_up,
						store_tear_down),
		cmocka_unit_test_setup_teardown(a_rate_in_use_is_not_freed, store_set_up,
						store_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
