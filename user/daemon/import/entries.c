// SPDX-License-Identifier: GPL-2.0-only
#include "entries.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/loop/memory_pieces.h"
#include "base/array.h"
#include "net/action_rank.h"

#define TEXT_BLOCK_BYTES 65536

struct text_block {
	struct text_block *next;
	size_t used;
	char text[TEXT_BLOCK_BYTES];
};

void import_entries_free(struct import_entries *entries, struct changes *changes)
{
	while (entries->texts) {
		struct text_block *next = entries->texts->next;

		free(entries->texts);
		entries->texts = next;
		changes_breathe(changes);
	}
	memory_pieces_free(entries->entry, entries->room * sizeof(*entries->entry), changes);
	memset(entries, 0, sizeof(*entries));
}

struct import_entry *import_entries_add(struct import_entries *entries)
{
	struct import_entry *entry;

	if (array_reserve(&entries->entry, &entries->room, entries->count + 1,
			  sizeof(*entries->entry)))
		return NULL;
	entry = &entries->entry[entries->count++];
	memset(entry, 0, sizeof(*entry));
	return entry;
}

const char *import_entries_text(struct import_entries *entries, enum import_text which,
				const char *text, int *err)
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

/* If a list contains a source twice, both entries apply: the stricter, and of equals the one that
 * holds longer.
 */
static bool is_stronger(const struct import_entry *a, const struct import_entry *b)
{
	uint64_t a_rank = action_rank(a->kind == FEED_THROTTLE, a->rate, a->burst);
	uint64_t b_rank = action_rank(b->kind == FEED_THROTTLE, b->rate, b->burst);

	if (a->kind == FEED_REMOVE || b->kind == FEED_REMOVE)
		return false; /* one document of a stream after the other */
	if (a_rank != b_rank)
		return a_rank < b_rank;
	return b->until_ms && (!a->until_ms || a->until_ms >= b->until_ms);
}

/* --- sorting a million: by the digits of their prefixes, from the last to the first, then by their origins ---
 */

struct key {
	uint64_t hi, lo;
	uint32_t index;
	uint8_t length;
	uint16_t origin; /* its position among all entries */
};

struct origins {
	const char **name; /* sorted */
	size_t count, room;
	bool out_of_memory;
};

#define DIGIT_VALUES	 256
#define ENTRIES_A_BREATH 64
#define LENGTH_DIGITS	 1
#define LO_DIGITS	 8
#define HI_DIGITS	 8
#define ORIGIN_DIGITS	 2
#define DIGITS		 (LENGTH_DIGITS + LO_DIGITS + HI_DIGITS + ORIGIN_DIGITS)
#define ORIGINS_MAX	 (1U << 8 * ORIGIN_DIGITS)

/* The clock is not read for so few. */
static void breathe_at(size_t i, struct changes *changes)
{
	if (i % ENTRIES_A_BREATH == 0)
		changes_breathe(changes);
}

static unsigned int digit_of(const struct key *key, unsigned int digit)
{
	if (digit < LENGTH_DIGITS)
		return key->length;
	digit -= LENGTH_DIGITS;
	if (digit < LO_DIGITS)
		return key->lo >> digit * 8 & 0xff;
	digit -= LO_DIGITS;
	if (digit < HI_DIGITS)
		return key->hi >> digit * 8 & 0xff;
	return key->origin >> (digit - HI_DIGITS) * 8 & 0xff;
}

/* Stable, so that earlier digits still count. false: all have the same digit, and nothing was done.
 */
static bool sort_by_digit(const struct key *from, struct key *to, size_t count, unsigned int digit,
			  struct changes *changes)
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

/* Entries of one prefix, by `said`. They are in the order of their lines. */
static void sort_said(struct import_entries *entries, struct changes *changes)
{
	size_t n;

	for (size_t at = 0; at < entries->count; at += n) {
		struct import_entry *first = &entries->entry[at];

		for (n = 1;
		     at + n < entries->count && !prefix_compare(&first->prefix, &first[n].prefix);
		     n++)
			;
		if (n > 1 && !S64_MISTAKE(SAID_UNSORTED))
			qsort_r(first, n, sizeof(*first), compare, changes);
		breathe_at(at, changes);
	}
}

/* The position of the origin, or where it would be. */
static size_t origin_bound(const struct origins *origins, const char *name)
{
	size_t low = 0, high = origins->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare_origins(origins->name[middle], name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void origin_add(struct origins *origins, const char *name)
{
	size_t at = origin_bound(origins, name);

	if (at < origins->count && !compare_origins(origins->name[at], name))
		return;
	if (array_reserve(&origins->name, &origins->room, origins->count + 1,
			  sizeof(*origins->name))) {
		origins->out_of_memory = true;
		return;
	}
	memmove(&origins->name[at + 1], &origins->name[at],
		(origins->count - at) * sizeof(*origins->name));
	origins->name[at] = name;
	origins->count++;
}

/* false if there are too many, or out of memory. */
static bool gather_origins(const struct import_entries *entries, struct origins *origins,
			   struct changes *changes)
{
	for (size_t i = 0; i < entries->count; i++) {
		if (!i || entries->entry[i].origin != entries->entry[i - 1].origin)
			origin_add(origins, entries->entry[i].origin);
		if (origins->out_of_memory || origins->count > ORIGINS_MAX)
			return false;
		breathe_at(i, changes);
	}
	return true;
}

static void make_keys(const struct import_entries *entries, const struct origins *origins,
		      struct key *key, struct changes *changes)
{
	size_t origin = 0;

	for (size_t i = 0; i < entries->count; i++) {
		const struct import_entry *entry = &entries->entry[i];

		if (!i || entry->origin != entries->entry[i - 1].origin)
			origin = origin_bound(origins, entry->origin);
		key[i] = (struct key){prefix_hi(&entry->prefix), prefix_lo(&entry->prefix), i,
				      entry->prefix.length, origin};
		breathe_at(i, changes);
	}
}

/* The entries in the order of the keys. */
static void take_order(struct import_entries *entries, const struct key *key,
		       struct import_entry *sorted, struct changes *changes)
{
	for (size_t i = 0; i < entries->count; i++) {
		sorted[i] = entries->entry[key[i].index];
		changes_breathe(changes);
	}
	memory_pieces_free(entries->entry, entries->room * sizeof(*entries->entry), changes);
	entries->entry = sorted;
	entries->room = entries->count;
	sort_said(entries, changes);
}

/* In the order of compare(). false if out of memory, or if there are too many origins. */
static bool sort_by_digits(struct import_entries *entries, struct changes *changes)
{
	size_t count = entries->count, bytes = count * sizeof(struct key);
	struct key *key = malloc(bytes), *other = malloc(bytes);
	struct import_entry *sorted = malloc(count * sizeof(*sorted));
	struct origins origins = {};
	bool able = key && other && sorted && gather_origins(entries, &origins, changes);

	if (able) {
		make_keys(entries, &origins, key, changes);
		for (unsigned int digit = 0; digit < DIGITS; digit++)
			if (sort_by_digit(key, other, count, digit, changes)) {
				struct key *swap = key;

				key = other;
				other = swap;
			}
		take_order(entries, key, sorted, changes);
	} else {
		free(sorted);
	}
	memory_pieces_free(key, bytes, changes);
	memory_pieces_free(other, bytes, changes);
	free(origins.name);
	return able;
}

void import_entries_sort(struct import_entries *entries, struct changes *changes)
{
	size_t kept = 0;

	if (!is_sorted(entries, changes) && !sort_by_digits(entries, changes))
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
