// SPDX-License-Identifier: GPL-2.0-only
/* The configuration before one that waits for confirmation. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../../store_test.h"
#include "daemon/store/tables/store_unconfirmed.h"

static const struct store_unconfirmed waiting = {
	.before = "a\0b", .bytes = 3, .digest = UINT64_MAX, .until_ms = 1000, .who = "alice"};

static void is_waiting(struct store_unconfirmed *record)
{
	assert_int_equal(record->bytes, 3);
	assert_memory_equal(record->before, "a\0b", 3);
	assert_true(record->digest == UINT64_MAX);
	assert_int_equal(record->until_ms, 1000);
	assert_string_equal(record->who, "alice");
	store_unconfirmed_free(record);
	assert_null(record->before);
}

static void there_is_one_or_none(void **state)
{
	struct store_unconfirmed record;

	assert_int_equal(store_unconfirmed_get(store, &record, &error), -ENOENT);
	done(store_unconfirmed_put(store, &waiting, &error));
	done(store_unconfirmed_put(store, &waiting, &error));
	done(store_unconfirmed_get(store, &record, &error));
	is_waiting(&record);
	done(store_unconfirmed_remove(store, &error));
	assert_int_equal(store_unconfirmed_get(store, &record, &error), -ENOENT);
}

static void it_is_seen_before_the_store_is_opened(void **state)
{
	struct store_unconfirmed record;

	assert_int_equal(store_unconfirmed_peek("/nonexistent", &record), -ENOENT);
	assert_int_equal(store_unconfirmed_peek(store_directory, &record), -ENOENT);
	done(store_unconfirmed_put(store, &waiting, &error));
	store_close(store);
	done(store_unconfirmed_peek(store_directory, &record));
	is_waiting(&record);
	done(store_open(&store, store_directory, &error));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(there_is_one_or_none, store_set_up,
						store_tear_down),
		cmocka_unit_test_setup_teardown(it_is_seen_before_the_store_is_opened, store_set_up,
						store_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
