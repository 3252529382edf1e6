// SPDX-License-Identifier: GPL-2.0-only
/* LINK: selftests/datapath/explore/machine.c selftests/datapath/explore/words.c selftests/datapath/explore/access.c selftests/datapath/explore/steps.c selftests/datapath/explore/search.c selftests/datapath/explore/world.c selftests/datapath/explore/limiter.c selftests/datapath/explore/blocks.c selftests/datapath/explore/rules.c selftests/datapath/explore/samples.c selftests/datapath/explore/capture.c user/daemon/events/capture.c user/maps/extras.c user/maps/limiter_sweep.c user/maps/blocklist.c user/maps/buckets.c user/maps/prefix_table.c user/net/prefix_set.c user/net/prefix.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/daemon/stats/samples.c user/daemon/events/events.c user/daemon/events/event_filter.c user/base/text/near.c user/net/prefix_typed.c user/daemon/stats/samples_top.c user/daemon/stats/source_rates.c user/policy/names.c user/base/error.c user/base/array.c */
/* Invariants of the lock-free protocols, in any order of the CPUs: every interleaving of a few packets and changes on two and three CPUs, random ones of many on sixteen, with memory in order and as on arm64.
 *   test_explore [WORD...]   scenarios whose protocol or name contains a word
 *   EXPLORE_EFFORT=N         multiplies the number of runs (1)
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

static const struct scenario *const lists[] = {
	limiter_scenarios, blocks_scenarios, rules_scenarios, samples_scenarios, capture_scenarios,
};

static int words;
static char **word;

static bool is_wanted(const struct scenario *scenario)
{
	for (int i = 0; i < words; i++)
		if (strstr(scenario->protocol, word[i]) || strstr(scenario->name, word[i]))
			return true;
	return !words;
}

static unsigned int effort(void)
{
	const char *text = getenv("EXPLORE_EFFORT");
	int n = text ? atoi(text) : 1;

	return n > 0 ? n : 1;
}

static void every_interleaving_keeps(void **state)
{
	const struct scenario *list = *state;
	int failed = 0;

	for (; list->name; list++)
		for (int memory = EXPLORE_IN_ORDER; memory <= EXPLORE_ARM64 && is_wanted(list);
		     memory++)
			failed += search(list, memory, effort()).failed;
	assert_int_equal(failed, 0);
}

#define LISTS (sizeof(lists) / sizeof(lists[0]))

int main(int argc, char **argv)
{
	struct CMUnitTest tests[LISTS];

	words = argc - 1;
	word = argv + 1;
	for (size_t i = 0; i < LISTS; i++)
		tests[i] = (struct CMUnitTest){lists[i]->protocol, every_interleaving_keeps, NULL,
					       NULL, (void *)lists[i]};
	return _cmocka_run_group_tests("explore", tests, LISTS, NULL, NULL);
}
