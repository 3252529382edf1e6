// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c user/maps/local_addresses.c */
/* The table of own addresses holds 10,000 and far more, reports what does not fit, and never loses
 * one that stays (hostile 5).
 */
#include <stdio.h>

#include "native.h"

#include "maps/local_addresses.h"

#define MANY  10000
#define ABOVE (S64_LOCAL_BUCKETS * S64_BUCKET_KEYS + 1000)

static struct prefix own[ABOVE];

static bool has(const struct prefix *prefix)
{
	return is_own(prefix_hi(prefix), prefix_lo(prefix));
}

static void number(size_t count, uint64_t hi)
{
	for (size_t i = 0; i < count; i++)
		own[i] = prefix_of_bits(hi + (i >> 8), i, 128);
}

static struct local_count set(size_t count, bool keep)
{
	struct local_count counted = {1, 1};

	assert_int_equal(local_set(&native_maps, own, count, keep, &counted), 0);
	return counted;
}

static void a_full_table_says_what_it_left_out(void **state)
{
	struct local_count counted;
	size_t found = 0;

	(void)state;
	number(S64_LOCAL_ROOM, 0x2a00000000000000ULL);
	counted = set(S64_LOCAL_ROOM, false);
	assert_int_equal(counted.known, S64_LOCAL_ROOM);
	assert_int_equal(counted.left_out, 0);
	number(ABOVE, 0x2a00000000000000ULL);
	counted = set(ABOVE, false);
	assert_int_equal(counted.known + counted.left_out, ABOVE);
	assert_true(counted.left_out >= 1000);
	for (size_t i = 0; i < ABOVE; i++)
		found += has(&own[i]);
	assert_int_equal(found, counted.known);
	/* the first ones are in it */
	for (size_t i = 0; i < S64_LOCAL_ROOM; i++)
		assert_true(has(&own[i]));
	/* and there is room again */
	counted = set(MANY, false);
	assert_int_equal(counted.known, MANY);
	assert_int_equal(counted.left_out, 0);
}

static void what_stands_twice_is_one(void **state)
{
	struct local_count counted;

	(void)state;
	number(4, 0x2a00000000000000ULL);
	own[2] = own[0];
	own[3] = prefix_around(&own[0].address, 64);
	counted = set(4, false);
	assert_int_equal(counted.known, 3);
	assert_int_equal(counted.left_out, 0);
}

static void what_stays_is_kept_and_what_goes_is_gone(void **state)
{
	(void)state;
	number(MANY, 0x2a00000000000000ULL);
	set(MANY, false);
	/* half of them, and as many others */
	number(MANY / 2, 0x2a00000000000000ULL);
	for (size_t i = MANY / 2; i < MANY; i++)
		own[i] = prefix_of_bits(0x2a10000000000000ULL, i, 128);
	set(MANY, false);
	for (size_t i = 0; i < MANY; i++) {
		struct prefix gone = prefix_of_bits(0x2a00000000000000ULL + (i >> 8), i, 128);

		assert_true(has(&own[i]));
		assert_int_equal(has(&gone), i < MANY / 2);
	}
	set(0, false);
	assert_false(has(&own[0]));
}

/* It changed while it was read, so a missing address may still exist. */
static void what_may_have_been_overlooked_is_kept(void **state)
{
	struct prefix before;

	(void)state;
	number(3, 0x2a00000000000000ULL);
	own[2] = prefix_of_bits(0x2a00000a00000000ULL, 0, 48);
	set(3, false);
	before = own[0];
	own[0] = prefix_of_bits(0x2a20000000000000ULL, 1, 128);
	set(1, true);
	assert_true(has(&before));
	assert_true(has(&own[0]));
	assert_true(is_own(0x2a00000a00000001ULL, 7));
	set(1, false);
	assert_false(has(&before));
	assert_false(is_own(0x2a00000a00000001ULL, 7));
}

static void prefixes_of_every_length_are_found(void **state)
{
	(void)state;
	for (uint8_t length = 1; length < 128; length++) {
		/* the last bit of the prefix is 1, the one behind it 0 */
		uint64_t hi = length > 64 ? 0x2a00000000000000ULL : 1ULL << (64 - length);
		uint64_t lo = length > 64 ? 1ULL << (128 - length) : 0;

		own[0] = prefix_of_bits(hi, lo, length);
		set(1, false);
		assert_true(is_own(hi, lo));
		assert_true(is_own(hi | ~s64_mask_hi(length), lo | ~s64_mask_lo(length)));
		assert_false(is_own(length > 64 ? hi : 0, length > 64 ? 0 : lo));
	}
	/* all addresses, as two halves */
	own[0] = prefix_of_bits(0, 0, 1);
	own[1] = prefix_of_bits(1ULL << 63, 0, 1);
	set(2, false);
	assert_true(is_own(0x2a00ULL << 48, 1) && is_own(~0ULL, ~0ULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_full_table_says_what_it_left_out, native_setup,
						native_teardown),
		cmocka_unit_test_setup_teardown(what_stands_twice_is_one, native_setup,
						native_teardown),
		cmocka_unit_test_setup_teardown(what_stays_is_kept_and_what_goes_is_gone,
						native_setup, native_teardown),
		cmocka_unit_test_setup_teardown(what_may_have_been_overlooked_is_kept, native_setup,
						native_teardown),
		cmocka_unit_test_setup_teardown(prefixes_of_every_length_are_found, native_setup,
						native_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
