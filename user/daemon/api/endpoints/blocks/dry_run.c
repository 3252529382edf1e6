// SPDX-License-Identifier: GPL-2.0-only
#include "dry_run.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/blocks/around.h"
#include "daemon/daemon.h"
#include "daemon/api/http/failures.h"
#include "daemon/api/http/reply.h"
#include "daemon/api/json/source_json.h"

#define SOURCES_NAMED  20
#define ALLOWED_NAMED  20
#define STANDING_NAMED 20

static json_t *sources_to_json(const struct daemon *daemon, const struct seen *seen)
{
	json_t *array = json_array();

	for (size_t i = 0; i < seen->rows && i < SOURCES_NAMED; i++) {
		const struct top_row *row = &seen->row[i];
		struct prefix address = prefix_of_bits(row->src_hi, row->src_lo, 128);
		struct source source = source_rules_identify(&daemon->blocks.rules,
							     &daemon->maps.meta->seed, &address);
		char text[PREFIX_TEXT_MAX];
		json_t *object = json_pack("{s:s}", "source", prefix_format(&source.shown, text));

		source_row_to_json(object, row);
		json_array_append_new(array, object);
	}
	return array;
}

/* --- what stays open --- */

static void append_prefix(json_t *array, const struct prefix *prefix)
{
	char text[PREFIX_TEXT_MAX];

	if (json_array_size(array) < ALLOWED_NAMED)
		json_array_append_new(array, json_string(prefix_format(prefix, text)));
}

/* The allowed prefix that contains it, or those within it. */
static json_t *allowed_to_json(const struct daemon *daemon, const struct prefix *prefix,
			       json_int_t *count)
{
	const struct prefix_set *allowed = blocks_allowed(&daemon->blocks);
	const struct prefix *around = prefix_set_around(allowed, prefix), *inner;
	json_t *array = json_array();

	*count = around != NULL;
	if (around)
		append_prefix(array, around);
	for (inner = around ? NULL : prefix_set_within(allowed, prefix);
	     inner && prefix_contains(prefix, inner); inner = prefix_set_next(allowed, inner)) {
		append_prefix(array, inner);
		++*count;
		changes_breathe(daemon->changes);
	}
	return array;
}

/* --- existing entries --- */

struct standing {
	const struct daemon *daemon;
	json_t *array;
};

static bool add_standing(const struct store_block *row, void *data)
{
	struct standing *standing = data;

	if (json_array_size(standing->array) == STANDING_NAMED)
		return false;
	json_array_append_new(standing->array, block_to_json(row, &standing->daemon->blocks, NULL));
	return true;
}

/* Its own, and those around it, the closest first. */
static json_t *standing_to_json(const struct daemon *daemon, const struct prefix *prefix)
{
	struct standing standing = {daemon, json_array()};
	struct error ignored;

	if (!store_block_at(daemon->store, prefix, add_standing, &standing, &ignored))
		blocks_around_each(&daemon->blocks, prefix, add_standing, &standing, &ignored);
	return standing.array;
}

/* --- the answer --- */

static json_t *answer_to_json(struct daemon *daemon, const struct store_block *block,
			      const struct error *refused, const char *note,
			      const struct seen *seen)
{
	bool throttle = block->kind == STORE_THROTTLE;
	char text[PREFIX_TEXT_MAX];
	json_int_t count = 0;
	json_t *allowed = allowed_to_json(daemon, &block->prefix, &count), *object;

	object = json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o}",
			   "prefix", prefix_format(&block->prefix, text), "kind",
			   store_kind_names[block->kind], "dry_run", 1, "check_chars",
			   check_to_json(&block->prefix), "refused",
			   text_or_null(refused ? refused->text : NULL), "refusal",
			   refused ? failure_to_json(failure_of(-EPERM, refused), refused) :
				     json_null(),
			   "note", text_or_null(note), "rate",
			   throttle ? json_integer(block->rate) : json_null(), "burst",
			   throttle ? json_integer(block->burst) : json_null(), "allowed", allowed,
			   "allowed_count", count, "standing",
			   standing_to_json(daemon, &block->prefix), "sources",
			   sources_to_json(daemon, seen));
	source_seen_to_json(object, seen);
	return object;
}

int control_dry_run(struct daemon *daemon, const struct store_block *block, const char *note,
		    bool would_do, const struct error *refused, json_t **answer,
		    struct error *error)
{
	struct seen seen = {};
	int err = would_do ? blocks_try(&daemon->blocks, block, error) : 0;

	if (err)
		return err;
	samples_drain(&daemon->samples, &daemon->blocks);
	samples_seen(&daemon->samples, &daemon->blocks.rules, &block->prefix, SEEN_SECONDS, &seen);
	*answer = answer_to_json(daemon, block, refused, note[0] ? note : NULL, &seen);
	free(seen.row);
	return 0;
}
