// SPDX-License-Identifier: GPL-2.0-only
/* Arrays that grow keep what is in them, and stay as they are if there is no memory. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/array.h"

#define MANY 1000

static void an_array_grows_and_keeps_its_entries(void **state)
{
	uint32_t *array = NULL;
	size_t room = 0, grown = 0;

	(void)state;
	for (uint32_t i = 0; i < MANY; i++) {
		size_t before = room;

		assert_int_equal(array_reserve(&array, &room, i + 1, sizeof(*array)), 0);
		grown += room != before;
		array[i] = i;
	}
	for (uint32_t i = 0; i < MANY; i++)
		assert_int_equal(array[i], i);
	/* it at least doubles */
	assert_true(room >= MANY && grown < 10);
	free(array);
}

static void much_may_be_reserved_at_once(void **state)
{
	char *text = NULL;
	size_t room = 0;

	(void)state;
	assert_int_equal(array_reserve(&text, &room, MANY, 1), 0);
	assert_true(room >= MANY);
	memset(text, 'x', room);
	assert_int_equal(array_reserve(&text, &room, 0, 1), 0);
	free(text);
}

static void without_memory_array_and_room_stay(void **state)
{
	uint64_t *array = NULL, *before;
	size_t room = 0, room_before, count = 4;

	(void)state;
	assert_int_equal(array_reserve(&array, &room, 4, sizeof(*array)), 0);
	array[0] = 7;
	before = array;
	room_before = room;
	assert_int_equal(array_reserve(&array, &room, SIZE_MAX / 16, sizeof(*array)), -ENOMEM);
	assert_ptr_equal(array, before);
	assert_int_equal(room, room_before);
	assert_null(array_add(&array, &count, SIZE_MAX / 4));
	assert_ptr_equal(array, before);
	assert_int_equal(count, 4);
	assert_int_equal(array[0], 7);
	free(array);
}

/* More than the address space: no room is computed that wraps. */
static void a_room_that_no_number_holds_is_refused(void **state)
{
	char *text = NULL;
	size_t room = 0;

	(void)state;
	assert_int_equal(array_reserve(&text, &room, SIZE_MAX, 1), -ENOMEM);
	assert_int_equal(array_reserve(&text, &room, SIZE_MAX / 2 + 2, 1), -ENOMEM);
	assert_null(text);
	assert_int_equal(room, 0);
}

static void an_added_entry_is_zeroed_and_counted(void **state)
{
	struct entry {
		uint64_t a;
		char b[3];
	} *array = NULL, *entry;
	size_t count = 0;

	(void)state;
	for (uint64_t i = 0; i < MANY; i++) {
		entry = array_add(&array, &count, sizeof(*entry));
		assert_ptr_equal(entry, &array[i]);
		assert_true(!entry->a && !entry->b[0] && !entry->b[2]);
		*entry = (struct entry){i, "ab"};
	}
	assert_int_equal(count, MANY);
	for (uint64_t i = 0; i < MANY; i++)
		assert_int_equal(array[i].a, i);
	free(array);
}

static void numbers_are_ordered_by_value(void **state)
{
	uint64_t numbers[] = {UINT64_MAX, 1ULL << 63, 0, 3, 1ULL << 32, 3};
	const uint64_t sorted[] = {0, 3, 3, 1ULL << 32, 1ULL << 63, UINT64_MAX};

	(void)state;
	qsort(numbers, 6, sizeof(*numbers), array_by_value);
	assert_memory_equal(numbers, sorted, sizeof(sorted));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_array_grows_and_keeps_its_entries),
		cmocka_unit_test(much_may_be_reserved_at_once),
		cmocka_unit_test(without_memory_array_and_room_stay),
		cmocka_unit_test(a_room_that_no_number_holds_is_refused),
		cmocka_unit_test(an_added_entry_is_zeroed_and_counted),
		cmocka_unit_test(numbers_are_ordered_by_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
