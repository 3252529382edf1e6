// SPDX-License-Identifier: GPL-2.0-only
/* block_defaults: the default duration of a block by hand, and the fields it requires. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "config_test.h"

static void the_duration_is_in_milliseconds(void **state)
{
	take("block_defaults: {for: 90m}");
	assert_int_equal(config.block_for_ms, 90 * 60000);
	config_free(&config);
	refuse("block_defaults:\n  for: sometime\n", "test.yaml:2: ");
	refuse("block_defaults: {for: [1h]}", "for must be a single value");
	refuse("block_defaults: {for: 0}", "for: '0'");
}

static void a_word_or_a_list_of_words_is_required(void **state)
{
	take("block_defaults: {require: reason}");
	assert_true(config.block_needs_reason);
	assert_false(config.block_needs_ticket);
	config_free(&config);
	take("block_defaults: {require: [ticket]}");
	assert_false(config.block_needs_reason);
	assert_true(config.block_needs_ticket);
	config_free(&config);
	take("block_defaults: {require: [ticket, reason]}");
	assert_true(config.block_needs_reason && config.block_needs_ticket);
	config_free(&config);
	refuse("block_defaults: {require: tickets}", "did you mean 'ticket'");
	refuse("block_defaults: {require: [reason, {}]}", "require must be a single value");
	refuse("block_defaults: {required: reason}", "did you mean 'require'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_duration_is_in_milliseconds),
		cmocka_unit_test(a_word_or_a_list_of_words_is_required),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
