// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/rtbh/route_table.h"

#define DAMPEN_MS  60000
#define REMOVAL_MS 200
#define BIRD	   12 /* RTPROT_BIRD */
#define STATIC	   4

/* What is in force, as the callback tells it. */
struct told {
	struct prefix prefix[64];
	enum route_action action[64];
	size_t count, calls;
};

static bool is_same(const struct prefix *a, const struct prefix *b)
{
	return a->length == b->length && !memcmp(&a->address, &b->address, sizeof(a->address));
}

static void on_changed(const struct prefix *prefix, enum route_action action, void *data)
{
	struct told *told = data;
	size_t i = 0;

	told->calls++;
	while (i < told->count && !is_same(&told->prefix[i], prefix))
		i++;
	assert_true(i < 64);
	told->prefix[i] = *prefix;
	told->action[i] = action;
	told->count += i == told->count;
}

static struct prefix at(const char *text)
{
	struct prefix prefix;

	assert_int_equal(prefix_parse_whole(text, &prefix, NULL), 0);
	return prefix;
}

static enum route_action action_of(const struct told *told, const char *text)
{
	struct prefix prefix = at(text);

	for (size_t i = 0; i < told->count; i++)
		if (is_same(&told->prefix[i], &prefix))
			return told->action[i];
	return ROUTE_NOTHING;
}

static struct routes *start(struct told *told, size_t max, int64_t removal_ms)
{
	struct routes_options options = {max, removal_ms, DAMPEN_MS, on_changed, told};
	struct routes *routes = routes_new(&options);

	*told = (struct told){};
	assert_non_null(routes);
	return routes;
}

static int come(struct routes *routes, const char *text, uint32_t metric, enum route_action action,
		int64_t now_ms)
{
	const struct route_key key = {.metric = metric, .protocol = BIRD};
	struct prefix prefix = at(text);

	return routes_note(routes, &prefix, &key, action, ROUTE_IS_THERE, now_ms);
}

static void go(struct routes *routes, const char *text, uint32_t metric, int64_t now_ms)
{
	const struct route_key key = {.metric = metric, .protocol = BIRD};
	struct prefix prefix = at(text);

	assert_int_equal(routes_note(routes, &prefix, &key, ROUTE_NOTHING, ROUTE_IS_GONE, now_ms),
			 0);
}

/* One of another daemon, of the same metric. */
static int come_of_another(struct routes *routes, const char *text, uint32_t metric,
			   enum route_news news)
{
	const struct route_key key = {.metric = metric, .protocol = STATIC};
	struct prefix prefix = at(text);

	return routes_note(routes, &prefix, &key, ROUTE_NOTHING, news, 0);
}

static void a_route_of_another_daemon_with_the_same_metric_hides_none(void **state)
{
	struct told told;
	struct routes *routes = start(&told, 10, 0);

	come(routes, "198.51.100.0/24", 32, ROUTE_BLOCK, 0);
	assert_int_equal(come_of_another(routes, "198.51.100.0/24", 32, ROUTE_IS_THERE), 0);
	assert_int_equal(action_of(&told, "198.51.100.0/24"), ROUTE_BLOCK);
	assert_int_equal(come_of_another(routes, "198.51.100.0/24", 32, ROUTE_IS_GONE), 0);
	assert_int_equal(action_of(&told, "198.51.100.0/24"), ROUTE_BLOCK);
	/* which one it has replaced, only the table tells */
	assert_int_equal(come_of_another(routes, "198.51.100.0/24", 32, ROUTE_REPLACES), 1);
	assert_int_equal(come_of_another(routes, "198.51.100.0/24", 7, ROUTE_REPLACES), 0);
	assert_int_equal(action_of(&told, "198.51.100.0/24"), ROUTE_BLOCK);
	routes_dump_begin(routes);
	come_of_another(routes, "198.51.100.0/24", 32, ROUTE_IS_THERE);
	routes_dump_end(routes, 1);
	routes_tick(routes, 1);
	assert_int_equal(action_of(&told, "198.51.100.0/24"), ROUTE_NOTHING);
	routes_free(routes);
}

static void the_strictest_route_of_a_prefix_counts(void **state)
{
	struct told told;
	struct routes *routes = start(&told, 10, 0);

	come(routes, "2001:db8:1::/64", 32, ROUTE_THROTTLE, 0);
	come(routes, "2001:db8:1::/64", 1024, ROUTE_BLOCK, 0);
	come(routes, "2001:db8:1::/64", 1, ROUTE_MONITOR, 0);
	assert_int_equal(action_of(&told, "2001:db8:1::/64"), ROUTE_BLOCK);
	go(routes, "2001:db8:1::/64", 1024, 1);
	assert_int_equal(action_of(&told, "2001:db8:1::/64"), ROUTE_THROTTLE);
	/* another route in the place of this one */
	come(routes, "2001:db8:1::/64", 32, ROUTE_NOTHING, 2);
	assert_int_equal(action_of(&told, "2001:db8:1::/64"), ROUTE_MONITOR);
	go(routes, "2001:db8:1::/64", 1, 3);
	routes_tick(routes, 3);
	assert_int_equal(action_of(&told, "2001:db8:1::/64"), ROUTE_NOTHING);
	routes_free(routes);
}

static void a_route_that_comes_back_in_time_was_never_gone(void **state)
{
	struct told told;
	struct routes *routes = start(&told, 10, REMOVAL_MS);

	come(routes, "2001:db8:1::/64", 32, ROUTE_BLOCK, 0);
	go(routes, "2001:db8:1::/64", 32, 1000);
	assert_int_equal(routes_tick(routes, 1000), REMOVAL_MS);
	come(routes, "2001:db8:1::/64", 32, ROUTE_BLOCK, 1100);
	routes_tick(routes, 2000);
	assert_int_equal(told.calls, 1);
	go(routes, "2001:db8:1::/64", 32, 100000);
	routes_tick(routes, 100000 + REMOVAL_MS);
	assert_int_equal(action_of(&told, "2001:db8:1::/64"), ROUTE_NOTHING);
	routes_free(routes);
}

static void a_prefix_that_flaps_stays_in_force_until_it_is_quiet(void **state)
{
	struct told told;
	struct routes *routes = start(&told, 10, 0);
	struct routes_counts counts;
	int64_t now = 0;

	for (int i = 0; i < 100; i++, now += 10) {
		come(routes, "2001:db8:1::/64", 32, ROUTE_BLOCK, now);
		routes_tick(routes, now);
		go(routes, "2001:db8:1::/64", 32, now + 5);
		routes_tick(routes, now + 5);
	}
	assert_int_equal(action_of(&told, "2001:db8:1::/64"), ROUTE_BLOCK);
	assert_true(told.calls <= 2 * ROUTES_FLAPS_MAX);
	routes_count(routes, &counts);
	assert_int_equal(counts.dampened, 1);
	assert_true(routes_tick(routes, now) > DAMPEN_MS - 10);
	routes_tick(routes, now + DAMPEN_MS);
	assert_int_equal(action_of(&told, "2001:db8:1::/64"), ROUTE_NOTHING);
	routes_count(routes, &counts);
	assert_int_equal(counts.dampened, 0);
	/* one that was quiet for so long begins anew, and another was never dampened */
	now += 3 * DAMPEN_MS;
	routes_tick(routes, now);
	come(routes, "2001:db8:1::/64", 32, ROUTE_BLOCK, now);
	go(routes, "2001:db8:1::/64", 32, now);
	routes_tick(routes, now);
	assert_int_equal(action_of(&told, "2001:db8:1::/64"), ROUTE_NOTHING);
	routes_free(routes);
}

static void while_its_source_is_gone_nothing_ends_or_becomes_weaker(void **state)
{
	struct told told;
	struct routes *routes = start(&told, 10, REMOVAL_MS);

	come(routes, "2001:db8:1::/64", 32, ROUTE_BLOCK, 0);
	come(routes, "2001:db8:2::/64", 32, ROUTE_BLOCK, 0);
	come(routes, "2001:db8:3::/64", 32, ROUTE_BLOCK, 0);
	go(routes, "2001:db8:3::/64", 32, 10); /* just before */
	routes_set_mode(routes, ROUTES_HELD, 20);
	go(routes, "2001:db8:1::/64", 32, 30);
	come(routes, "2001:db8:2::/64", 32, ROUTE_MONITOR, 30);
	come(routes, "2001:db8:4::/64", 32, ROUTE_BLOCK, 30);
	assert_int_equal(routes_tick(routes, 100000), -1);
	for (const char *const *text =
		     (const char *const[]){"2001:db8:1::/64", "2001:db8:2::/64", "2001:db8:3::/64",
					   "2001:db8:4::/64", NULL};
	     *text; text++)
		assert_int_equal(action_of(&told, *text), ROUTE_BLOCK);
	routes_set_mode(routes, ROUTES_LIVE, 100000);
	routes_tick(routes, 100000 + REMOVAL_MS);
	assert_int_equal(action_of(&told, "2001:db8:1::/64"), ROUTE_NOTHING);
	assert_int_equal(action_of(&told, "2001:db8:2::/64"), ROUTE_MONITOR);
	assert_int_equal(action_of(&told, "2001:db8:3::/64"), ROUTE_NOTHING);
	assert_int_equal(action_of(&told, "2001:db8:4::/64"), ROUTE_BLOCK);
	routes_free(routes);
}

static void after_the_hold_nothing_is_in_force_until_it_is_back(void **state)
{
	struct told told;
	struct routes *routes = start(&told, 10, 0);

	come(routes, "2001:db8:1::/64", 32, ROUTE_BLOCK, 0);
	routes_set_mode(routes, ROUTES_ENDED, 10);
	assert_int_equal(action_of(&told, "2001:db8:1::/64"), ROUTE_NOTHING);
	come(routes, "2001:db8:2::/64", 32, ROUTE_BLOCK, 20);
	assert_int_equal(action_of(&told, "2001:db8:2::/64"), ROUTE_NOTHING);
	routes_set_mode(routes, ROUTES_LIVE, 30);
	assert_int_equal(action_of(&told, "2001:db8:1::/64"), ROUTE_BLOCK);
	assert_int_equal(action_of(&told, "2001:db8:2::/64"), ROUTE_BLOCK);
	routes_free(routes);
}

static void a_dump_ends_what_it_does_not_have(void **state)
{
	struct told told;
	struct routes *routes = start(&told, 10, 0);

	come(routes, "2001:db8:1::/64", 32, ROUTE_BLOCK, 0);
	come(routes, "198.51.100.0/24", 32, ROUTE_BLOCK, 0);
	routes_dump_begin(routes);
	come(routes, "198.51.100.0/24", 32, ROUTE_BLOCK, 10);
	come(routes, "2001:db8:3::/64", 32, ROUTE_BLOCK, 10);
	routes_dump_end(routes, 10);
	routes_tick(routes, 10);
	assert_int_equal(action_of(&told, "2001:db8:1::/64"), ROUTE_NOTHING);
	assert_int_equal(action_of(&told, "198.51.100.0/24"), ROUTE_BLOCK);
	assert_int_equal(action_of(&told, "2001:db8:3::/64"), ROUTE_BLOCK);
	routes_free(routes);
}

static void what_has_no_room_is_counted_and_those_that_are_gone_make_room(void **state)
{
	struct told told;
	struct routes *routes = start(&told, 2, 0);
	struct routes_counts counts;

	/* what does nothing takes no room */
	for (uint32_t metric = 0; metric < 3; metric++)
		assert_int_equal(come(routes, "2001:db8:4::/64", metric, ROUTE_NOTHING, 0), 0);
	assert_int_equal(come(routes, "2001:db8:5::/64", 32, ROUTE_NOTHING, 0), 0);
	assert_int_equal(come(routes, "2001:db8:1::/64", 32, ROUTE_BLOCK, 0), 0);
	assert_int_equal(come(routes, "2001:db8:2::/64", 32, ROUTE_BLOCK, 0), 0);
	assert_true(come(routes, "2001:db8:3::/64", 32, ROUTE_BLOCK, 0) < 0);
	routes_count(routes, &counts);
	assert_int_equal(counts.left_out, 1);
	assert_int_equal(counts.prefixes[ROUTE_BLOCK], 2);
	go(routes, "2001:db8:1::/64", 32, 1);
	routes_tick(routes, 1);
	assert_int_equal(come(routes, "2001:db8:3::/64", 32, ROUTE_BLOCK, 2), 0);
	assert_int_equal(action_of(&told, "2001:db8:3::/64"), ROUTE_BLOCK);
	for (uint32_t metric = 0; metric < 100; metric++)
		come(routes, "2001:db8:3::/64", metric, ROUTE_BLOCK, 3);
	routes_count(routes, &counts);
	assert_true(counts.left_out > 80);
	routes_free(routes);
}

/* Against a reference that has no queues: after everything was quiet, the routes are in force. */
static void whatever_comes_and_goes_the_end_is_what_is_there(void **state)
{
	struct told told;
	struct routes *routes = start(&told, 1000, REMOVAL_MS);
	enum route_action there[16][3] = {};
	int64_t now = 0;

	srandom(64);
	for (int i = 0; i < 20000; i++) {
		int n = random() % 16, metric = random() % 3;
		char text[64];

		snprintf(text, sizeof(text), "2001:db8:%x::/48", n);
		now += random() % 50;
		there[n][metric] = random() % ROUTE_ACTIONS;
		if (random() % 2)
			come(routes, text, metric, there[n][metric], now);
		else
			go(routes, text, metric, now), there[n][metric] = ROUTE_NOTHING;
		if (random() % 100 == 0)
			routes_set_mode(routes, random() % 3, now);
		routes_tick(routes, now);
	}
	routes_set_mode(routes, ROUTES_LIVE, now);
	routes_tick(routes, now + 10 * DAMPEN_MS);
	for (int n = 0; n < 16; n++) {
		enum route_action wanted = ROUTE_NOTHING;
		char text[64];

		snprintf(text, sizeof(text), "2001:db8:%x::/48", n);
		for (int metric = 0; metric < 3; metric++)
			if (there[n][metric] > wanted)
				wanted = there[n][metric];
		assert_int_equal(action_of(&told, text), wanted);
	}
	routes_free(routes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_strictest_route_of_a_prefix_counts),
		cmocka_unit_test(a_route_of_another_daemon_with_the_same_metric_hides_none),
		cmocka_unit_test(a_route_that_comes_back_in_time_was_never_gone),
		cmocka_unit_test(a_prefix_that_flaps_stays_in_force_until_it_is_quiet),
		cmocka_unit_test(while_its_source_is_gone_nothing_ends_or_becomes_weaker),
		cmocka_unit_test(after_the_hold_nothing_is_in_force_until_it_is_back),
		cmocka_unit_test(a_dump_ends_what_it_does_not_have),
		cmocka_unit_test(what_has_no_room_is_counted_and_those_that_are_gone_make_room),
		cmocka_unit_test(whatever_comes_and_goes_the_end_is_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
