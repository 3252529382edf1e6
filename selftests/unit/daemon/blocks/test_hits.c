// SPDX-License-Identifier: GPL-2.0-only
/* Hits are counted for the entry that dropped the packet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "blocks_test.h"

static void hit(const char *text, bool by_prefix, uint32_t packets)
{
	struct prefix address = prefix_of(text);
	struct source source =
		source_rules_identify(&blocks.rules, &native_maps.meta->seed, &address);

	blocks_hit(&blocks, source.src_key, prefix_hi(&address), prefix_lo(&address), by_prefix,
		   packets, 1000);
}

static uint64_t hits_of(const char *text)
{
	struct prefix prefix = prefix_of(text);
	uint64_t hits;
	uint32_t last;

	blocks_hits(&blocks, &prefix, &hits, &last);
	assert_int_equal(last, hits ? 1000 : 0);
	return hits;
}

static void a_source_counts_its_own(void **state)
{
	block("2400::/64", "a", 0);
	hit("2400::7", false, 5);
	hit("2400::8", false, 6);
	hit("2401::8", false, 6);
	assert_int_equal(hits_of("2400::/64"), 11);
	assert_int_equal(hits_of("2401::/64"), 0);
}

static void of_prefixes_the_longest_around_counts(void **state)
{
	block("2400::/32", "a", 0);
	block("2400::/48", "a", 0);
	hit("2400::7", true, 5);
	hit("2400:0:1::7", true, 6);
	hit("2401::7", true, 7);
	assert_int_equal(hits_of("2400::/48"), 5);
	assert_int_equal(hits_of("2400::/32"), 6);
}

static void an_ipv4_prefix_counts_whatever_form_its_host_came_in(void **state)
{
	block("198.51.100.0/24", "a", 0);
	hit("64:ff9b::198.51.100.7", true, 5);
	hit("2002:c633:6407::1", true, 6);
	hit("198.51.100.7", true, 7);
	assert_int_equal(hits_of("198.51.100.0/24"), 18);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_source_counts_its_own, blocks_set_up,
						blocks_tear_down),
		cmocka_unit_test_setup_teardown(of_prefixes_the_longest_around_counts,
						blocks_set_up, blocks_tear_down),
		cmocka_unit_test_setup_teardown(
			an_ipv4_prefix_counts_whatever_form_its_host_came_in, blocks_set_up,
			blocks_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
