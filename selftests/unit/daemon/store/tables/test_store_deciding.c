// SPDX-License-Identifier: GPL-2.0-only
/* What the rows of a prefix come to, however many addresses in it are listed (issue 13, line 9). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../store_test.h"
#include "daemon/store/block_copy.h"
#include "daemon/store/store_internal.h"

#define MANY	  5000
#define STEPS_MAX 3000 /* of sqlite's virtual machine; a row that is read is some 20 */
#define SOURCE	  "2400:1:2:3::/64"

static int64_t now;

static int set_up(void **state)
{
	now = clock_wall_ms();
	return store_set_up(state);
}

static struct store_block address(unsigned int number, uint32_t rate, int64_t until_ms)
{
	struct store_block row = row_of(SOURCE, "list");
	char said[PREFIX_TEXT_MAX];

	snprintf(said, sizeof(said), "2400:1:2:3::%x:%x/128", number >> 16, number & 0xffff);
	row.said = prefix_of(said);
	row.kind = rate ? STORE_THROTTLE : STORE_BLOCK;
	row.rate = rate;
	row.burst = rate * 2;
	row.until_ms = until_ms;
	return row;
}

static void say_address(unsigned int number, uint32_t rate, int64_t until_ms)
{
	struct store_block row = address(number, rate, until_ms);

	done(store_block_put(store, &row, &error));
}

static void say(const char *origin)
{
	struct store_block row = row_of(SOURCE, origin);

	done(store_block_put(store, &row, &error));
}

static void say_many(uint32_t rate, int64_t until_ms)
{
	done(store_begin(store, &error));
	for (unsigned int i = 0; i < MANY; i++)
		say_address(1 + i, rate, until_ms);
	done(store_commit(store, &error));
}

/* How much sqlite has worked for all statements. */
static int steps(void)
{
	int sum = 0;

	for (int i = 0; i < STATEMENT_COUNT; i++)
		sum += sqlite3_stmt_status(store->statement[i], SQLITE_STMTSTATUS_VM_STEP, 0);
	return sum;
}

static const char *deciding(const struct store_block *except)
{
	const struct prefix prefix = prefix_of(SOURCE);
	int before = steps();

	rows[0] = '\0';
	done(store_block_deciding(store, &prefix, except, now, add_row, NULL, &error));
	assert_in_range(steps() - before, 1, STEPS_MAX);
	return rows;
}

static void rows_of_the_prefix_itself_all_decide(void **state)
{
	(void)state;
	assert_string_equal(deciding(NULL), "");
	say("b");
	say("a");
	assert_string_equal(deciding(NULL), SOURCE "@a " SOURCE "@b ");
	say_address(7, 0, 0);
	assert_string_equal(deciding(NULL),
			    SOURCE "@a " SOURCE "@b " SOURCE "=2400:1:2:3::7/128@list ");
}

static void of_addresses_the_strictest_in_force_decides(void **state)
{
	(void)state;
	say_address(1, 300, 0);
	say_address(2, 100, now + HOUR_MS);
	say_address(3, 200, 0);
	assert_string_equal(deciding(NULL), SOURCE "=2400:1:2:3::2/128@list ");
	say_address(4, 50, now); /* it has just expired */
	assert_string_equal(deciding(NULL), SOURCE "=2400:1:2:3::2/128@list ");
	say_address(5, 0, now + 1);
	assert_string_equal(deciding(NULL), SOURCE "=2400:1:2:3::5/128@list ");
}

static void one_row_is_left_out(void **state)
{
	struct store_block own = row_of(SOURCE, "a"), strictest = address(2, 100, 0);

	(void)state;
	say("a");
	say_address(1, 300, 0);
	say_address(2, 100, 0);
	assert_string_equal(deciding(&own), SOURCE "=2400:1:2:3::2/128@list ");
	assert_string_equal(deciding(&strictest), SOURCE "@a " SOURCE "=2400:1:2:3::1/128@list ");
	/* of two that are as strict, the other one */
	say_address(3, 100, 0);
	assert_string_equal(deciding(&strictest), SOURCE "@a " SOURCE "=2400:1:2:3::3/128@list ");
}

static void many_addresses_take_no_longer(void **state)
{
	const struct prefix prefix = prefix_of(SOURCE);
	struct store_block last = address(MANY, 0, 0);
	int before;

	(void)state;
	say_many(0, 0);
	say("operator");
	say("zz");
	assert_string_equal(deciding(NULL),
			    SOURCE "@operator " SOURCE "@zz " SOURCE "=2400:1:2:3::1/128@list ");
	before = steps();
	rows[0] = '\0';
	done(store_block_origins(store, &prefix, add_row, NULL, &error));
	assert_string_equal(rows,
			    SOURCE "=2400:1:2:3::1/128@list " SOURCE "@operator " SOURCE "@zz ");
	rows[0] = '\0';
	done(store_block_find(store, &prefix, "list", &last.said, add_row, NULL, &error));
	assert_string_equal(rows, SOURCE "=2400:1:2:3::1388/128@list ");
	assert_in_range(steps() - before, 1, STEPS_MAX);
}

static void many_that_have_expired_take_no_longer(void **state)
{
	(void)state;
	say_many(0, now - 1);
	assert_string_equal(deciding(NULL), "");
	say_address(MANY + 1, 100, 0);
	assert_string_equal(deciding(NULL), SOURCE "=2400:1:2:3::1389/128@list ");
}

static void a_copy_of_one_of_many_takes_no_longer(void **state)
{
	const struct prefix prefix = prefix_of(SOURCE);
	struct store_block last = address(MANY, 0, 0);
	struct block_copy copy = {};
	int before;

	(void)state;
	say_many(0, 0);
	before = steps();
	done(block_copy_find(store, &prefix, "list", &last.said, &copy, &error));
	assert_true(copy.found);
	assert_in_range(steps() - before, 1, STEPS_MAX);
	block_copy_free(&copy);
}

static bool count_end(const struct store_end *end, void *data)
{
	assert_true(end->others);
	++*(int *)data;
	return true;
}

static void addresses_of_a_source_that_end_together_are_one_end(void **state)
{
	struct store_end behind = {};
	int ends = 0, before;

	(void)state;
	say_many(0, now - 1);
	before = steps();
	done(store_ends_after(store, &behind, now, count_end, &ends, &error));
	assert_int_equal(ends, 1);
	assert_in_range(steps() - before, 1, STEPS_MAX);
}

static void a_row_that_makes_no_sense_hides_no_other(void **state)
{
	(void)state;
	say("a");
	say("b");
	say_address(1, 0, 0);
	say_address(2, 0, 0);
	assert_int_equal(sqlite3_exec(store->db,
				      "PRAGMA ignore_check_constraints = ON;"
				      "UPDATE block SET start_ms = 'x' WHERE origin = 'a';"
				      "UPDATE block SET start_ms = 'x' WHERE origin = 'list' AND "
				      "said < (SELECT max(said) FROM block)",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	assert_string_equal(deciding(NULL), SOURCE "@b " SOURCE "=2400:1:2:3::2/128@list ");
}

#define promise(f) cmocka_unit_test_setup_teardown(f, set_up, store_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		promise(rows_of_the_prefix_itself_all_decide),
		promise(of_addresses_the_strictest_in_force_decides),
		promise(one_row_is_left_out),
		promise(many_addresses_take_no_longer),
		promise(many_that_have_expired_take_no_longer),
		promise(a_copy_of_one_of_many_takes_no_longer),
		promise(addresses_of_a_source_that_end_together_are_one_end),
		promise(a_row_that_makes_no_sense_hides_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
