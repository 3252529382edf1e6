// SPDX-License-Identifier: GPL-2.0-only
#include "special_prefixes.h"

#include <slash64/source.h>
#include <string.h>

static const struct row {
	__u64 hi, lo;
	unsigned int length;
	__u8 source;
	const char *name, *reference;
} rows[] = {
#define X(hi, lo, length, source, name, reference) \
	{hi, lo, length, S64_SOURCE_##source, name, reference},
	S64_SPECIAL_PREFIXES(X)
#undef X
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

_Static_assert(ROWS <= S64_SPECIAL_MAX, "special prefixes");

const char *special_name(unsigned int i)
{
	return i < ROWS ? rows[i].name : NULL;
}

const char *special_reference(unsigned int i)
{
	return i < ROWS ? rows[i].reference : NULL;
}

enum s64_source_status special_source(unsigned int i)
{
	return i < ROWS ? rows[i].source : S64_SOURCE_BOGON;
}

struct prefix special_prefix(unsigned int i)
{
	return prefix_of_bits(rows[i].hi, rows[i].lo, rows[i].length);
}

void special_fill(struct s64_special table[S64_SPECIAL_MAX])
{
	memset(table, 0, S64_SPECIAL_MAX * sizeof(*table));
	for (unsigned int i = 0; i < ROWS; i++)
		table[i] = (struct s64_special){
			.hi = rows[i].hi,
			.hi_mask = s64_mask_hi(rows[i].length),
			.lo = rows[i].lo,
			.lo_mask = s64_mask_lo(rows[i].length),
			.source = rows[i].source,
		};
}

int special_find(const struct prefix *prefix)
{
	for (unsigned int i = 0; i < ROWS; i++) {
		struct prefix row = special_prefix(i);

		if (prefix_contains(&row, prefix))
			return i;
	}
	return -1;
}

enum s64_source_status special_source_of(const struct prefix *prefix)
{
	int i = special_find(prefix);

	if (prefix_is_v4(prefix))
		return S64_SOURCE_OK;
	if (i >= 0)
		return special_source(i);
	return prefix->length >= 3 && prefix_hi(prefix) >> 61 == 1 ? S64_SOURCE_OK :
								     S64_SOURCE_BOGON;
}
