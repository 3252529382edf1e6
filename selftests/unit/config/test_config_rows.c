// SPDX-License-Identifier: GPL-2.0-only
/* Everything in a configuration, a row for each setting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "config_test.h"
#include "config/config_diff.h"

static json_t *rows;

static const char *value(const char *name)
{
	json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		const char *is = json_string_value(json_object_get(row, "name"));

		if (is && !strcmp(is, name))
			return json_string_value(json_object_get(row, "value"));
	}
	return "(missing)";
}

static void rows_of(const char *text)
{
	take(text);
	rows = config_to_rows(&config, NULL);
	assert_non_null(rows);
	config_free(&config);
}

static void settings_have_their_defaults(void **state)
{
	rows_of("interfaces: []");
	assert_string_equal(value("control.socket"), CONFIG_SOCKET_DEFAULT);
	assert_string_equal(value("metrics.listen"), CONFIG_METRICS_DEFAULT);
	assert_string_equal(value("page.listen"), CONFIG_PAGE_DEFAULT);
	assert_string_equal(value("state"), CONFIG_STATE_DEFAULT);
	assert_string_equal(value("maps.pins"), CONFIG_PINS_DEFAULT);
	assert_string_equal(value("maps.blocks"), "1048576");
	assert_string_equal(value("on_exit"), "keep");
	assert_string_equal(value("log.keep"), "90d");
	assert_string_equal(value("block_defaults.for"), "without end");
	assert_string_equal(value("block_defaults.require"), "nothing");
	json_decref(rows);
}

static void what_was_given_is_told(void **state)
{
	rows_of("on_exit: detach\nmaps: {blocks: 5000, interfaces: 3}\n"
		"block_defaults: {for: 1h30m, require: [ticket, reason]}\n"
		"interfaces: [{name: eth0, mode: generic, ipv4: enforce}]\n");
	assert_string_equal(value("on_exit"), "detach");
	assert_string_equal(value("maps.blocks"), "5000");
	assert_string_equal(value("maps.interfaces"), "3");
	assert_string_equal(value("block_defaults.for"), "1h30m");
	assert_string_equal(value("block_defaults.require"), "reason, ticket");
	assert_string_equal(value("interface eth0"), "filtered");
	assert_string_equal(value("mode of eth0"), "generic");
	assert_string_equal(value("ipv4 of eth0"), "enforce");
	json_decref(rows);
	rows_of("block_defaults: {require: ticket}\n");
	assert_string_equal(value("block_defaults.require"), "ticket");
	json_decref(rows);
}

static void prefixes_tell_what_they_are_their_reason_and_force(void **state)
{
	rows_of("allow: [{prefix: '2400::/32', reason: ours}]\n"
		"block: [{prefix: '2400:1::/32', reason: bad, force: true}, '2400:2::/32']\n"
		"own: ['2400:3::/32']\npeers: ['2400:4::1']\n");
	assert_string_equal(value("allow 2400::/32"), "allowed: ours");
	assert_string_equal(value("block 2400:1::/32"), "blocked: bad (force)");
	assert_string_equal(value("block 2400:2::/32"), "blocked");
	assert_string_equal(value("own 2400:3::/32"), "guarded");
	assert_string_equal(value("peer 2400:4::1/128"), "guarded");
	json_decref(rows);
}

static void only_source_rules_of_the_file_are_told(void **state)
{
	rows_of("sources: {nat64: ['2400:64::/96'], isatap: ['2400:1::/64'], lengths: [{prefix: '2400:2::/32', length: 56}]}");
	assert_string_equal(value("sources 2400:64::/96"), "nat64");
	assert_string_equal(value("sources 2400:1::/64"), "isatap");
	assert_string_equal(value("sources 2400:2::/32"), "/56");
	assert_string_equal(value("sources 64:ff9b::/96"), "(missing)");
	assert_string_equal(value("sources fe80::/10"), "(missing)");
	json_decref(rows);
}

static void a_feed_is_told_with_all_its_settings(void **state)
{
	rows_of("feeds: [{file: /a, origin: x}, {file: /b, origin: y, format: plain, for: 1h, reason: bad, shrink: 0}]");
	assert_string_equal(value("feed x"),
			    "/a, format auto, for no limit, settle 2s, shrink 0.5");
	assert_string_equal(value("feed y"),
			    "/b, format plain, for 1h, settle 2s, shrink 0, reason bad");
	json_decref(rows);
}

static void any_byte_of_a_text_stays_json(void **state)
{
	take("allow: [{prefix: '2400::/32', reason: ours}]");
	strcpy(config.allow.entry[0].reason, "a\xff");
	rows = config_to_rows(&config, NULL);
	config_free(&config);
	assert_string_equal(value("allow 2400::/32"), "allowed: a\\xff");
	json_decref(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_have_their_defaults),
		cmocka_unit_test(what_was_given_is_told),
		cmocka_unit_test(prefixes_tell_what_they_are_their_reason_and_force),
		cmocka_unit_test(only_source_rules_of_the_file_are_told),
		cmocka_unit_test(a_feed_is_told_with_all_its_settings),
		cmocka_unit_test(any_byte_of_a_text_stays_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
