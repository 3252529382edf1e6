// SPDX-License-Identifier: GPL-2.0-only
#include "choose.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/blocks/around.h"
#include "daemon/daemon.h"

struct block_within {
	const struct prefix *prefix;
	bool found;
};

static void add_word(char *list, size_t bytes, const char *word)
{
	size_t n = strlen(list);

	snprintf(list + n, bytes - n, "%s%s", n ? ", " : "", word);
}

static bool is_meant(const struct search *search, const struct store_block *row)
{
	if (search->named && strcmp(search->named, row->origin))
		return false;
	if (!search->addresses)
		return !prefix_compare(&row->said, search->said);
	return search->said->length ? !row->said.length : row->said.length;
}

static bool note_row(const struct store_block *row, void *data)
{
	struct search *search = data;
	bool is_operator = !strcmp(row->origin, STORE_ORIGIN_OPERATOR);

	if (!is_meant(search, row))
		return true;
	if (!search->rows++ || is_operator)
		search->found = row->said;
	if (!strcmp(search->last, row->origin))
		return false; /* that it has several is enough */
	search->origins++;
	snprintf(search->last, sizeof(search->last), "%s", row->origin);
	if (!search->first[0])
		snprintf(search->first, sizeof(search->first), "%s", row->origin);
	if (is_operator)
		snprintf(search->operators, sizeof(search->operators), "%s", row->origin);
	else
		add_word(search->others, sizeof(search->others), row->origin);
	return true;
}

/* Of each origin few rows are looked at, however many addresses it lists. `first` is the one for the
 * prefix itself, if there is one.
 */
static bool note_rows_of(const struct store_block *first, void *data)
{
	struct search *search = data;

	if (search->named && strcmp(search->named, first->origin))
		return true;
	if (!search->addresses)
		search->err = store_block_find(search->store, search->prefix, first->origin,
					       search->said, note_row, search, search->error);
	else if (search->said->length)
		note_row(first, search);
	else
		search->err = store_block_of(search->store, search->prefix, first->origin, note_row,
					     search, search->error);
	return !search->err;
}

static int note_rows(struct daemon *daemon, struct search *search, struct error *error)
{
	int err;

	search->store = daemon->store;
	search->error = error;
	err = store_block_origins(daemon->store, search->prefix, note_rows_of, search, error);
	return err ? err : search->err;
}

/* "feed-x", or "2001:db8::1 of feed-x" */
bool choose_note_remaining(const struct store_block *row, void *data)
{
	struct remains *remains = data;
	char said[PREFIX_TEXT_MAX], word[PREFIX_TEXT_MAX + ORIGIN_TEXT_MAX + 8];

	if (++remains->rows > REMAINS_NAMED)
		return false;
	if (row->said.length)
		snprintf(word, sizeof(word), "%s of %s", prefix_format_said(&row->said, said),
			 row->origin);
	else
		snprintf(word, sizeof(word), "%s", row->origin);
	add_word(remains->text, sizeof(remains->text), word);
	return true;
}

void choose_add_note(char *note, size_t bytes, const char *format, const char *text)
{
	size_t n = strlen(note);

	if (n)
		n += snprintf(note + n, bytes - n, "; ");
	if (n < bytes)
		snprintf(note + n, bytes - n, format, text);
}

static bool find_within(const struct store_block *row, void *data)
{
	struct block_within *within = data;

	within->found = prefix_compare(&row->prefix, within->prefix);
	return !within->found;
}

/* Neither the prefix nor one around it is listed, but parts of it may be. */
static int by_what_is_within(const struct daemon *daemon, const struct prefix *prefix,
			     const char *text, struct error *error)
{
	struct block_within within = {.prefix = prefix};
	int err = store_blocks_within(daemon->store, prefix, find_within, &within, error);

	if (err)
		return err;
	if (within.found)
		error_code(error,
			   error_set(error, -ENOENT, "%s is not listed itself, but parts of it are",
				     text),
			   ERROR_BLOCKED_IN_PARTS);
	else
		error_code(error, error_set(error, -ENOENT, "%s is not blocked", text),
			   ERROR_NOT_BLOCKED);
	return error_member(error, -ENOENT, "prefix", text);
}

/* It is not listed; but a prefix around it may be blocked, and it with it. */
static int by_what_is_around(const struct daemon *daemon, const struct prefix *prefix,
			     struct error *error)
{
	char text[PREFIX_TEXT_MAX], around_text[PREFIX_TEXT_MAX], says[BLOCK_SAYS_MAX];
	struct block_copy around = {};
	int err = blocks_around(&daemon->blocks, prefix, &around, error);

	if (err)
		return err;
	prefix_format(prefix, text);
	if (!around.found)
		return by_what_is_within(daemon, prefix, text, error);
	prefix_format(&around.row.prefix, around_text);
	error_set(
		error, -ENOENT,
		"%s is not listed itself, but %s around it; allow it to open this part, or unblock all of %s",
		text, block_says(&around.row, says), around_text);
	error_member(error, -ENOENT, "prefix", text);
	error_member(error, -ENOENT, "around", around_text);
	block_copy_free(&around);
	return error_code(error, -ENOENT, ERROR_BLOCKED_AROUND);
}

/* Other addresses of the source are listed, but not this one. */
static int not_by_itself(struct daemon *daemon, const struct prefix *prefix,
			 const struct prefix *said, struct error *error)
{
	char text[PREFIX_TEXT_MAX], address[PREFIX_TEXT_MAX];
	struct remains remains = {};
	int err = store_block_at(daemon->store, prefix, choose_note_remaining, &remains, error);

	if (err)
		return err;
	prefix_format(prefix, text);
	if (!remains.rows)
		return by_what_is_around(daemon, prefix, error);
	error_set(
		error, -ENOENT,
		"%s is not listed itself, but its source is blocked by %s%s; unblock %s to end all its entries",
		prefix_format_said(said, address), remains.text,
		remains.rows > REMAINS_NAMED ? ", and others" : "", text);
	error_member(error, -ENOENT, "source", text);
	return error_code(error, -ENOENT, ERROR_BLOCKED_BY_SOURCE);
}

/* Whose block ends? The operator's, or, if that is unambiguous, the only one there is. */
int choose_rows(struct daemon *daemon, struct search *search, char origin[ORIGIN_TEXT_MAX],
		char *note, size_t bytes, struct error *error)
{
	char text[PREFIX_TEXT_MAX];
	int err = note_rows(daemon, search, error);

	if (!err && !search->rows) {
		search->addresses = true;
		err = note_rows(daemon, search, error);
	}
	if (err)
		return err;
	prefix_format(search->prefix, text);
	if (!search->rows && search->named)
		return error_code(error,
				  error_set(error, -ENOENT, "%s is not blocked by the origin %s",
					    text, search->named),
				  ERROR_NOT_BLOCKED);
	if (!search->rows)
		return not_by_itself(daemon, search->prefix, search->said, error);
	if (!search->operators[0] && search->origins > 1) {
		error_set(error, -EEXIST,
			  "%s is blocked by several origins (%s); name one as origin, or allow it",
			  text, search->others);
		error_member(error, -EEXIST, "prefix", text);
		return error_code(error, -EEXIST, ERROR_SEVERAL_ORIGINS);
	}
	strcpy(origin, search->operators[0] ? search->operators : search->first);
	if (!strcmp(origin, STORE_ORIGIN_CONFIG))
		choose_add_note(note, bytes, "it is in %s: the next reload or start brings it back",
				daemon->config.file);
	else if (origin_is_of_rule(origin)) /* a person has the last word */
		choose_add_note(note, bytes, "%s does not act on it again while the attack lasts",
				origin);
	else if (!search->operators[0] && !search->named)
		choose_add_note(note, bytes, "its origin was %s, which may bring it back", origin);
	return 0;
}
