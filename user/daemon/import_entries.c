// SPDX-License-Identifier: GPL-2.0-only
#include "import_entries.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_BLOCK_BYTES 65536

struct text_block {
	struct text_block *next;
	size_t used;
	char text[TEXT_BLOCK_BYTES];
};

void import_entries_free(struct import_entries *entries)
{
	while (entries->texts) {
		struct text_block *next = entries->texts->next;

		free(entries->texts);
		entries->texts = next;
	}
	free(entries->entry);
	memset(entries, 0, sizeof(*entries));
}

struct import_entry *import_entries_add(struct import_entries *entries)
{
	struct import_entry *entry;

	if (entries->count == entries->room) {
		size_t room = entries->room ? entries->room * 2 : 4096;
		struct import_entry *grown = realloc(entries->entry, room * sizeof(*grown));

		if (!grown)
			return NULL;
		entries->entry = grown;
		entries->room = room;
	}
	entry = &entries->entry[entries->count++];
	memset(entry, 0, sizeof(*entry));
	return entry;
}

const char *import_entries_text(struct import_entries *entries, enum import_text which, const char *text,
				int *err)
{
	struct text_block *block = entries->texts;
	size_t bytes;

	if (!text || !*text)
		return NULL;
	if (entries->last[which] && !strcmp(entries->last[which], text))
		return entries->last[which];
	bytes = strlen(text) + 1;
	if (!block || TEXT_BLOCK_BYTES - block->used < bytes) {
		block = bytes <= TEXT_BLOCK_BYTES ? malloc(sizeof(*block)) : NULL;
		if (!block) {
			*err = -ENOMEM;
			return NULL;
		}
		block->next = entries->texts;
		block->used = 0;
		entries->texts = block;
	}
	memcpy(block->text + block->used, text, bytes);
	entries->last[which] = block->text + block->used;
	block->used += bytes;
	return entries->last[which];
}

static int compare_origins(const char *a, const char *b)
{
	return a == b ? 0 : strcmp(a ? a : "", b ? b : "");
}

static int compare(const void *a, const void *b, void *changes)
{
	const struct import_entry *x = a, *y = b;
	int order = compare_origins(x->origin, y->origin);

	changes_breathe(changes);
	if (!order)
		order = prefix_compare(&x->prefix, &y->prefix);
	if (!order)
		order = prefix_compare(&x->said, &y->said);
	if (!order)
		order = x->line < y->line ? -1 : x->line > y->line;
	return order;
}

static bool is_sorted(const struct import_entries *entries, struct changes *changes)
{
	for (size_t i = 1; i < entries->count; i++)
		if (compare(&entries->entry[i - 1], &entries->entry[i], changes) > 0)
			return false;
	return true;
}

static bool is_same(const struct import_entry *a, const struct import_entry *b)
{
	return !prefix_compare(&a->prefix, &b->prefix) && !prefix_compare(&a->said, &b->said) &&
	       !compare_origins(a->origin, b->origin);
}

/* A list that names one source twice says both: the stricter holds, and of what is as strict, what
 * holds longer. */
static bool is_stronger(const struct import_entry *a, const struct import_entry *b)
{
	bool a_throttles = a->kind == FEED_THROTTLE, b_throttles = b->kind == FEED_THROTTLE;

	if (a->kind == FEED_REMOVE || b->kind == FEED_REMOVE)
		return false; /* one document of a stream after the other */
	if (a_throttles != b_throttles)
		return b_throttles;
	if (a_throttles && a->rate != b->rate)
		return a->rate < b->rate;
	return b->until_ms && (!a->until_ms || a->until_ms >= b->until_ms);
}

/* --- sorting a million: by the digits of their prefixes, from the last to the first --- */

struct key {
	uint64_t hi, lo;
	uint32_t index;
	uint8_t length;
};

#define DIGIT_VALUES 256
#define ENTRIES_A_BREATH 64
#define DIGITS	     17 /* the length, and the bytes of the address, the last first */

/* The clock is not asked for each of so little. */
static void breathe_at(size_t i, struct changes *changes)
{
	if (i % ENTRIES_A_BREATH == 0)
		changes_breathe(changes);
}

static unsigned int digit_of(const struct key *key, unsigned int digit)
{
	if (digit == 0)
		return key->length;
	return digit <= 8 ? key->lo >> (digit - 1) * 8 & 0xff : key->hi >> (digit - 9) * 8 & 0xff;
}

/* Stable, so that the digits before it still count. false: all have the same, and nothing was done. */
static bool sort_by_digit(const struct key *from, struct key *to, size_t count, unsigned int digit, struct changes *changes)
{
	size_t start[DIGIT_VALUES] = {}, sum = 0;

	for (size_t i = 0; i < count; i++) {
		start[digit_of(&from[i], digit)]++;
		breathe_at(i, changes);
	}
	if (start[digit_of(&from[0], digit)] == count)
		return false;
	for (unsigned int value = 0; value < DIGIT_VALUES; value++) {
		size_t here = start[value];

		start[value] = sum;
		sum += here;
	}
	for (size_t i = 0; i < count; i++) {
		to[start[digit_of(&from[i], digit)]++] = from[i];
		breathe_at(i, changes);
	}
	return true;
}

static bool is_of_one_origin(const struct import_entries *entries)
{
	for (size_t i = 1; i < entries->count; i++)
		if (entries->entry[i].origin != entries->entry[0].origin)
			return false;
	return true;
}

/* Entries of one prefix, by what was said. They are in the order of their lines. */
static void sort_said(struct import_entries *entries, struct changes *changes)
{
	size_t n;

	for (size_t at = 0; at < entries->count; at += n) {
		struct import_entry *first = &entries->entry[at];

		for (n = 1; at + n < entries->count && !prefix_compare(&first->prefix, &first[n].prefix); n++)
			;
		if (n > 1 && !S64_MISTAKE(SAID_UNSORTED))
			qsort_r(first, n, sizeof(*first), compare, changes);
	}
}

/* As compare() has it, for entries of one origin. false where there is no memory. */
static bool sort_by_prefix(struct import_entries *entries, struct changes *changes)
{
	size_t count = entries->count;
	struct key *key = malloc(count * sizeof(*key)), *other = malloc(count * sizeof(*other));
	struct import_entry *sorted = malloc(count * sizeof(*sorted));

	if (!key || !other || !sorted) {
		free(key);
		free(other);
		free(sorted);
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		const struct prefix *prefix = &entries->entry[i].prefix;

		key[i] = (struct key){prefix_hi(prefix), prefix_lo(prefix), i, prefix->length};
		breathe_at(i, changes);
	}
	for (unsigned int digit = 0; digit < DIGITS; digit++)
		if (sort_by_digit(key, other, count, digit, changes)) {
			struct key *swap = key;

			key = other;
			other = swap;
		}
	for (size_t i = 0; i < count; i++) {
		sorted[i] = entries->entry[key[i].index];
		changes_breathe(changes);
	}
	free(key);
	free(other);
	free(entries->entry);
	entries->entry = sorted;
	entries->room = count;
	sort_said(entries, changes);
	return true;
}

void import_entries_sort(struct import_entries *entries, struct changes *changes)
{
	size_t kept = 0;

	if (!is_sorted(entries, changes) && !(is_of_one_origin(entries) && sort_by_prefix(entries, changes)))
		qsort_r(entries->entry, entries->count, sizeof(*entries->entry), compare, changes);
	for (size_t i = 0; i < entries->count; i++) {
		const struct import_entry *entry = &entries->entry[i];

		if (!kept || !is_same(&entries->entry[kept - 1], entry))
			entries->entry[kept++] = *entry;
		else if (!is_stronger(&entries->entry[kept - 1], entry))
			entries->entry[kept - 1] = *entry;
		changes_breathe(changes);
	}
	entries->count = kept;
}
