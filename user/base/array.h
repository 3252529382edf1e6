/* SPDX-License-Identifier: GPL-2.0-only */
/* Arrays that grow, and the order of numbers in them. */
#ifndef SLASH64_BASE_ARRAY_H
#define SLASH64_BASE_ARRAY_H

#include <stddef.h>
#include <stdint.h>

/* Makes room for `count` entries of `bytes` each; the room at least doubles. `array` is the address
 * of the pointer to them. 0, or -ENOMEM, and then array and room are as they were.
 */
int array_reserve(void *array, size_t *room, size_t count, size_t bytes);

/* Appends a zeroed entry to an array whose room follows from its count: the next power of two.
 * Returns the entry, or NULL.
 */
void *array_add(void *array, size_t *count, size_t bytes);

/* For qsort() and bsearch(), over uint64_t in ascending order. */
static inline int array_by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

#endif
