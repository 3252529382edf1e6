// SPDX-License-Identifier: GPL-2.0-only
/* What allowed prefixes keep out of force, and whether a guard rail protects it. The caller is logged in from the one
 * address that is guarded here.
 */
#include <arpa/inet.h>
#include <event2/event.h>

#include "blocks_test.h"
#include "daemon/blocks/kept_out.h"

static struct event_base *base;
static struct protected_addresses *protection;
static struct in6_addr session;
static const struct guards_caller caller = {&session, 1};
static struct prefix_set going, after;

static int set_up(void **state)
{
	base = event_base_new();
	inet_pton(AF_INET6, "2001:db8:77:1::5", &session);
	if (!base || blocks_set_up(state) || protected_addresses_start(&protection, base, &error))
		return -1;
	protected_addresses_set_utmp(protection, "/dev/null");
	return 0;
}

static int tear_down(void **state)
{
	prefix_set_free(&going);
	prefix_set_free(&after);
	protected_addresses_stop(protection);
	event_base_free(base);
	return blocks_tear_down(state);
}

static int one(const char *text, const struct guards_caller *from)
{
	struct prefix prefix = prefix_of(text);

	error.text[0] = '\0';
	return kept_out_refuse_one(&blocks, protection, from, &prefix, &error);
}

static void goes(const char *text)
{
	struct prefix prefix = prefix_of(text);

	if (!after.count)
		assert_int_equal(prefix_set_copy(&after, blocks_allowed(&blocks)), 0);
	prefix_set_remove(&after, &prefix);
	assert_int_equal(prefix_set_add(&going, &prefix), 0);
}

static int several(bool without_config)
{
	const struct kept_out kept_out = {&blocks, protection, &caller,
					  &going,  &after,     without_config};

	error.text[0] = '\0';
	return kept_out_refuse(&kept_out, &error);
}

static void what_lies_within_or_around_is_refused(void **state)
{
	allow("2001:db8:77::/48");
	say("2001:db8:77:1::/64", "a", 0, 0);
	assert_int_equal(one("2001:db8:77::/48", &caller), -EPERM);
	assert_non_null(
		strstr(error.text,
		       "2001:db8:77::/48 stays allowed: without it 2001:db8:77:1::/64 would be"));
	assert_non_null(strstr(error.text, "2001:db8:77:1::5"));
	allow("2001:db8:77:1::/64"); /* keeps it out too */
	assert_int_equal(one("2001:db8:77::/48", &caller), 0);
	assert_int_equal(one("2001:db8:77:1::/64", &caller), 0);
}

static void what_covers_it_is_refused(void **state)
{
	allow("2001:db8:77:1::/64");
	say("2001:db8:77::/48", "a", 0, 0);
	assert_int_equal(one("2001:db8:77:1::/64", &caller), -EPERM);
}

static void nothing_that_is_not_guarded_or_has_ended_is_refused(void **state)
{
	allow("2001:db8:77::/48");
	say("2001:db8:77:2::/64", "a", 0, 0);
	say("2001:db8:77:1::/64", "a", 0, clock_wall_ms() - 1);
	assert_int_equal(one("2001:db8:77::/48", &caller), 0);
	say("2001:db8:77:1::/64", "b", 0, 0);
	assert_int_equal(one("2001:db8:77::/48", NULL), 0);
	assert_int_equal(one("2001:db8:78::/48", &caller), 0); /* is not allowed */
	assert_int_equal(one("2001:db8:77::/48", &caller), -EPERM);
}

/* One of two that go keeps out for the other, and neither alone is a reason. */
static void several_that_go_at_once_are_asked_about_together(void **state)
{
	allow("2001:db8:77::/48");
	allow("2001:db8:77:1::/64");
	say("2001:db8:77:1::/64", "a", 0, 0);
	goes("2001:db8:77::/48");
	assert_int_equal(several(false), 0);
	goes("2001:db8:77:1::/64");
	assert_int_equal(several(false), -EPERM);
}

static void entries_of_the_configuration_count_only_where_they_should(void **state)
{
	allow("2001:db8:77::/48");
	say("2001:db8:77:1::/64", STORE_ORIGIN_CONFIG, 0, 0);
	goes("2001:db8:77::/48");
	assert_int_equal(several(true), 0);
	assert_int_equal(several(false), -EPERM);
	say("2001:db8:77:1::/64", "a", 0, 0);
	assert_int_equal(several(true), -EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_lies_within_or_around_is_refused, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_covers_it_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_that_is_not_guarded_or_has_ended_is_refused,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(several_that_go_at_once_are_asked_about_together,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			entries_of_the_configuration_count_only_where_they_should, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
