// SPDX-License-Identifier: GPL-2.0-only
/* A large block is freed in pieces, and others are served in between; a small one is freed at once.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/loop/changes.h"
#include "daemon/loop/memory_pieces.h"

static int breaths;

/* Replaces the function of changes.c. */
void changes_breathe_long(struct changes *changes)
{
	breaths++;
}

static void a_large_block_is_freed_in_pieces(void **state)
{
	size_t bytes = 4 << 20;
	char *memory;

	memory_pieces_begin();
	memory = malloc(bytes);
	memset(memory, 1, bytes);
	breaths = 0;
	memory_pieces_free(memory, bytes, NULL);
	assert_in_range(breaths, 15, 17);
}

/* Issue 13, line 9: they were merged all at once, in turns of 45 ms. */
static void small_ones_are_merged_when_they_are_freed(void **state)
{
	void *small[1000];

	memory_pieces_begin();
	for (int i = 0; i < 1000; i++)
		small[i] = malloc(40);
	for (int i = 0; i < 1000; i++)
		free(small[i]);
	assert_int_equal(mallinfo2().fsmblks, 0);
}

static void a_small_one_or_none_at_once(void **state)
{
	breaths = 0;
	memory_pieces_free(malloc(1000), 1000, NULL);
	memory_pieces_free(NULL, 0, NULL);
	memory_pieces_free(NULL, 4 << 20, NULL);
	assert_int_equal(breaths, 0);
}

static void memory_around_it_is_left_alone(void **state)
{
	size_t bytes = (300 << 10) + 123;
	unsigned char *before, *memory, *after;

	mallopt(M_MMAP_THRESHOLD, 4 << 20); /* on the heap, next to each other */
	before = malloc(64);
	memory = malloc(bytes);
	after = malloc(64);
	memset(before, 1, 64);
	memset(memory, 2, bytes);
	memset(after, 3, 64);
	memory_pieces_free(memory, bytes, NULL);
	for (int i = 0; i < 64; i++)
		assert_true(before[i] == 1 && after[i] == 3);
	free(before);
	free(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_large_block_is_freed_in_pieces),
		cmocka_unit_test(small_ones_are_merged_when_they_are_freed),
		cmocka_unit_test(a_small_one_or_none_at_once),
		cmocka_unit_test(memory_around_it_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
