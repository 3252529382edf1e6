// SPDX-License-Identifier: GPL-2.0-only
/* The lists of prefixes in the configuration: their entries, their stored form, and what is refused. */
#include "config_test.h"

static void an_own_network_is_not_all_the_world(void **state)
{
	(void)state;
	take("own: ['2001::/16', 10.0.0.0/8]");
	config_free(&config);
	refuse("own: ['2000::/3']", "test.yaml:1: an own network must be /16 or longer");
	refuse("own:\n  - 0.0.0.0/1", "test.yaml:2: an own network must be /8 or longer");
}

static void is(const struct config_prefixes *list, size_t i, const char *text)
{
	char buf[PREFIX_TEXT_MAX];

	assert_true(i < list->count);
	assert_string_equal(prefix_format(&list->entry[i].prefix, buf), text);
}

static void an_entry_is_a_prefix_or_a_mapping_with_one(void **state)
{
	(void)state;
	take("allow:\n  - 2400::/32\n  - {prefix: '2400:1::/32', reason: ours}\n"
	     "block:\n  - {prefix: '2400:2::/32', reason: bad, force: true}\n  - {prefix: '2400:3::/32', force: false}\n");
	is(&config.allow, 0, "2400::/32");
	assert_string_equal(config.allow.entry[0].reason, "");
	assert_int_equal(config.allow.entry[0].line, 2);
	is(&config.allow, 1, "2400:1::/32");
	assert_string_equal(config.allow.entry[1].reason, "ours");
	assert_int_equal(config.allow.entry[1].line, 3);
	assert_true(config.block.entry[0].force);
	assert_false(config.block.entry[1].force);
	config_free(&config);
	refuse("allow:\n  - {reason: ours}\n", "test.yaml:2: an entry needs a prefix");
	refuse("allow: 2400::/32\n", "allow must be a list");
	refuse("block:\n  - 2400::/129\n", "test.yaml:2: '2400::/129' is not a prefix");
	refuse("block: [{prefix: '2400::/32', force: maybe}]\n", "force");
}

/* guard rails apply to blocks only */
static void only_a_block_can_be_forced(void **state)
{
	(void)state;
	refuse("allow: [{prefix: '2400::/32', force: true}]\n", "unknown key 'force'");
	refuse("own: [{prefix: '2400::/32', force: true}]\n", "unknown key 'force'");
	refuse("peers: [{prefix: '2400::1', force: true}]\n", "unknown key 'force'");
}

static void entries_are_kept_in_their_stored_form(void **state)
{
	(void)state;
	take("block:\n  - 2400:1:2:3::7\n  - 64:ff9b::198.51.100.7\n  - 2002:c633:6408::/48\n  - 2400:5::7/64\n");
	/* an address stands for its source */
	is(&config.block, 0, "2400:1:2:3::/64");
	is(&config.block, 1, "198.51.100.7/32");
	is(&config.block, 2, "198.51.100.8/32");
	is(&config.block, 3, "2400:5::/64");
	config_free(&config);
}

static void what_no_source_can_be_is_refused_with_its_line(void **state)
{
	(void)state;
	refuse("block:\n  - 2400::/32\n  - ff02::/16\n", "test.yaml:3: ff02::/16");
	refuse("allow:\n  - '::/0'\n", "test.yaml:2: ::/0");
	/* dangerous, but may be meant: left to config_refusals() */
	take("block: ['64:ff9b::/64']\n");
	is(&config.block, 0, "64:ff9b::/64");
	config_free(&config);
}

static void a_peer_is_one_address(void **state)
{
	(void)state;
	take("peers: ['2400::1', 198.51.100.1]\n");
	assert_int_equal(config.peers.count, 2);
	config_free(&config);
	refuse("peers:\n  - 2400::1\n  - 2400::/64\n", "test.yaml:3: a peer must be an address");
	refuse("peers: [198.51.100.0/24]\n", "a peer must be an address");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_own_network_is_not_all_the_world),
		cmocka_unit_test(an_entry_is_a_prefix_or_a_mapping_with_one),
		cmocka_unit_test(only_a_block_can_be_forced),
		cmocka_unit_test(entries_are_kept_in_their_stored_form),
		cmocka_unit_test(what_no_source_can_be_is_refused_with_its_line),
		cmocka_unit_test(a_peer_is_one_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
