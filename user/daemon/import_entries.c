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

static int compare(const void *a, const void *b)
{
	const struct import_entry *x = a, *y = b;
	int order = compare_origins(x->origin, y->origin);

	if (!order)
		order = prefix_compare(&x->prefix, &y->prefix);
	if (!order)
		order = x->line < y->line ? -1 : x->line > y->line;
	return order;
}

static bool is_sorted(const struct import_entries *entries)
{
	for (size_t i = 1; i < entries->count; i++)
		if (compare(&entries->entry[i - 1], &entries->entry[i]) > 0)
			return false;
	return true;
}

static bool is_same(const struct import_entry *a, const struct import_entry *b)
{
	return !prefix_compare(&a->prefix, &b->prefix) && !compare_origins(a->origin, b->origin);
}

void import_entries_sort(struct import_entries *entries)
{
	size_t kept = 0;

	if (!is_sorted(entries))
		qsort(entries->entry, entries->count, sizeof(*entries->entry), compare);
	for (size_t i = 0; i < entries->count; i++) {
		if (i + 1 < entries->count && is_same(&entries->entry[i], &entries->entry[i + 1]))
			continue;
		entries->entry[kept++] = entries->entry[i];
	}
	entries->count = kept;
}
