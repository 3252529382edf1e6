// SPDX-License-Identifier: GPL-2.0-only
/* What the guard rails of a configuration say of proposals about a capture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "replay/rails.h"

static const struct s64_seed seed = {1, {3, 5}};
static struct config config;
static struct error why;

static int set_up(void **state)
{
	(void)state;
	config_init(&config);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	config_free(&config);
	return 0;
}

static struct prefix prefix_of(const char *text)
{
	enum prefix_note note;
	struct prefix prefix;

	assert_int_equal(prefix_parse(text, &prefix, &note), 0);
	return prefix;
}

static void put(struct config_prefixes *prefixes, const char *text)
{
	prefixes->entry = calloc(1, sizeof(*prefixes->entry));
	assert_non_null(prefixes->entry);
	prefixes->entry->prefix = prefix_of(text);
	prefixes->count = 1;
}

/* NULL: nothing refuses it. */
static void expect(const char *text, const char *said)
{
	struct prefix prefix = prefix_of(text);
	bool refused = rails_refuse(&config, &seed, &prefix, &why);

	assert_int_equal(refused, said != NULL);
	if (said && !strstr(why.text, said))
		fail_msg("'%s' is not in '%s'", said, why.text);
}

static void without_a_configuration_nothing_is_refused(void **state)
{
	(void)state;
	expect("2001:db8:1:2::/64", NULL);
	expect("2001:db8:1::/48", NULL);
}

static void what_is_allowed_is_refused(void **state)
{
	(void)state;
	put(&config.allow, "2001:db8:1:2::/64");
	expect("2001:db8:1:2::/64", "is within the allowed prefix 2001:db8:1:2::/64");
	expect("2001:db8:1::/48", "covers the allowed prefix 2001:db8:1:2::/64");
	expect("2001:db8:1:3::/64", NULL);
}

static void a_peer_is_refused(void **state)
{
	(void)state;
	put(&config.peers, "2001:db8:1:2::7/128");
	expect("2001:db8:1:2::/64", "covers 2001:db8:1:2::7/128 (configured peer)");
	expect("2001:db8:1:3::/64", NULL);
}

/* The source that is blocked is the IPv4 address. */
static void a_peer_behind_a_translator_is_refused_as_its_ipv4_address(void **state)
{
	(void)state;
	put(&config.peers, "64:ff9b::c000:207/128");
	expect("::ffff:192.0.2.7/128", "configured peer");
	expect("::ffff:192.0.2.8/128", NULL);
}

static void own_networks_are_refused(void **state)
{
	(void)state;
	put(&config.own, "2001:db8:1::/48");
	expect("2001:db8:1:2::/64",
	       "is part of 2001:db8:1::/48, which the configuration names under own");
	expect("2001:db8::/32", "covers 2001:db8:1::/48");
	expect("2001:db8:2::/48", NULL);
}

/* The whole IPv4 Internet is behind it. */
static void what_is_no_target_is_refused(void **state)
{
	(void)state;
	expect("64:ff9b::/64", "64:ff9b::/64");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_configuration_nothing_is_refused),
		TEST(what_is_allowed_is_refused),
		TEST(a_peer_is_refused),
		TEST(a_peer_behind_a_translator_is_refused_as_its_ipv4_address),
		TEST(own_networks_are_refused),
		TEST(what_is_no_target_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
