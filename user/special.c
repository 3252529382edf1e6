// SPDX-License-Identifier: GPL-2.0-only
#include "special.h"

#include <string.h>

static const struct row {
	__u64 hi, lo;
	unsigned int length;
	__u8 source;
	const char *name, *reference;
} rows[] = {
#define X(hi, lo, length, source, name, reference)                                                 \
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

static __u64 mask64(unsigned int bits)
{
	return bits == 0 ? 0 : bits >= 64 ? ~0ULL : ~(~0ULL >> bits);
}

/* Addresses that start with these 16 bits are all special, or all ordinary, or a page tells. */
static void gate_prefix(const struct row *row, __u8 *gate, struct s64_gate_page *page,
			unsigned int *pages)
{
	unsigned int first = row->hi >> 48, second = row->hi >> 32 & 0xffff;
	unsigned int last = row->length >= 16 ? first : first | (0xffff >> row->length);

	if (row->length <= 16 || gate[first] == S64_GATE_SPECIAL) {
		memset(gate + first, S64_GATE_SPECIAL, last - first + 1);
		return;
	}
	if (gate[first] == S64_GATE_ORDINARY) {
		if (*pages == S64_GATE_PAGES) {
			gate[first] = S64_GATE_SPECIAL;
			return;
		}
		gate[first] = S64_GATE_PAGE + (*pages)++;
	}
	page += gate[first] - S64_GATE_PAGE;
	last = row->length >= 32 ? second : second | (0xffff >> (row->length - 16));
	for (; second <= last; second++)
		page->bit[second / 64] |= 1ULL << second % 64;
}

void special_fill(struct s64_special table[S64_SPECIAL_MAX], __u8 *gate, struct s64_gate_page *page)
{
	unsigned int pages = 0;

	memset(table, 0, S64_SPECIAL_MAX * sizeof(*table));
	memset(page, 0, S64_GATE_PAGES * sizeof(*page));
	/* Outside of 2000::/3 nothing is ordinary. */
	for (unsigned int i = 0; i < S64_GATE_ENTRIES; i++)
		gate[i] = i >> 13 == 1 ? S64_GATE_ORDINARY : S64_GATE_SPECIAL;
	for (unsigned int i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];

		table[i] = (struct s64_special){
			.hi = row->hi,
			.hi_mask = mask64(row->length),
			.lo = row->lo,
			.lo_mask = row->length > 64 ? mask64(row->length - 64) : 0,
			.source = row->source,
		};
		gate_prefix(row, gate, page, &pages);
	}
}
