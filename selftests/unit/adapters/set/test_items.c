// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "adapters/set/items.h"

#define MANY 5000

static struct set_key key_of(uint32_t n)
{
	struct prefix prefix = prefix_of_bits(0x20010db800000000 | n, 0, 64);

	return set_key_of_prefix(&prefix);
}

static bool is_even(struct set_item *item, void *data)
{
	return prefix_hi(&item->key.prefix) % 2 == 0;
}

static void items_are_found_again_and_others_are_not(void **state)
{
	struct set_items items;
	struct set_item *item = NULL;
	size_t at = 0, seen = 0;

	assert_int_equal(set_items_init(&items), 0);
	for (uint32_t n = 0; n < MANY; n++) {
		struct set_key key = key_of(n);

		assert_null(set_items_find(&items, &key));
		assert_non_null(set_items_add(&items, &key));
		assert_ptr_equal(set_items_add(&items, &key), set_items_find(&items, &key));
	}
	assert_int_equal(items.count, MANY);
	while ((item = set_items_next(&items, item, &at)))
		seen++;
	assert_int_equal(seen, MANY);
	set_items_sweep(&items, is_even, NULL);
	assert_int_equal(items.count, MANY / 2);
	for (uint32_t n = 0; n < MANY; n++) {
		struct set_key key = key_of(n);

		assert_int_equal(!!set_items_find(&items, &key), n % 2 == 0);
	}
	set_items_free(&items);
}

static void a_state_is_a_copy_and_compares_all_but_the_end(void **state)
{
	char reason[] = "flood";
	struct set_entry entry = {.kind = SET_THROTTLE,
				  .rate = 100,
				  .burst = 200,
				  .reason = reason};
	struct set_state a = {}, b = {};

	assert_false(set_state_is_like(&a, &b));
	assert_int_equal(set_state_set(&a, &entry), 0);
	entry.until_ms = 5;
	assert_int_equal(set_state_set(&b, &entry), 0);
	reason[0] = 'b';
	assert_string_equal(a.reason, "flood");
	assert_true(set_state_is_like(&a, &b));
	entry.rate = 101;
	set_state_set(&b, &entry);
	assert_false(set_state_is_like(&a, &b));
	entry = (struct set_entry){.kind = SET_BLOCK, .rate = 7, .burst = 7};
	set_state_set(&b, &entry);
	assert_int_equal(b.rate, 0); /* a block has none */
	assert_string_equal(b.reason, "");
	set_state_clear(&a);
	set_state_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_found_again_and_others_are_not),
		cmocka_unit_test(a_state_is_a_copy_and_compares_all_but_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
