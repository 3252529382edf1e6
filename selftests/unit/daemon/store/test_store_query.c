// SPDX-License-Identifier: GPL-2.0-only
/* Lists: which rows, in which order, and one row for everything an origin lists of a prefix. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../store_test.h"

static struct store_filter filter;
static int64_t now;

static void hits(const struct prefix *prefix, uint64_t *count, uint32_t *last_hit, void *data)
{
	/* taken from the last digit of the prefix's upper half */
	*count = (prefix_hi(prefix) & 0xf) * 10;
	*last_hit = prefix_hi(prefix) & 0xf;
}

static int set_up(void **state)
{
	now = clock_wall_ms();
	filter = (struct store_filter){.kind = -1, .limit = -1, .hits = hits};
	return store_set_up(state);
}

static void add(const char *prefix, const char *origin, const char *said, int64_t until_ms,
		uint32_t rate, const char *reason, const char *ticket)
{
	struct store_block row = row_of(prefix, origin);

	if (said)
		row.said = prefix_of(said);
	row.until_ms = until_ms;
	row.kind = rate ? STORE_THROTTLE : STORE_BLOCK;
	row.rate = row.burst = rate;
	row.reason = reason;
	row.ticket = ticket;
	row.start_ms = (prefix_hi(&row.prefix) & 0xf) * 1000;
	done(store_block_put(store, &row, &error));
}

/* The N of 2400:0:0:N::/64 for each row, in order. */
static const char *listed(void)
{
	struct store_list *list;
	struct store_block row;
	size_t n = 0;
	int err;

	rows[0] = '\0';
	done(store_list_open(store, &filter, &list, &error));
	while ((err = store_list_next(list, &row, &error)) == 1)
		n += snprintf(rows + n, sizeof(rows) - n, "%s%x",
			      store_list_at_allow(list) ? "a" : "",
			      (unsigned int)(prefix_hi(&row.prefix) & 0xf));
	done(err);
	store_list_close(list);
	return rows;
}

static void add_three(void)
{
	add("2400:0:0:1::/64", "z", NULL, now + 2 * HOUR_MS, 0, "Echo flood", "T-2");
	add("2400:0:0:2::/64", "y", NULL, 0, 5, NULL, "T-1");
	add("2400:0:0:3::/64", "x", NULL, now + HOUR_MS, 0, "scan", NULL);
	/* expired */
	add("2400:0:0:4::/64", "x", NULL, now - 1, 0, "scan", NULL);
}

static void every_order_is_total_and_can_be_reversed(void **state)
{
	static const struct {
		enum store_sort sort;
		const char *order;
	} cases[] = {
		{SORT_PREFIX, "123"}, {SORT_ORIGIN, "321"},   {SORT_REASON, "213"},
		{SORT_TICKET, "321"}, {SORT_START, "123"},    {SORT_UNTIL, "312"},
		{SORT_HITS, "123"},   {SORT_LAST_HIT, "123"},
	};

	add_three();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char back[4] = {cases[i].order[2], cases[i].order[1], cases[i].order[0]};

		filter.sort = cases[i].sort;
		filter.reverse = false;
		assert_string_equal(listed(), cases[i].order);
		filter.reverse = true;
		assert_string_equal(listed(), back);
	}
	assert_string_equal(store_sort_names[SORT_LAST_HIT], "last_hit");
	assert_null(store_sort_names[SORT_LAST_HIT + 1]);
}

static void each_filter_leaves_what_it_says(void **state)
{
	struct store_filter all = filter;

	add_three();
	filter.origin = "y";
	assert_string_equal(listed(), "2");
	filter = all;
	filter.reason = "FLOOD";
	assert_string_equal(listed(), "1");
	filter = all;
	filter.ticket = "T-1";
	assert_string_equal(listed(), "2");
	filter = all;
	filter.kind = STORE_THROTTLE;
	assert_string_equal(listed(), "2");
	filter = all;
	filter.kind = STORE_BLOCK;
	assert_string_equal(listed(), "13");
	filter = all;
	filter.hits_min = 20;
	assert_string_equal(listed(), "23");
	filter = all;
	filter.hit_since = 3;
	assert_string_equal(listed(), "3");
	filter = all;
	filter.start_since = 2;
	assert_string_equal(listed(), "23");
	filter = all;
	filter.until_before = now / 1000 + 3700;
	assert_string_equal(listed(), "3");
	filter = all;
	filter.has_within = true;
	filter.within = prefix_of("2400:0:0:2::/63");
	assert_string_equal(listed(), "23");
}

static void a_page_is_cut_out_of_the_order(void **state)
{
	add_three();
	filter.limit = 1;
	filter.offset = 1;
	assert_string_equal(listed(), "2");
	filter.offset = 3;
	assert_string_equal(listed(), "");
	filter.limit = 0;
	filter.offset = 0;
	assert_string_equal(listed(), "");
}

static struct store_block only;

static int first(void)
{
	struct store_list *list;
	int more;

	done(store_list_open(store, &filter, &list, &error));
	more = store_list_next(list, &only, &error);
	only.origin = only.reason = only.ticket = NULL;
	if (more == 1) {
		struct store_block next;

		assert_int_equal(store_list_next(list, &next, &error), 0);
	}
	store_list_close(list);
	return more;
}

static void addresses_of_a_prefix_are_one_row_the_strictest(void **state)
{
	add("2400:0:0:1::/64", "x", "2400:0:0:1::7/128", now + HOUR_MS, 100, NULL, NULL);
	add("2400:0:0:1::/64", "x", "2400:0:0:1::8/128", now + HOUR_MS, 5, NULL, NULL);
	assert_int_equal(first(), 1);
	assert_int_equal(only.rate, 5);
	assert_int_equal(only.addresses, 2);
	assert_int_equal(only.said.length, 0);
	/* a block beats any rate; of two blocks, the one that ends last is shown */
	add("2400:0:0:1::/64", "x", "2400:0:0:1::9/128", now + HOUR_MS, 0, NULL, NULL);
	add("2400:0:0:1::/64", "x", NULL, now + 2 * HOUR_MS, 0, NULL, NULL);
	assert_int_equal(first(), 1);
	assert_int_equal(only.kind, STORE_BLOCK);
	assert_int_equal(only.until_ms, now + 2 * HOUR_MS);
	assert_int_equal(only.addresses, 3);
	filter.addresses = true;
	assert_string_equal(listed(), "1111");
}

static void allowed_prefixes_come_first_and_unfiltered(void **state)
{
	struct store_block allow = row_of("2400:0:0:9::/64", "a");

	add_three();
	done(store_allow_put(store, &allow, &error));
	assert_string_equal(listed(), "123");
	filter.what = STORE_LIST_BOTH;
	filter.origin = "y";
	assert_string_equal(listed(), "a92");
	filter.what = STORE_LIST_ALLOWLIST;
	assert_string_equal(listed(), "a9");
}

static void a_list_is_of_one_moment(void **state)
{
	struct store_list *list;
	struct store_block row;
	int count = 0;

	add_three();
	done(store_list_open(store, &filter, &list, &error));
	assert_int_equal(store_list_next(list, &row, &error), 1);
	add("2400:0:0:5::/64", "x", NULL, 0, 0, NULL, NULL);
	while (store_list_next(list, &row, &error) == 1)
		count++;
	assert_int_equal(count, 2);
	store_list_close(list);
	store_list_close(NULL);
	assert_string_equal(listed(), "1235");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_order_is_total_and_can_be_reversed, set_up,
						store_tear_down),
		cmocka_unit_test_setup_teardown(each_filter_leaves_what_it_says, set_up,
						store_tear_down),
		cmocka_unit_test_setup_teardown(a_page_is_cut_out_of_the_order, set_up,
						store_tear_down),
		cmocka_unit_test_setup_teardown(addresses_of_a_prefix_are_one_row_the_strictest,
						set_up, store_tear_down),
		cmocka_unit_test_setup_teardown(allowed_prefixes_come_first_and_unfiltered, set_up,
						store_tear_down),
		cmocka_unit_test_setup_teardown(a_list_is_of_one_moment, set_up, store_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
