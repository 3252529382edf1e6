// SPDX-License-Identifier: GPL-2.0-only
#include "block_copy.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "base/text/when.h"

#define TEXT_SHOWN "%.120s" /* of a reason or a ticket */

static int copy_text(const char *text, const char **out)
{
	*out = text ? strdup(text) : NULL;
	return text && !*out ? -ENOMEM : 0;
}

int block_copy_take(struct block_copy *copy, const struct store_block *row)
{
	struct block_copy fresh = {.found = true, .row = *row};
	int err = copy_text(row->origin, &fresh.row.origin);

	fresh.row.reason = fresh.row.ticket = NULL;
	if (!err)
		err = copy_text(row->reason, &fresh.row.reason);
	if (!err)
		err = copy_text(row->ticket, &fresh.row.ticket);
	if (err) {
		block_copy_free(&fresh);
		return err;
	}
	block_copy_free(copy);
	*copy = fresh;
	return 0;
}

void block_copy_free(struct block_copy *copy)
{
	if (copy->found) {
		free((char *)copy->row.origin);
		free((char *)copy->row.reason);
		free((char *)copy->row.ticket);
	}
	*copy = (struct block_copy){};
}

struct search {
	struct block_copy *copy;
	int err;
};

static bool keep_row(const struct store_block *row, void *data)
{
	struct search *search = data;

	if (!row->until_ms || row->until_ms > clock_wall_ms())
		search->err = block_copy_take(search->copy, row);
	return false;
}

int block_copy_find(struct store *store, const struct prefix *prefix, const char *origin,
		    const struct prefix *said, struct block_copy *copy, struct error *error)
{
	struct search search = {copy, 0};
	int err = store_block_find(store, prefix, origin, said, keep_row, &search, error);

	if (!err && search.err)
		err = error_set(error, search.err, "out of memory");
	return err;
}

bool block_same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

bool block_says_same(const struct store_block *a, const struct store_block *b)
{
	return a->kind == b->kind && a->rate == b->rate && a->burst == b->burst &&
	       a->until_ms == b->until_ms && block_same_text(a->reason, b->reason) &&
	       block_same_text(a->ticket, b->ticket);
}

/* --- in words --- */

static void __attribute__((format(printf, 3, 4)))
add(char text[BLOCK_BEFORE_MAX], const char *between, const char *format, ...)
{
	size_t n = strlen(text);
	va_list args;

	n += snprintf(text + n, BLOCK_BEFORE_MAX - n, "%s", n ? between : "before: ");
	va_start(args, format);
	if (n < BLOCK_BEFORE_MAX)
		vsnprintf(text + n, BLOCK_BEFORE_MAX - n, format, args);
	va_end(args);
}

static void add_text(char text[BLOCK_BEFORE_MAX], const char *name, const char *before,
		     const char *now)
{
	if (block_same_text(before, now))
		return;
	if (before && *before)
		add(text, ", ", "%s '" TEXT_SHOWN "'", name, before);
	else
		add(text, ", ", "no %s", name);
}

const char *block_before(const struct store_block *before, const struct store_block *now,
			 char text[BLOCK_BEFORE_MAX])
{
	char end[WHEN_TEXT_MAX];

	text[0] = '\0';
	if (before->kind != now->kind || before->rate != now->rate || before->burst != now->burst) {
		if (before->kind == STORE_BLOCK)
			add(text, ", ", "blocked");
		else
			add(text, ", ", "rate %u, burst %u", before->rate, before->burst);
	}
	if (before->until_ms != now->until_ms) {
		if (before->until_ms)
			add(text, ", ", "until %s",
			    when_format_exact(before->until_ms * 1000, 0, end));
		else
			add(text, ", ", "without end");
	}
	add_text(text, "reason", before->reason, now->reason);
	add_text(text, "ticket", before->ticket, now->ticket);
	return text;
}
