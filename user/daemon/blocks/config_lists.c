// SPDX-License-Identifier: GPL-2.0-only
#include "config_lists.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blocks_internal.h"
#include "config/config_lint.h"
#include "base/log.h"
#include "base/array.h"
#include "daemon/store/log/audit_log.h"

/* Rows of the origin "config" in the store before, sorted by prefix. */
struct rows {
	struct changes *changes;
	struct row {
		struct prefix prefix;
		int64_t start_ms;
		char reason[REASON_TEXT_MAX];
	} * entry;
	size_t count;
	bool out_of_memory;
};

struct lists {
	struct blocks *blocks;
	const struct config *config;
	struct rows blocked, allowed; /* before */
	struct prefix_set files_blocks, files_allowlist;
	struct prefix_set hands_allowlist; /* allowed prefixes that are not from a file */
	bool *refused;			   /* by entry of config->block */
	struct source_rules rules;	   /* before */
	/* allowed prefixes inserted into the maps, and removed from them */
	struct prefix_set opened, closed;
	bool prepared; /* the maps have changed */
};

/* --- the state before --- */

static bool gather(const struct store_block *row, void *data)
{
	struct rows *rows = data;
	struct row *entry;

	changes_breathe(rows->changes);
	if (strcmp(row->origin, STORE_ORIGIN_CONFIG))
		return true;
	entry = array_add(&rows->entry, &rows->count, sizeof(*entry));
	if (!entry) {
		rows->out_of_memory = true;
		return false;
	}
	*entry = (struct row){row->prefix, row->start_ms, ""};
	snprintf(entry->reason, sizeof(entry->reason), "%s", row->reason ? row->reason : "");
	return true;
}

_Static_assert(offsetof(struct row, prefix) == 0, "a row is compared by its prefix");

static const struct row *find(const struct rows *rows, const struct prefix *prefix)
{
	return rows->count ? bsearch(prefix, rows->entry, rows->count, sizeof(*rows->entry),
				     prefix_order) :
			     NULL;
}

static int out_of_memory(struct error *error)
{
	return error_set(error, -ENOMEM, "out of memory for the lists of the configuration");
}

static int order_in_pieces(const void *a, const void *b, void *changes)
{
	changes_breathe(changes);
	return prefix_order(a, b);
}

static void sort(struct rows *rows)
{
	if (rows->count)
		qsort_r(rows->entry, rows->count, sizeof(*rows->entry), order_in_pieces,
			rows->changes);
}

static bool gather_hands(const struct store_block *row, void *data)
{
	struct lists *lists = data;

	changes_breathe(lists->blocks->changes);
	if (strcmp(row->origin, STORE_ORIGIN_CONFIG) &&
	    prefix_set_add(&lists->hands_allowlist, &row->prefix))
		lists->allowed.out_of_memory = true;
	return !lists->allowed.out_of_memory;
}

static int gather_rows(struct lists *lists, struct error *error)
{
	struct store *store = lists->blocks->store;
	int err = store_allowlist(store, gather, &lists->allowed, error);

	if (!err)
		err = store_allowlist(store, gather_hands, lists, error);

	if (!err)
		err = store_blocks_of_config(store, gather, &lists->blocked, error);
	if (err)
		return err;
	if (lists->allowed.out_of_memory || lists->blocked.out_of_memory)
		return out_of_memory(error);
	sort(&lists->allowed);
	sort(&lists->blocked);
	return 0;
}

static int gather_set(struct changes *changes, const struct config_prefixes *list,
		      struct prefix_set *set, struct error *error)
{
	for (size_t i = 0; i < list->count; i++) {
		if (prefix_set_add(set, &list->entry[i].prefix))
			return out_of_memory(error);
		changes_breathe(changes);
	}
	return 0;
}

/* --- is it meant? --- */

struct check {
	struct lists *lists;
	bool strict;
	struct error *error; /* the first one that ends it */
	int err;
};

static void refuse(struct check *check, size_t index, const struct error *why)
{
	struct lists *lists = check->lists;

	if (check->err)
		return;
	if (find(&lists->blocked, &lists->config->block.entry[index].prefix)) {
		log_warning("%s; it was in force before, and stays", why->text);
		return;
	}
	lists->refused[index] = true;
	if (!check->strict && !S64_MISTAKE(START_STRICT)) {
		log_error("%s; skipped", why->text);
		return;
	}
	*check->error = *why;
	if (!check->error->code)
		check->error->code = ERROR_CONFIG_GUARDED;
	check->err = -EPERM;
}

static void on_refused(size_t index, const struct error *why, void *data)
{
	refuse(data, index, why);
}

/* What a person is told of an entry is told with its line, and with what to write there. */
static void explain(const struct config *config, const struct config_prefix *entry,
		    enum guard_rails_cause cause, const struct error *why, struct error *text)
{
	const char *named = why->member[0].value;
	char prefix[PREFIX_TEXT_MAX];

	if (cause == GUARD_RAILS_ALLOWED) {
		error_set(
			text, 0,
			"%s:%u: the block %s is %s %s, which was allowed by hand; end that first, or say force: true",
			config->file, entry->line, prefix_format(&entry->prefix, prefix),
			strcmp(why->member[0].key, "allowed_by") ? "around" : "within", named);
		error_member(text, 0, "allows", named);
		error_code(text, 0, ERROR_ALLOWED_BY_HAND);
		return;
	}
	error_set(text, 0, "%s:%u: %.*s; force: true overrides this", config->file, entry->line,
		  (int)(error_hint(why) ? why->said : strlen(why->text)), why->text);
}

static int check_lists(struct lists *lists, struct protected_addresses *protection, bool strict,
		       struct error *error)
{
	const struct config *config = lists->config;
	struct check check = {lists, strict, error, 0};

	if (config_refusals(config, on_refused, &check))
		return out_of_memory(error);
	/* Whoever writes the file sees its allowed prefixes, but not those from elsewhere. */
	for (size_t i = 0; i < config->block.count && !check.err; i++) {
		const struct config_prefix *entry = &config->block.entry[i];
		const struct guard_rails against = {&lists->hands_allowlist, protection};
		const struct guard_rails_request request = {.by = GUARD_RAILS_BY_CONFIG,
							    .prefix = &entry->prefix,
							    .force = entry->force};
		struct guard_rails_answer answer;
		struct error why, text;

		changes_breathe(lists->blocks->changes);
		/* config_refusals() has reported short ones */
		if (lists->refused[i] || !guard_rails_check(&against, &request, &answer, &why) ||
		    answer.cause == GUARD_RAILS_SHORT)
			continue;
		explain(config, entry, answer.cause, &why, &text);
		refuse(&check, i, &text);
	}
	return check.err;
}

/* --- into the store --- */

/* Of duplicates the last entry counts, however often it is read. true: another one follows, and is
 * used.
 */
static int find_twins(struct changes *changes, const struct config_prefixes *list,
		      const bool *refused, bool **out, struct error *error)
{
	struct prefix_set behind = {};
	int err = 0;

	*out = calloc(list->count + 1, sizeof(**out));
	if (!*out)
		return out_of_memory(error);
	for (size_t i = list->count; i-- > 0 && !err;) {
		const struct prefix *prefix = &list->entry[i].prefix;

		if (refused && refused[i])
			continue;
		(*out)[i] = prefix_set_has(&behind, prefix);
		err = (*out)[i] ? 0 : prefix_set_add(&behind, prefix);
		changes_breathe(changes);
	}
	prefix_set_free(&behind);
	return err ? out_of_memory(error) : 0;
}

static struct store_block row_of(const struct config_prefix *entry, const struct row *before)
{
	return (struct store_block){
		.prefix = entry->prefix,
		.origin = STORE_ORIGIN_CONFIG,
		.reason = entry->reason[0] ? entry->reason : NULL,
		.start_ms = before ? before->start_ms : clock_wall_ms(),
	};
}

static int write_allowlist(struct lists *lists, const struct actor *actor, struct error *error)
{
	struct changes *changes = lists->blocks->changes;
	struct store *store = lists->blocks->store;
	bool *twin;
	int err = find_twins(changes, &lists->config->allow, NULL, &twin, error);

	for (size_t i = 0; i < lists->config->allow.count && !err; i++) {
		const struct config_prefix *entry = &lists->config->allow.entry[i];
		const struct row *before = find(&lists->allowed, &entry->prefix);
		struct store_block row = row_of(entry, before);

		changes_breathe(changes);
		if (twin[i] || (before && !strcmp(before->reason, entry->reason)))
			continue;
		err = store_allow_put(store, &row, error);
		if (!err)
			err = store_log_block(store, actor, "allow", &row, error);
	}
	free(twin);
	for (size_t i = 0; i < lists->allowed.count && !err; i++) {
		struct store_block gone = {.prefix = lists->allowed.entry[i].prefix,
					   .origin = STORE_ORIGIN_CONFIG};

		changes_breathe(changes);
		if (prefix_set_has(&lists->files_allowlist, &gone.prefix))
			continue;
		err = store_allow_remove(store, &gone.prefix, STORE_ORIGIN_CONFIG, error);
		if (!err)
			err = store_log_block(store, actor, "disallow", &gone, error);
	}
	return err;
}

static int write_blocks(struct lists *lists, const struct actor *actor, struct error *error)
{
	struct changes *changes = lists->blocks->changes;
	struct store *store = lists->blocks->store;
	bool *twin;
	int err = find_twins(changes, &lists->config->block, lists->refused, &twin, error);

	for (size_t i = 0; i < lists->config->block.count && !err; i++) {
		const struct config_prefix *entry = &lists->config->block.entry[i];
		const struct row *before = find(&lists->blocked, &entry->prefix);
		struct store_block row = row_of(entry, before);

		changes_breathe(changes);
		if (lists->refused[i] || twin[i] ||
		    (before && !strcmp(before->reason, entry->reason)))
			continue;
		err = store_block_put(store, &row, error);
		if (!err)
			err = store_log_block(store, actor, store_kind_names[STORE_BLOCK], &row,
					      error);
		if (!err)
			err = unnamed_name(lists->blocks, &row.prefix, error);
	}
	free(twin);
	for (size_t i = 0; i < lists->blocked.count && !err; i++) {
		struct store_block gone = {.prefix = lists->blocked.entry[i].prefix,
					   .origin = STORE_ORIGIN_CONFIG};

		changes_breathe(changes);
		if (prefix_set_has(&lists->files_blocks, &gone.prefix))
			continue;
		err = store_block_remove(store, &gone.prefix, STORE_ORIGIN_CONFIG, error);
		if (!err)
			err = store_log_block(store, actor, "unblock", &gone, error);
	}
	return err;
}

/* Whoever asked for the reload changed what the file says. */
static int write_rows(struct lists *lists, const struct actor *actor, struct error *error)
{
	const struct actor config = actor_from(actor, "config ", lists->config->file);
	int err = write_allowlist(lists, &config, error);

	return err ? err : write_blocks(lists, &config, error);
}

/* --- into the maps --- */

struct wanted {
	struct changes *changes;
	struct prefix_set set;
};

static bool add_wanted(const struct store_block *row, void *data)
{
	struct wanted *wanted = data;

	changes_breathe(wanted->changes);
	return !prefix_set_add(&wanted->set, &row->prefix);
}

/* Compares what the store allows now with the maps. */
static int compare_allowlist(struct lists *lists, struct error *error)
{
	const struct prefix_set *in_force = blocks_allowed(lists->blocks);
	struct wanted wanted = {.changes = lists->blocks->changes};
	const struct prefix *prefix = NULL;
	int err = store_allowlist(lists->blocks->store, add_wanted, &wanted, error);
	int memory = 0;

	while (!err && !memory && (prefix = prefix_set_next(&wanted.set, prefix))) {
		if (!prefix_set_has(in_force, prefix))
			memory = prefix_set_add(&lists->opened, prefix);
		changes_breathe(wanted.changes);
	}
	prefix = NULL;
	while (!err && !memory && (prefix = prefix_set_next(in_force, prefix))) {
		if (!prefix_set_has(&wanted.set, prefix))
			memory = prefix_set_add(&lists->closed, prefix);
		changes_breathe(wanted.changes);
	}
	prefix_set_free(&wanted.set);
	return err ? err : memory ? out_of_memory(error) : 0;
}

/* The file's blocks, before and now. */
static void finish_own(struct lists *lists)
{
	const struct prefix *prefix = NULL;

	while ((prefix = prefix_set_next(&lists->files_blocks, prefix))) {
		blocks_sync(lists->blocks, prefix);
		changes_breathe(lists->blocks->changes);
	}
	for (size_t i = 0; i < lists->blocked.count; i++) {
		blocks_sync(lists->blocks, &lists->blocked.entry[i].prefix);
		changes_breathe(lists->blocks->changes);
	}
}

static int close_own(struct lists *lists, struct error *error)
{
	const struct config *config = lists->config;

	for (size_t i = 0; i < config->block.count; i++) {
		const struct prefix *prefix = &config->block.entry[i].prefix;
		char text[PREFIX_TEXT_MAX];
		struct error why = {};
		int err;

		changes_breathe(lists->blocks->changes);
		if (lists->refused[i] || find(&lists->blocked, prefix))
			continue;
		err = blocks_bring(lists->blocks, prefix, &why);
		if (err)
			return error_set(error, err, "%s:%u: %s is not blocked: %s%s", config->file,
					 config->block.entry[i].line, prefix_format(prefix, text),
					 why.text[0] ? why.text : strerror(-err),
					 err == -ENOSPC ? "; raise maps.blocks or maps.prefixes" :
							  "");
	}
	return 0;
}

static int check_room(const struct lists *lists, struct error *error)
{
	uint32_t room = lists->blocks->maps->meta->prefixes,
		 used = lists->blocks->prefixes->buckets.keys;

	if (lists->opened.count <= room - used)
		return 0;
	return error_set(
		error, -ENOSPC,
		"%s: the table has no room for %zu more allowed prefixes (it holds %u of %u); raise maps.prefixes, or allow fewer",
		lists->config->file, lists->opened.count, used, room);
}

/* What was allowed is blocked again if somebody blocks it; new blocks are inserted. */
static int close_tables(struct lists *lists, struct error *error)
{
	struct blocks *blocks = lists->blocks;
	const struct prefix *prefix = NULL;
	int err = 0;

	lists->prepared = true;
	while ((prefix = prefix_set_next(&lists->closed, prefix))) {
		prefixes_remove(blocks->prefixes, prefix);
		changes_breathe(blocks->changes);
	}
	blocks_count_forms(blocks);
	if (!source_rules_equal(&blocks->rules, &lists->config->rules))
		return blocks_load(blocks, &lists->config->rules, error);
	prefix = NULL;
	while (!err && (prefix = prefix_set_next(&lists->closed, prefix))) {
		err = blocks_bring_near(blocks, prefix, error);
		changes_breathe(blocks->changes);
	}
	return err ? err : close_own(lists, error);
}

static void allow(struct lists *lists, const struct prefix_set *set)
{
	struct blocks *blocks = lists->blocks;
	const struct prefix *prefix = NULL;
	char text[PREFIX_TEXT_MAX];

	while ((prefix = prefix_set_next(set, prefix))) {
		int err = prefixes_put(blocks->prefixes, prefix, S64_PREFIX_ALLOW);

		if (err)
			log_error("the allowed prefix %s is not in force: %s",
				  prefix_format(prefix, text), strerror(-err));
		changes_breathe(blocks->changes);
	}
	blocks_count_forms(blocks);
}

static void sync_near(struct lists *lists, const struct prefix_set *set)
{
	const struct prefix *prefix = NULL;
	struct error error;

	while ((prefix = prefix_set_next(set, prefix))) {
		int err = blocks_bring_near(lists->blocks, prefix, &error);

		if (err == -ENOSPC)
			log_error("%s", error.text);
		else if (err)
			unsynced_add_allow(lists->blocks, prefix, error.text);
		changes_breathe(lists->blocks->changes);
	}
}

/* --- the steps --- */

static void lists_free(struct lists *lists)
{
	free(lists->blocked.entry);
	free(lists->allowed.entry);
	prefix_set_free(&lists->files_blocks);
	prefix_set_free(&lists->files_allowlist);
	prefix_set_free(&lists->hands_allowlist);
	prefix_set_free(&lists->opened);
	prefix_set_free(&lists->closed);
	free(lists->refused);
	free(lists);
}

void lists_undo(struct lists *lists)
{
	struct blocks *blocks = lists->blocks;
	struct error error;

	store_rollback(blocks->store);
	blocks_rolled_back(blocks);
	if (lists->prepared) {
		allow(lists, &lists->closed);
		if (!source_rules_equal(&blocks->rules, &lists->rules) &&
		    blocks_unload(blocks, &lists->rules, &error))
			log_error("%s", error.text);
		/* twice: if an entry has to return to a full table, another one has left it by then
		 */
		for (int pass = 0; pass < 2; pass++) {
			sync_near(lists, &lists->closed);
			finish_own(lists);
		}
	}
	throttles_reload(&blocks->throttles);
	lists_free(lists);
}

int lists_commit(struct lists *lists, struct error *error)
{
	struct blocks *blocks = lists->blocks;
	int err = store_commit(blocks->store, error);

	if (err) {
		lists_undo(lists);
		return err;
	}
	allow(lists, &lists->opened);
	if (!source_rules_equal(&lists->rules, &blocks->rules))
		blocks_loaded(blocks);
	finish_own(lists);
	sync_near(lists, &lists->opened);
	throttles_release(&blocks->throttles);
	lists_free(lists);
	return 0;
}

int lists_prepare(struct blocks *blocks, const struct actor *actor,
		  struct protected_addresses *protection, const struct config *config, bool strict,
		  struct lists **out, struct error *error)
{
	struct lists *lists = calloc(1, sizeof(*lists));
	int err;

	if (!lists)
		return out_of_memory(error);
	lists->blocks = blocks;
	lists->blocked.changes = lists->allowed.changes = blocks->changes;
	lists->config = config;
	lists->rules = blocks->rules;
	lists->refused = calloc(config->block.count + 1, sizeof(*lists->refused));
	err = lists->refused ? gather_rows(lists, error) : out_of_memory(error);
	if (!err)
		err = gather_set(blocks->changes, &config->block, &lists->files_blocks, error);
	if (!err)
		err = gather_set(blocks->changes, &config->allow, &lists->files_allowlist, error);
	if (!err)
		err = check_lists(lists, protection, strict, error);
	if (!err)
		err = store_begin_idle(blocks->store, error);
	if (err) {
		lists_free(lists);
		return err;
	}
	err = write_rows(lists, actor, error);
	if (!err)
		err = compare_allowlist(lists, error);
	if (S64_MISTAKE(RELOAD_OPENS))
		allow(lists, &lists->opened);
	if (!err)
		err = check_room(lists, error);
	/* a full disk fails here, and not later */
	if (!err)
		err = store_flush(blocks->store, error);
	if (!err)
		err = close_tables(lists, error);
	if (!err)
		err = check_room(lists, error);
	if (err) {
		lists_undo(lists);
		return err;
	}
	*out = lists;
	return 0;
}
