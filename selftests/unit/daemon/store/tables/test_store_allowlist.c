// SPDX-License-Identifier: GPL-2.0-only
/* Allowed prefixes, by origin. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../../store_test.h"

static void each_origin_allows_for_itself(void **state)
{
	struct store_block a = row_of("2400::/32", "a"), b = row_of("2400::/32", "b"),
			   other = row_of("2401::/32", "a");

	done(store_allow_put(store, &a, &error));
	done(store_allow_put(store, &b, &error));
	done(store_allow_put(store, &b, &error));
	done(store_allow_put(store, &other, &error));
	rows[0] = '\0';
	done(store_allowlist(store, add_row, NULL, &error));
	assert_string_equal(rows, "2400::/32@a 2400::/32@b 2401::/32@a ");
	rows[0] = '\0';
	done(store_allow_at(store, &a.prefix, add_row, NULL, &error));
	assert_string_equal(rows, "2400::/32@a 2400::/32@b ");
	done(store_allow_remove(store, &a.prefix, "a", &error));
	assert_int_equal(store_allow_remove(store, &a.prefix, "a", &error), -ENOENT);
	done(store_allow_remove(store, &a.prefix, NULL, &error));
	rows[0] = '\0';
	done(store_allowlist(store, add_row, NULL, &error));
	assert_string_equal(rows, "2401::/32@a ");
	/* and it blocks nothing */
	rows[0] = '\0';
	done(store_blocks(store, add_row, NULL, &error));
	assert_string_equal(rows, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_origin_allows_for_itself, store_set_up,
						store_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
