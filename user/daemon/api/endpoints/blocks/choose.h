/* SPDX-License-Identifier: GPL-2.0-only */
/* Selects the entries that somebody means when taking back or editing the entries of a prefix. */
#ifndef SLASH64_DAEMON_API_ENDPOINTS_BLOCKS_CHOOSE_H
#define SLASH64_DAEMON_API_ENDPOINTS_BLOCKS_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "net/limits.h"
#include "daemon/store/store.h"

struct daemon;

/* The entries of a prefix, and those that are meant: the entry for exactly what was named;
 * otherwise, for an address, the entry for its source; for a source, the entries for addresses in
 * it.
 */
struct search {
	const struct prefix *prefix, *said;
	const char *named;   /* the origin, or NULL */
	bool addresses;	     /* the second pass, for what else may be meant */
	struct prefix found; /* how the first row is meant */
	char first[ORIGIN_TEXT_MAX], operators[ORIGIN_TEXT_MAX];
	char others[256]; /* origins of the meant entries other than the operator, for a person */
	unsigned int rows, origins; /* of rows, two of an origin at most */
	char last[ORIGIN_TEXT_MAX];
	/* while it is being answered */
	struct store *store;
	struct error *error;
	int err;
};

/* Decides the origin: *origin, and in *search which of its entries are meant. -ENOENT and -EEXIST
 * with the alternatives.
 */
int choose_rows(struct daemon *daemon, struct search *search, char origin[ORIGIN_TEXT_MAX],
		char *note, size_t bytes, struct error *error);

/* The other entries of a prefix, for a note; a callback for store_block_at(). */
struct remains {
	char text[320];
	unsigned int rows;
};

#define REMAINS_NAMED 4

bool choose_note_remaining(const struct store_block *row, void *data);
void choose_add_note(char *note, size_t bytes, const char *format, const char *text);

#endif
