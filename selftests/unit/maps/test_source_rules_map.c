// SPDX-License-Identifier: GPL-2.0-only
/* The source rules in the maps: written beside those in force, then switched to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "native.h"
#include "maps/source_rules_map.h"

static void staged_rules_are_in_force_only_after_the_switch(void **state)
{
	struct prefix prefix = prefix_of_bits(0x2400000100020000ULL, 0, 48);
	struct source_rules rules, read;
	struct error error;

	source_rules_init(&rules);
	source_rules_in_force(&read, &native_maps);
	assert_true(source_rules_equal(&read, &rules));
	assert_int_equal(source_rules_add(&rules, &prefix, S64_SOURCE_KIND_LENGTH, 56, &error), 0);
	source_rules_stage(&rules, &native_maps);
	source_rules_in_force(&read, &native_maps);
	assert_false(source_rules_equal(&read, &rules));
	source_rules_switch(&native_maps);
	source_rules_in_force(&read, &native_maps);
	assert_true(source_rules_equal(&read, &rules));
}

static void a_shorter_set_leaves_nothing_of_a_longer_one(void **state)
{
	struct prefix prefix = prefix_of_bits(0x2400000100020000ULL, 0, 48);
	struct source_rules longer, shorter, read;
	struct error error;

	source_rules_init(&shorter);
	longer = shorter;
	assert_int_equal(source_rules_add(&longer, &prefix, S64_SOURCE_KIND_LENGTH, 56, &error), 0);
	for (int i = 0; i < 2; i++) {
		source_rules_stage(&longer, &native_maps);
		source_rules_switch(&native_maps);
	}
	source_rules_stage(&shorter, &native_maps);
	source_rules_switch(&native_maps);
	source_rules_in_force(&read, &native_maps);
	assert_int_equal(read.count, shorter.count);
	assert_true(source_rules_equal(&read, &shorter));
}

static void a_full_set_is_read_to_its_end(void **state)
{
	struct source_rules rules, read;
	struct error error;

	source_rules_init(&rules);
	for (uint64_t i = 0; rules.count < S64_SOURCE_RULES_MAX; i++) {
		struct prefix prefix = prefix_of_bits((0x2400ULL << 48) + (i << 16), 0, 48);

		assert_int_equal(source_rules_add(&rules, &prefix, S64_SOURCE_KIND_LENGTH, 56,
						  &error),
				 0);
	}
	source_rules_stage(&rules, &native_maps);
	source_rules_switch(&native_maps);
	source_rules_in_force(&read, &native_maps);
	assert_int_equal(read.count, S64_SOURCE_RULES_MAX);
	assert_true(source_rules_equal(&read, &rules));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(staged_rules_are_in_force_only_after_the_switch,
						native_setup, native_teardown),
		cmocka_unit_test_setup_teardown(a_shorter_set_leaves_nothing_of_a_longer_one,
						native_setup, native_teardown),
		cmocka_unit_test_setup_teardown(a_full_set_is_read_to_its_end, native_setup,
						native_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
