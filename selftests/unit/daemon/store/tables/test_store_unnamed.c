// SPDX-License-Identifier: GPL-2.0-only
/* Keys in force whose prefixes are unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../store_test.h"

static void add_key(enum store_place place, uint64_t key, void *data)
{
	size_t n = strlen(rows);

	snprintf(rows + n, sizeof(rows) - n, "%d:%lx ", place, key);
}

static void a_key_belongs_to_one_map_and_is_there_once(void **state)
{
	done(store_unnamed_put(store, STORE_PREFIX, UINT64_MAX, &error));
	done(store_unnamed_put(store, STORE_SOURCE, 5, &error));
	done(store_unnamed_put(store, STORE_SOURCE, 5, &error));
	done(store_unnamed_put(store, STORE_PREFIX, 5, &error));
	done(store_unnamed_remove(store, STORE_PREFIX, 5, &error));
	store_again();
	rows[0] = '\0';
	done(store_unnamed(store, add_key, NULL, &error));
	assert_non_null(strstr(rows, "0:5 "));
	assert_non_null(strstr(rows, "1:ffffffffffffffff "));
	assert_int_equal(strlen(rows), strlen("0:5 1:ffffffffffffffff "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_key_belongs_to_one_map_and_is_there_once,
						store_set_up, store_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
