// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/flowspec/rules.h"

#define HOLD_MS 600000
#define SOURCES 16

/* By the number of the source: UINT32_MAX is a block. */
static uint32_t in_force[SOURCES];

static struct prefix at(unsigned int number)
{
	return prefix_of_bits(0x20010db800000000 | (uint64_t)number << 16, 0, 48);
}

static void on_changed(const struct prefix *source, bool blocks, uint32_t rate, void *data)
{
	unsigned int number = prefix_hi(source) >> 16 & 0xffff;

	assert_true(number < SOURCES);
	in_force[number] = blocks ? UINT32_MAX : rate;
}

static struct rules *begin(size_t max)
{
	struct rules_options options = {max, HOLD_MS, on_changed, NULL};
	struct rules *rules = rules_new(&options);

	memset(in_force, 0, sizeof(in_force));
	assert_non_null(rules);
	return rules;
}

static void tell(struct rules *rules, enum flow_event_kind kind, const char *peer,
		 unsigned int number, uint32_t rate, int64_t now_ms)
{
	struct flow_event event = {.kind = kind};

	snprintf(event.peer, sizeof(event.peer), "%s", peer);
	snprintf(event.rule.key, sizeof(event.rule.key), "source %u", number);
	event.rule.source = at(number);
	event.rule.blocks = !rate;
	event.rule.rate = rate;
	rules_take(rules, &event, now_ms);
}

static void the_strictest_of_all_neighbours_counts(void **state)
{
	struct rules *rules = begin(100);

	tell(rules, FLOW_ANNOUNCE, "a", 1, 100, 0);
	assert_int_equal(in_force[1], 100);
	tell(rules, FLOW_ANNOUNCE, "b", 1, 50, 0);
	assert_int_equal(in_force[1], 50);
	tell(rules, FLOW_ANNOUNCE, "c", 1, 0, 0);
	assert_int_equal(in_force[1], UINT32_MAX);
	tell(rules, FLOW_WITHDRAW, "c", 1, 0, 0);
	assert_int_equal(in_force[1], 50);
	/* a rule that is announced anew replaces itself */
	tell(rules, FLOW_ANNOUNCE, "b", 1, 200, 0);
	assert_int_equal(in_force[1], 100);
	tell(rules, FLOW_WITHDRAW, "a", 1, 0, 0);
	tell(rules, FLOW_WITHDRAW, "b", 1, 0, 0);
	tell(rules, FLOW_WITHDRAW, "b", 1, 0, 0);
	assert_int_equal(in_force[1], 0);
	rules_free(rules);
}

static void a_lost_session_is_held(void **state)
{
	struct rules *rules = begin(100);

	tell(rules, FLOW_ANNOUNCE, "a", 1, 0, 0);
	tell(rules, FLOW_ANNOUNCE, "b", 2, 0, 0);
	tell(rules, FLOW_DOWN, "a", 0, 0, 1000);
	rules_tick(rules, 1000 + HOLD_MS - 1);
	assert_int_equal(in_force[1], UINT32_MAX);
	/* attempts to connect do not prolong it */
	tell(rules, FLOW_DOWN, "a", 0, 0, 1000 + HOLD_MS - 1);
	rules_tick(rules, 1000 + HOLD_MS);
	assert_int_equal(in_force[1], 0);
	assert_int_equal(in_force[2], UINT32_MAX);
	rules_free(rules);
}

static void what_is_not_announced_anew_goes_at_the_end_of_the_table(void **state)
{
	struct rules *rules = begin(100);

	tell(rules, FLOW_UP, "a", 0, 0, 0);
	tell(rules, FLOW_ANNOUNCE, "a", 1, 0, 0);
	tell(rules, FLOW_ANNOUNCE, "a", 2, 0, 0);
	tell(rules, FLOW_DOWN, "a", 0, 0, 10);
	tell(rules, FLOW_UP, "a", 0, 0, 20);
	tell(rules, FLOW_ANNOUNCE, "a", 2, 0, 30);
	assert_int_equal(in_force[1], UINT32_MAX);
	tell(rules, FLOW_END_OF_RIB, "a", 0, 0, 40);
	assert_int_equal(in_force[1], 0);
	assert_int_equal(in_force[2], UINT32_MAX);
	/* without that end, after a while */
	tell(rules, FLOW_UP, "a", 0, 0, 50);
	rules_tick(rules, 50 + RULES_ANEW_MS - 1);
	assert_int_equal(in_force[2], UINT32_MAX);
	rules_tick(rules, 50 + RULES_ANEW_MS);
	assert_int_equal(in_force[2], 0);
	rules_free(rules);
}

static void there_is_room_for_max_and_what_has_none_is_counted(void **state)
{
	struct rules *rules = begin(2);
	size_t count[FLOW_REFUSALS];

	for (unsigned int n = 1; n < 5; n++)
		tell(rules, FLOW_ANNOUNCE, "a", n, 0, 0);
	rules_count(rules, count);
	assert_int_equal(count[FLOW_EXECUTED], 2);
	assert_int_equal(count[FLOW_NO_ROOM], 2);
	rules_free(rules);
}

/* Against a table of what was announced last. */
static void whatever_comes_and_goes_the_end_is_what_is_announced(void **state)
{
	static const char *const peers[] = {"a", "b", "c"};
	struct rules *rules = begin(1000);
	uint32_t there[3][SOURCES] = {}; /* UINT32_MAX: a block */

	srandom(64);
	for (int i = 0; i < 20000; i++) {
		int peer = random() % 3, n = random() % SOURCES;
		uint32_t rate = random() % 3;
		bool comes = random() % 2;

		tell(rules, comes ? FLOW_ANNOUNCE : FLOW_WITHDRAW, peers[peer], n, rate, i);
		there[peer][n] = !comes ? 0 : rate ? rate : UINT32_MAX;
	}
	for (int n = 0; n < SOURCES; n++) {
		uint32_t wanted = 0;

		for (int peer = 0; peer < 3; peer++) {
			uint32_t is = there[peer][n];

			if (is == UINT32_MAX || wanted == UINT32_MAX)
				wanted = UINT32_MAX;
			else if (is && (!wanted || is < wanted))
				wanted = is;
		}
		assert_int_equal(in_force[n], wanted);
	}
	rules_free(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_strictest_of_all_neighbours_counts),
		cmocka_unit_test(a_lost_session_is_held),
		cmocka_unit_test(what_is_not_announced_anew_goes_at_the_end_of_the_table),
		cmocka_unit_test(there_is_room_for_max_and_what_has_none_is_counted),
		cmocka_unit_test(whatever_comes_and_goes_the_end_is_what_is_announced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
