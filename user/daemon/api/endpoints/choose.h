/* SPDX-License-Identifier: GPL-2.0-only */
/* Which entries somebody means who takes back or edits what is said of a prefix. */
#ifndef SLASH64_DAEMON_CONTROL_CHOOSE_H
#define SLASH64_DAEMON_CONTROL_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "daemon/store/store.h"

struct daemon;

#define CHOOSE_ORIGIN_MAX 63

/* What is said of a prefix, and what of it is meant by somebody who takes it back: what was said of
 * just that, and where there is no such thing, of an address what was said of its site, and of a
 * site what was said of the addresses in it.
 */
struct search {
	const struct prefix *prefix, *said;
	const char *named;   /* the origin, or NULL */
	bool addresses;	     /* the second look, at what else may be meant */
	struct prefix found; /* what is meant of the first row */
	char first[CHOOSE_ORIGIN_MAX + 1], operators[CHOOSE_ORIGIN_MAX + 1];
	char others[256]; /* origins of what is meant, but for the operator, for a person */
	unsigned int rows, origins;
	char last[CHOOSE_ORIGIN_MAX + 1];
};

/* Whose it is: *origin, and in *search what is meant of that. -ENOENT and -EEXIST with what there is instead. */
int choose_rows(struct daemon *daemon, struct search *search, char origin[CHOOSE_ORIGIN_MAX + 1],
		char *note, size_t bytes, struct error *error);

/* What else is said of a prefix, for a note; store_block_at() takes it. */
struct remains {
	char text[320];
	unsigned int rows;
};

#define REMAINS_NAMED 4

bool choose_note_remaining(const struct store_block *row, void *data);
void choose_add_note(char *note, size_t bytes, const char *format, const char *text);

#endif
