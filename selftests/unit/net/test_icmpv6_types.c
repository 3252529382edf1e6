// SPDX-License-Identifier: GPL-2.0-only
/* The table of ICMPv6 types: each type has a class, and neighbour discovery has its checks. */
#include <setjmp.h>
#include <slash64/classes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "net/icmpv6_types.h"

static struct s64_icmpv6_type table[S64_ICMPV6_TYPES];

static void every_type_has_a_class_and_a_length(void **state)
{
	memset(table, 0, sizeof(table));
	icmpv6_table_fill(table);
	for (int type = 0; type < S64_ICMPV6_TYPES; type++) {
		assert_true(table[type].length_min >= 4);
		for (int i = 0; i < 4; i++)
			assert_in_range(table[type].class[i], S64_CLASS_DESTINATION_UNREACHABLE,
					S64_CLASS_RESERVED_INFO);
	}
}

static void errors_are_below_128_and_the_rest_above(void **state)
{
	icmpv6_table_fill(table);
	assert_int_equal(table[0].class[0], S64_CLASS_UNASSIGNED_ERROR);
	assert_int_equal(table[126].class[0], S64_CLASS_UNASSIGNED_ERROR);
	assert_int_equal(table[127].class[0], S64_CLASS_RESERVED_ERROR);
	assert_int_equal(table[128].class[0], S64_CLASS_ECHO_REQUEST);
	assert_int_equal(table[162].class[0], S64_CLASS_UNASSIGNED_INFO);
	assert_int_equal(table[254].class[0], S64_CLASS_UNASSIGNED_INFO);
	assert_int_equal(table[255].class[0], S64_CLASS_RESERVED_INFO);
}

static void codes_that_differ_have_classes_of_their_own(void **state)
{
	icmpv6_table_fill(table);
	/* RFC 8883 3: headers too long is code 8 of type 1 */
	assert_int_equal(table[1].code_last[0], 7);
	assert_int_equal(table[1].class[1], S64_CLASS_HEADERS_TOO_LONG);
	assert_int_equal(table[1].code_last[1], 8);
	assert_int_equal(table[1].class[3], S64_CLASS_UNASSIGNED_ERROR);
	/* RFC 4443 3.3 */
	assert_int_equal(table[3].code_last[0], 0);
	assert_int_equal(table[3].class[1], S64_CLASS_REASSEMBLY_TIMEOUT);
	/* RFC 4443 3.4 */
	assert_int_equal(table[4].class[0], S64_CLASS_PARAMETER_PROBLEM_HEADER);
	assert_int_equal(table[4].class[1], S64_CLASS_PARAMETER_PROBLEM);
	assert_int_equal(table[4].code_last[1], 2);
}

static void neighbour_discovery_needs_a_hop_limit_of_255_and_no_fragment(void **state)
{
	icmpv6_table_fill(table);
	for (int type = 133; type <= 137; type++) {
		assert_true(table[type].checks & S64_CHECK_HOP_LIMIT_255);
		assert_true(table[type].checks & S64_CHECK_NOT_FRAGMENT);
		assert_true(table[type].checks & S64_CHECK_CODE_0);
		/* the options follow the fixed part (RFC 4861 4) */
		assert_int_equal(table[type].options_at, table[type].length_min);
	}
	assert_int_equal(table[135].length_min, 24);
	assert_int_equal(table[137].length_min, 40);
	/* RFC 3590 4: a report may come from ::, a query may not */
	assert_false(table[130].checks & S64_CHECK_SOURCE_MAY_BE_UNSPECIFIED);
	assert_true(table[131].checks & S64_CHECK_SOURCE_MAY_BE_UNSPECIFIED);
}

static void only_classes_that_prove_to_come_from_the_link_are_of_the_link(void **state)
{
	assert_true(icmpv6_class_is_of_the_link(S64_CLASS_NEIGHBOR_SOLICITATION));
	assert_true(icmpv6_class_is_of_the_link(S64_CLASS_REDIRECT));
	assert_true(icmpv6_class_is_of_the_link(S64_CLASS_SEND));
	/* a hop limit of 1 proves nothing */
	assert_false(icmpv6_class_is_of_the_link(S64_CLASS_MLD));
	assert_false(icmpv6_class_is_of_the_link(S64_CLASS_ECHO_REQUEST));
	assert_false(icmpv6_class_is_of_the_link(S64_CLASS_DESTINATION_UNREACHABLE));
	assert_false(icmpv6_class_is_of_the_link(S64_CLASS_TCP));
	assert_false(icmpv6_class_is_of_the_link(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_has_a_class_and_a_length),
		cmocka_unit_test(errors_are_below_128_and_the_rest_above),
		cmocka_unit_test(codes_that_differ_have_classes_of_their_own),
		cmocka_unit_test(neighbour_discovery_needs_a_hop_limit_of_255_and_no_fragment),
		cmocka_unit_test(only_classes_that_prove_to_come_from_the_link_are_of_the_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
