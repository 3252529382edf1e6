// SPDX-License-Identifier: GPL-2.0-only
/* What was decided about proposals, and their numbers. */
#include "../../store_test.h"
#include "daemon/store/tables/store_proposals.h"

static int64_t seen[STORE_PROPOSALS_MAX + 1];
static unsigned int count;

static void see(const struct store_proposal *proposal, void *data)
{
	struct store_proposal *last = data;

	assert_true(count <= STORE_PROPOSALS_MAX);
	seen[count++] = proposal->id;
	*last = *proposal;
	assert_string_equal(proposal->rule, "scan");
}

static void put(int64_t id)
{
	done(store_proposal_put(store,
				&(struct store_proposal){.id = id,
							 .rule = "scan",
							 .prefix = prefix_of("2001:db8:1::/48"),
							 .is_applied = true,
							 .step = 2,
							 .since_ms = 5,
							 .decided_ms = 6,
							 .until_ms = 7,
							 .applied_until_ms = 8,
							 .is_by_rule = true,
							 .share = 0.25},
				&error));
}

static void what_was_decided_is_there_after_a_restart(void **state)
{
	struct prefix prefix = prefix_of("2001:db8:1::/48");
	struct store_proposal last;

	count = 0;
	put(7);
	put(3);
	put(7);
	store_again();
	done(store_proposals(store, see, &last, &error));
	assert_int_equal(count, 2);
	assert_int_equal(seen[0], 3);
	assert_int_equal(last.id, 7);
	assert_true(!prefix_compare(&last.prefix, &prefix));
	assert_true(last.is_applied);
	assert_int_equal(last.step, 2);
	assert_int_equal(last.since_ms, 5);
	assert_int_equal(last.decided_ms, 6);
	assert_int_equal(last.until_ms, 7);
	assert_int_equal(last.applied_until_ms, 8);
	assert_true(last.is_by_rule);
	assert_true(last.share == 0.25);
}

static void the_newest_are_kept(void **state)
{
	struct store_proposal last;

	count = 0;
	done(store_begin(store, &error));
	for (int i = 1; i <= STORE_PROPOSALS_MAX + 10; i++)
		put(i);
	done(store_commit(store, &error));
	done(store_proposals(store, see, &last, &error));
	assert_int_equal(count, STORE_PROPOSALS_MAX);
	assert_int_equal(seen[0], 11);
}

static void a_number_is_given_once_also_over_a_restart(void **state)
{
	int64_t next;

	done(store_proposal_next(store, &next, &error));
	assert_int_equal(next, 1);
	done(store_proposal_next_put(store, 17, &error));
	store_again();
	done(store_proposal_next(store, &next, &error));
	assert_int_equal(next, 17);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_set_up, store_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_decided_is_there_after_a_restart),
		TEST(the_newest_are_kept),
		TEST(a_number_is_given_once_also_over_a_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
