// SPDX-License-Identifier: GPL-2.0-only
#include "kept_out.h"

#include <errno.h>
#include <string.h>

#include "around.h"
#include "blocks_internal.h"
#include "daemon/guards/guard_rails.h"

struct search {
	struct blocks *blocks;
	struct protected_addresses *protection;
	const struct prefix *allowed;
	struct prefix last; /* of several rows of one prefix, one is checked */
	int64_t now_ms;
	struct error *error;
	int err;
};

/* Of "P is not blocked: it covers A (BGP peer); hint" what comes between. */
static const char *cause_of(struct error *why)
{
	const char *cause = strstr(why->text, ": ");

	if (error_hint(why))
		why->text[why->said] = '\0';
	return cause ? cause + strlen(": ") : why->text;
}

static int refuse(const struct search *search, const struct prefix *blocked, struct error *why)
{
	char text[PREFIX_TEXT_MAX], other[PREFIX_TEXT_MAX];

	prefix_format(blocked, other);
	error_set(search->error, -EPERM,
		  "%s stays allowed: without it %s would be blocked, and %s; force overrides this",
		  prefix_format(search->allowed, text), other, cause_of(why));
	error_member(search->error, -EPERM, "would_block", other);
	return error_code(search->error, -EPERM, ERROR_GUARDED);
}

static bool is_over(const struct search *search, const struct store_block *row)
{
	return row->until_ms && row->until_ms <= search->now_ms;
}

/* What comes to be blocked by it was checked when it was blocked, if at all. */
static bool is_refused(const struct search *search, const struct prefix *prefix, struct error *why)
{
	const struct guard_rails guard_rails = {.protection = search->protection};
	const struct guard_rails_request request = {.by = GUARD_RAILS_BY_UNDO, .prefix = prefix};
	struct guard_rails_answer answer;

	return guard_rails_check(&guard_rails, &request, &answer, why) != 0;
}

static bool check_within(const struct store_block *row, void *data)
{
	struct search *search = data;
	const struct prefix *around =
		prefix_set_around(blocks_allowed(search->blocks), &row->prefix);
	struct error why;

	changes_breathe(search->blocks->changes);
	/* another allowed prefix, within this one, keeps it out too */
	if (!around || prefix_compare(around, search->allowed) ||
	    !prefix_compare(&search->last, &row->prefix) || is_over(search, row))
		return true;
	search->last = row->prefix;
	if (is_refused(search, &row->prefix, &why))
		search->err = refuse(search, &row->prefix, &why);
	return !search->err;
}

static int check_around(struct search *search, struct error *error)
{
	struct block_copy around = {};
	struct error why;
	int err = blocks_around(search->blocks, search->allowed, &around, error);

	if (!err && around.found && is_refused(search, search->allowed, &why))
		err = refuse(search, search->allowed, &why);
	block_copy_free(&around);
	return err;
}

int kept_out_check(struct blocks *blocks, struct protected_addresses *protection,
		   const struct prefix *allowed, struct error *error)
{
	struct prefix wider =
		prefix_around(&allowed->address, allowed->length ? allowed->length - 1 : 0);
	struct search search = {.blocks = blocks,
				.protection = protection,
				.allowed = allowed,
				.now_ms = clock_wall_ms(),
				.error = error};
	int err;

	if (S64_MISTAKE(UNALLOW_UNGUARDED) || !prefix_set_has(blocks_allowed(blocks), allowed) ||
	    (allowed->length && prefix_set_around(blocks_allowed(blocks), &wider)))
		return 0;
	err = check_around(&search, error);
	if (!err)
		err = store_blocks_within(blocks->store, allowed, check_within, &search, error);
	return err ? err : search.err;
}
