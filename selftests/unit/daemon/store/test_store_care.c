// SPDX-License-Identifier: GPL-2.0-only
/* The condition of the store, and its write-ahead log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../store_test.h"

static struct store_condition condition;

/* Writes rows that fill at least that many pages. */
static void write_pages(int pages)
{
	struct store_block row = row_of("2400::/64", "a");
	char reason[4000];

	memset(reason, 'x', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	row.reason = reason;
	done(store_begin(store, &error));
	for (int i = 0; i < pages; i++) {
		row.prefix = prefix_of_bits(0x2400000000000000 + i, 0, 64);
		done(store_block_put(store, &row, &error));
	}
	done(store_commit(store, &error));
}

static void a_commit_is_noted_with_its_time(void **state)
{
	int64_t before = clock_wall_ms();

	store_again();
	store_condition(store, &condition);
	assert_int_equal(condition.written_ms, 0);
	write_pages(1);
	store_condition(store, &condition);
	assert_true(condition.written_ms >= before && condition.written_ms <= clock_wall_ms());
	assert_int_equal(condition.failed_ms, 0);
	assert_null(condition.failure);
	assert_true(condition.bytes > 0 && condition.disk_free_bytes > 0);
	assert_false(condition.is_lost || condition.is_read_only);
	assert_non_null(strstr(condition.path, store_directory));
}

static void a_store_whose_file_is_gone_is_lost(void **state)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/slash64.db", store_directory);
	unlink(path);
	store_condition(store, &condition);
	assert_true(condition.is_lost);
	assert_int_equal(condition.bytes, 0);
}

static void a_long_log_is_due_and_copied_and_no_change_is_in_its_way(void **state)
{
	assert_false(store_checkpoint_is_due(store));
	write_pages(600);
	assert_true(store_wal_bytes(store) > 500 * 4096);
	assert_true(store_checkpoint_is_due(store));
	done(store_begin(store, &error));
	assert_false(store_checkpoint_is_due(store));
	store_rollback(store);
	assert_true(store_checkpoint_is_due(store));
	store_checkpoint(store);
	assert_false(store_checkpoint_is_due(store));
}

static void a_reader_in_the_way_is_waited_for_and_not_at_once(void **state)
{
	static const struct store_filter filter = {.kind = -1, .limit = -1};
	struct store_block row;
	struct store_list *list;

	write_pages(1);
	done(store_list_open(store, &filter, &list, &error));
	assert_int_equal(store_list_next(list, &row, &error), 1);
	write_pages(600);
	store_checkpoint(store);
	/* not again within a second, even though the log is as long as before */
	assert_true(store_wal_bytes(store) > 500 * 4096);
	assert_false(store_checkpoint_is_due(store));
	store_list_close(list);
	store_checkpoint(store);
	assert_false(store_checkpoint_is_due(store));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_commit_is_noted_with_its_time, store_set_up,
						store_tear_down),
		cmocka_unit_test_setup_teardown(a_store_whose_file_is_gone_is_lost, store_set_up,
						store_tear_down),
		cmocka_unit_test_setup_teardown(
			a_long_log_is_due_and_copied_and_no_change_is_in_its_way, store_set_up,
			store_tear_down),
		cmocka_unit_test_setup_teardown(a_reader_in_the_way_is_waited_for_and_not_at_once,
						store_set_up, store_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
