// SPDX-License-Identifier: GPL-2.0-only
/* The store calls the registered functions for the previous state; without them nothing can be
 * undone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../store_test.h"
#include "daemon/store/log/undo_text.h"

static char *of_block(const struct store_block *before, const struct store_block *after,
		      uint64_t hits, uint32_t last_hit)
{
	assert_null(before);
	assert_non_null(after);
	assert_true(hits == 5 && last_hit == 6);
	return strdup("block");
}

static char *of_allow(const struct store_block *before, const struct store_block *after)
{
	assert_non_null(before);
	assert_null(after);
	return strdup("allow");
}

static char *of_iface(const char *name, bool attached, const struct store_iface *before)
{
	assert_string_equal(name, "wan0");
	assert_true(attached && !before);
	return strdup("iface");
}

static void is(char *text, const char *expected)
{
	assert_string_equal(text, expected);
	free(text);
}

static void the_text_is_the_writers(void **state)
{
	static const struct store_undo_writer writer = {of_block, of_allow, of_iface};
	struct store_block row = row_of("2400::/64", "a");

	assert_null(undo_of_block(store, NULL, &row, 5, 6));
	assert_null(undo_of_allow(store, &row, NULL));
	assert_null(undo_of_iface(store, "wan0", true, NULL));
	store_set_undo_writer(store, &writer);
	is(undo_of_block(store, NULL, &row, 5, 6), "block");
	is(undo_of_allow(store, &row, NULL), "allow");
	is(undo_of_iface(store, "wan0", true, NULL), "iface");
	store_set_undo_writer(store, NULL);
	assert_null(undo_of_allow(store, &row, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_text_is_the_writers, store_set_up,
						store_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
