// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/page/budget.h"

#define MS     1000000ULL
#define SECOND (1000 * MS)
#define BOOT   (7777 * SECOND)

static void what_pages_ask_for_is_within_it(void **state)
{
	struct page_budget budget = {};

	(void)state;
	/* 50 pages: 100 requests a second of a millisecond each would be 10 percent */
	for (uint64_t i = 0; i < 6000; i++) {
		assert_true(page_budget_has(&budget, BOOT + i * 10 * MS));
		page_budget_spend(&budget, MS);
	}
}

static void a_crowd_gets_its_share_and_no_more(void **state)
{
	struct page_budget budget = {};
	uint64_t now_ns = BOOT, spent_ns = 0;

	(void)state;
	/* always another one: each takes 5 ms of CPU, in which the clock goes on */
	while (now_ns < BOOT + 60 * SECOND) {
		if (page_budget_has(&budget, now_ns)) {
			page_budget_spend(&budget, 5 * MS);
			spent_ns += 5 * MS;
			now_ns += 5 * MS;
		}
		now_ns += MS / 10;
	}
	assert_in_range(spent_ns, 60 * SECOND * PAGE_BUDGET_PERCENT / 100 - SECOND,
			60 * SECOND * PAGE_BUDGET_PERCENT / 100 + PAGE_BUDGET_NS + 5 * MS);
}

static void it_is_whole_again_after_a_rest_and_no_larger(void **state)
{
	struct page_budget budget = {};

	(void)state;
	assert_true(page_budget_has(&budget, BOOT));
	page_budget_spend(&budget, 10 * PAGE_BUDGET_NS);
	assert_false(page_budget_has(&budget, BOOT + SECOND));
	assert_true(page_budget_has(&budget, BOOT + 3600 * SECOND));
	page_budget_spend(&budget, PAGE_BUDGET_NS);
	assert_false(page_budget_has(&budget, BOOT + 3600 * SECOND));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_pages_ask_for_is_within_it),
		cmocka_unit_test(a_crowd_gets_its_share_and_no_more),
		cmocka_unit_test(it_is_whole_again_after_a_rest_and_no_larger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
