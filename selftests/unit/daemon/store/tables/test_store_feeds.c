// SPDX-License-Identifier: GPL-2.0-only
/* Content of a feed that was accepted before is recognised. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../store_test.h"

static void the_same_content_of_the_same_origin_was_taken_then(void **state)
{
	int64_t taken = 7;

	assert_int_equal(store_feed_get(store, "a", 5, &taken), -ENOENT);
	assert_int_equal(taken, 7);
	done(store_feed_put(store, "a", UINT64_MAX, 1000, &error));
	store_again();
	done(store_feed_get(store, "a", UINT64_MAX, &taken));
	assert_int_equal(taken, 1000);
	assert_int_equal(store_feed_get(store, "a", 5, &taken), -ENOENT);
	assert_int_equal(store_feed_get(store, "b", UINT64_MAX, &taken), -ENOENT);
}

static void new_content_takes_the_place_of_the_old(void **state)
{
	int64_t taken;

	done(store_feed_put(store, "a", 5, 1000, &error));
	done(store_feed_put(store, "a", 6, 2000, &error));
	assert_int_equal(store_feed_get(store, "a", 5, &taken), -ENOENT);
	done(store_feed_get(store, "a", 6, &taken));
	assert_int_equal(taken, 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_same_content_of_the_same_origin_was_taken_then,
						store_set_up, store_tear_down),
		cmocka_unit_test_setup_teardown(new_content_takes_the_place_of_the_old,
						store_set_up, store_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
