// SPDX-License-Identifier: GPL-2.0-only
#include "kept_out.h"

#include <errno.h>
#include <string.h>

#include "around.h"
#include "blocks_internal.h"

struct search {
	const struct kept_out *kept_out;
	struct prefix last; /* of several rows of one prefix, one is checked */
	const struct prefix *allowed;
	struct prefix blocked;
	int64_t now_ms;
	struct error *error;
	int err;
};

const char *kept_out_cause(struct error *why)
{
	const char *cause = strstr(why->text, ": ");

	if (error_hint(why))
		why->text[why->said] = '\0';
	return cause ? cause + strlen(": ") : why->text;
}

static bool counts(const struct search *search, const struct store_block *row)
{
	if (row->until_ms && row->until_ms <= search->now_ms)
		return false;
	return !search->kept_out->without_config || strcmp(row->origin, STORE_ORIGIN_CONFIG);
}

/* What comes to be blocked by it was checked when it was blocked, if at all. */
static void ask(struct search *search, const struct prefix *prefix)
{
	const struct guard_rails guard_rails = {.protection = search->kept_out->protection,
						.caller = search->kept_out->caller};
	const struct guard_rails_request request = {.by = GUARD_RAILS_BY_UNDO, .prefix = prefix};
	struct guard_rails_answer answer;
	struct error why;

	if (!guard_rails_check(&guard_rails, &request, &answer, &why))
		return;
	search->err = -EPERM;
	search->blocked = *prefix;
	*search->error = why;
}

static bool check_within(const struct store_block *row, void *data)
{
	struct search *search = data;

	changes_breathe(search->kept_out->blocks->changes);
	/* another allowed prefix, within this one, keeps it out too */
	if (!counts(search, row) || !prefix_compare(&search->last, &row->prefix) ||
	    prefix_set_around(search->kept_out->after, &row->prefix))
		return true;
	search->last = row->prefix;
	ask(search, &row->prefix);
	return !search->err;
}

/* Does an entry that counts stand for a prefix around it? */
static int is_covered(struct search *search, bool *covered)
{
	struct blocks *blocks = search->kept_out->blocks;
	struct prefix inner = *search->allowed;
	int err = 0;

	for (*covered = false; !err && !*covered;) {
		struct block_copy around = {}, other = {};

		err = blocks_around(blocks, &inner, &around, search->error);
		if (!err && !around.found)
			return 0;
		if (!err && !(*covered = counts(search, &around.row))) {
			inner = around.row.prefix;
			err = blocks_said_by_others(blocks, &inner, around.row.origin,
						    &around.row.said, &other, search->error);
			*covered = !err && other.found && counts(search, &other.row);
		}
		block_copy_free(&around);
		block_copy_free(&other);
	}
	return err;
}

static int check_prefix(struct search *search)
{
	struct blocks *blocks = search->kept_out->blocks;
	bool covered;
	int err;

	if (prefix_set_around(search->kept_out->after, search->allowed))
		return 0;
	err = is_covered(search, &covered);
	if (!err && covered)
		ask(search, search->allowed);
	if (!err && !search->err)
		err = store_blocks_within(blocks->store, search->allowed, check_within, search,
					  search->error);
	return err ? err : search->err;
}

int kept_out_check(const struct kept_out *kept_out, struct prefix *allowed, struct prefix *blocked,
		   struct error *error)
{
	struct search search = {.kept_out = kept_out, .now_ms = clock_wall_ms(), .error = error};
	int err = 0;

	if (S64_MISTAKE(UNALLOW_UNGUARDED))
		return 0;
	while (!err && (search.allowed = prefix_set_next(kept_out->going, search.allowed)))
		err = check_prefix(&search);
	if (search.err) {
		*allowed = *search.allowed;
		*blocked = search.blocked;
	}
	return err;
}

int kept_out_refuse(const struct kept_out *kept_out, struct error *error)
{
	char text[PREFIX_TEXT_MAX], other[PREFIX_TEXT_MAX];
	struct prefix allowed, blocked;
	struct error why;
	int err = kept_out_check(kept_out, &allowed, &blocked, &why);

	if (err != -EPERM) {
		if (err)
			*error = why;
		return err;
	}
	prefix_format(&blocked, other);
	error_set(error, -EPERM,
		  "%s stays allowed: without it %s would be blocked, and %s; force overrides this",
		  prefix_format(&allowed, text), other, kept_out_cause(&why));
	error_member(error, -EPERM, "would_block", other);
	return error_code(error, -EPERM, ERROR_GUARDED);
}

int kept_out_refuse_one(struct blocks *blocks, struct protected_addresses *protection,
			const struct guards_caller *caller, const struct prefix *allowed,
			struct error *error)
{
	struct prefix_set going = {}, after = {};
	struct kept_out kept_out = {blocks, protection, caller, &going, &after, false};
	int err;

	if (!prefix_set_has(blocks_allowed(blocks), allowed))
		return 0;
	err = prefix_set_add(&going, allowed);
	if (!err)
		err = prefix_set_copy(&after, blocks_allowed(blocks));
	if (err) {
		error_set(error, err, "out of memory");
	} else {
		prefix_set_remove(&after, allowed);
		err = kept_out_refuse(&kept_out, error);
	}
	prefix_set_free(&going);
	prefix_set_free(&after);
	return err;
}

/* --- how many --- */

struct counting {
	struct blocks *blocks;
	struct prefix last; /* of several rows of one prefix, one is counted */
	int64_t now_ms;
	uint64_t count;
};

static bool count_row(const struct store_block *row, void *data)
{
	struct counting *counting = data;

	changes_breathe(counting->blocks->changes);
	if ((row->until_ms && row->until_ms <= counting->now_ms) ||
	    !prefix_compare(&counting->last, &row->prefix) ||
	    prefix_set_around(blocks_allowed(counting->blocks), &row->prefix))
		return true;
	counting->last = row->prefix;
	counting->count++;
	return true;
}

int kept_out_count(struct blocks *blocks, const struct prefix *within, uint64_t *count,
		   struct error *error)
{
	struct counting counting = {.blocks = blocks, .now_ms = clock_wall_ms()};
	int err = prefix_set_around(blocks_allowed(blocks), within) ?
			  0 :
			  store_blocks_within(blocks->store, within, count_row, &counting, error);

	if (!err)
		*count = counting.count;
	return err;
}
