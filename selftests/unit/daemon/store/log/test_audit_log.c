// SPDX-License-Identifier: GPL-2.0-only
/* Issue 15: who is behind a change is a parameter, and nothing of it stays in the store. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/store/log/audit_log.h"
#include "daemon/store/log/store_undo.h"

static char directory[] = "/tmp/s64-audit-XXXXXX";
static struct store *store;
static struct error error;

static struct actor person(int64_t uid, const char *who, int64_t *first_row)
{
	struct actor actor = {
		.uid = uid, .pid = 1, .login_uid = -1, .source = "socket", .first_row = first_row};

	snprintf(actor.who, sizeof(actor.who), "%s", who);
	return actor;
}

static void add(const struct actor *actor, const char *action)
{
	const struct store_change change = {.action = action, .undo = "{}"};

	assert_int_equal(store_log_add(store, actor, &change, &error), 0);
}

static void begin(void)
{
	assert_int_equal(store_begin(store, &error), 0);
}

static void a_row_names_the_actor_it_was_written_with(void **state)
{
	const struct store_log_filter all = {.limit = -1};
	static const char *const names[] = {"slash64d", "alice", "bob", "alice", "slash64d"};
	static const char *const from[] = {"slash64d", "socket", "config /a", "socket", "feed /b"};
	int64_t first = 0, other = 0;
	const struct actor alice = person(1000, "alice", &first), bob = person(1001, "bob", &other);
	const struct actor file = actor_from(&bob, "config ", "/a");
	const struct actor feed = actor_from(&actor_itself, "feed ", "/b");
	struct store_change change;
	struct store_log *log;

	(void)state;
	add(&actor_itself, "repair");
	add(&alice, "block");
	add(&file, "allow");
	add(&alice, "block");
	add(&feed, "import");
	assert_true(first && other && other == first + 1);
	assert_int_equal(store_log_open(store, &all, &log, &error), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(store_log_next(log, &change, &error), 1);
		assert_string_equal(change.actor.who, names[i]);
		assert_string_equal(change.actor.source, from[i]);
	}
	assert_int_equal(store_log_next(log, &change, &error), 0);
	store_log_close(log);
}

static bool count(const struct store_change *change, void *data)
{
	(void)change;
	++*(int *)data;
	return true;
}

static int rows_of(int64_t number)
{
	int rows = 0;

	assert_true(store_undo_rows(store, number, INT64_MAX, 10, count, &rows, &error) >= 0);
	return rows;
}

/* Otherwise the rows that follow would refer to one that is not there, or is of somebody else. */
static void a_rollback_takes_the_number_of_the_first_row_back(void **state)
{
	int64_t first = 0, kept;
	const struct actor actor = person(1002, "carol", &first);

	(void)state;
	begin();
	begin();
	add(&actor, "block");
	assert_true(first);
	assert_int_equal(store_commit(store, &error), 0); /* the inner one */
	assert_true(first);
	store_rollback(store);
	assert_int_equal(first, 0);

	begin();
	add(&actor, "block");
	assert_int_equal(store_commit(store, &error), 0);
	kept = first;
	assert_true(kept);
	begin();
	add(&actor, "allow");
	store_rollback(store);
	assert_int_equal(first, kept);
	add(&actor, "allow");
	assert_int_equal(first, kept);
	assert_int_equal(rows_of(kept), 2);
	assert_int_equal(store_undo_last(store, &(struct actor){.uid = 1002, .login_uid = -1}),
			 kept);
}

static void what_another_does_in_between_leaves_it_alone(void **state)
{
	int64_t first = 0, other = 0;
	const struct actor actor = person(1003, "dave", &first), more = person(1004, "eve", &other);

	(void)state;
	begin();
	add(&actor, "block");
	assert_int_equal(store_commit(store, &error), 0);
	begin();
	add(&more, "block");
	add(&actor_itself, "repair");
	store_rollback(store);
	assert_true(first);
	assert_int_equal(other, 0);
	assert_int_equal(rows_of(first), 1);
}

static void what_undoes_cannot_be_undone(void **state)
{
	int64_t first = 0;
	struct actor actor = person(1005, "frank", &first);

	(void)state;
	actor.undoes = true;
	add(&actor, "undo");
	assert_true(first);
	assert_int_equal(store_undo_last(store, &(struct actor){.uid = 1005, .login_uid = -1}), 0);
}

/* Issue 16 line 7: those who become root by sudo undo their own changes, not each other's. */
static void the_same_user_by_sudo_is_several_persons(void **state)
{
	int64_t first = 0, other = 0;
	struct actor anna = person(0, "root", &first), bert = person(0, "root", &other);
	char name[ACTOR_NAME_MAX];

	(void)state;
	anna.login_uid = 2001;
	strcpy(anna.login, "anna");
	bert.login_uid = 2002;
	begin();
	add(&anna, "block");
	add(&bert, "block");
	assert_int_equal(store_commit(store, &error), 0);
	assert_int_equal(store_undo_last(store, &anna), first);
	assert_int_equal(store_undo_last(store, &bert), other);
	assert_int_equal(store_undo_last(store, &(struct actor){.uid = 0, .login_uid = -1}), 0);
	assert_string_equal(actor_name(&anna, name), "anna as root");
}

static int64_t numbers[8];
static unsigned int taken;

static bool take_number(const struct store_change *change, void *most)
{
	numbers[taken++] = change->number;
	return taken < *(unsigned int *)most;
}

/* What a follower goes by: it asks for what is behind the last that it has. */
static void rows_behind_a_number_are_all_and_in_order(void **state)
{
	int64_t last = store_log_last(store, &error);
	unsigned int most = 8;

	(void)state;
	assert_true(last > 0);
	begin();
	for (int i = 0; i < 3; i++)
		add(&actor_itself, "repair");
	store_rollback(store);
	assert_int_equal(store_log_last(store, &error), last);
	begin();
	for (int i = 0; i < 5; i++)
		add(&actor_itself, "repair");
	assert_int_equal(store_commit(store, &error), 0);
	assert_int_equal(store_log_last(store, &error), last + 5);
	assert_int_equal(store_log_after(store, last + 1, 3, take_number, &most, &error), 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(numbers[i], last + 2 + i);
	taken = 0;
	most = 2;
	assert_int_equal(store_log_after(store, last, 8, take_number, &most, &error), 2);
	assert_int_equal(store_log_after(store, last + 5, 8, take_number, &most, &error), 0);
}

static int open_it(void **state)
{
	(void)state;
	if (!mkdtemp(directory) || store_open(&store, directory, &error))
		return -1;
	return store_is_new(store) ? store_complete(store, &error) : 0;
}

static int remove_it(void **state)
{
	char command[sizeof(directory) + 16];

	(void)state;
	store_close(store);
	snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_names_the_actor_it_was_written_with),
		cmocka_unit_test(a_rollback_takes_the_number_of_the_first_row_back),
		cmocka_unit_test(what_another_does_in_between_leaves_it_alone),
		cmocka_unit_test(the_same_user_by_sudo_is_several_persons),
		cmocka_unit_test(rows_behind_a_number_are_all_and_in_order),
		cmocka_unit_test(what_undoes_cannot_be_undone),
	};

	return cmocka_run_group_tests(tests, open_it, remove_it);
}
