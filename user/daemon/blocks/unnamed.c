// SPDX-License-Identifier: GPL-2.0-only
/* Entries that were in force when the store was lost, and of which the maps have only a hash: hosts
 * of sources longer than a /64, neighbours on the link, prefixes of other lengths, and allowed
 * prefixes. They stay in force until somebody names their prefix: then it is a block like any
 * other, or is taken back.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "blocks_internal.h"
#include "base/log.h"
#include "base/array.h"
#include "daemon/store/log/audit_log.h"

static uint64_t *find(const struct unnamed *unnamed, uint64_t key)
{
	return unnamed->count ?
		       bsearch(&key, unnamed->key, unnamed->count, sizeof(key), array_by_value) :
		       NULL;
}

bool unnamed_has(const struct unnamed *unnamed, uint64_t key)
{
	return find(unnamed, key) != NULL;
}

static void drop(struct unnamed *unnamed, uint64_t *at)
{
	memmove(at, at + 1, (unnamed->key + unnamed->count - at - 1) * sizeof(*at));
	unnamed->count--;
}

/* --- what a change did with it, which may fail --- */

struct unnamed_was {
	uint64_t key;
	enum store_place place;
	uint8_t info;
};

static int info_now(const struct blocks *blocks, enum store_place place, uint64_t key)
{
	const struct buckets *table = &blocks->prefixes->buckets;
	uint64_t slot;

	if (place == STORE_SOURCE)
		return sources_info(blocks->blocklist, key);
	slot = buckets_find(table, key);
	return slot == BUCKETS_NO_SLOT ? -1 : buckets_info(table, slot);
}

static const struct unnamed_was *find_was(const struct blocks *blocks, enum store_place place,
					  uint64_t key)
{
	for (size_t i = 0; i < blocks->was_count; i++)
		if (blocks->was[i].key == key && blocks->was[i].place == place)
			return &blocks->was[i];
	return NULL;
}

/* Once for each key, as nothing else than a change touches it. Out of memory: it is not remembered. */
static void note_was(struct blocks *blocks, enum store_place place, uint64_t key)
{
	int info = info_now(blocks, place, key);
	struct unnamed_was *was;

	if (info < 0 || find_was(blocks, place, key))
		return;
	was = array_add(&blocks->was, &blocks->was_count, sizeof(*was));
	if (was)
		*was = (struct unnamed_was){key, place, info};
}

static bool put_as_it_was(struct blocks *blocks, enum store_place place, uint64_t key)
{
	const struct unnamed_was *was = find_was(blocks, place, key);

	if (!was)
		return false;
	return place == STORE_SOURCE ? !sources_put(blocks->blocklist, key, was->info) :
				       buckets_put(&blocks->prefixes->buckets, key, was->info) >= 0;
}

/* --- a start --- */

struct taking {
	struct blocks *blocks;
	const struct maps *before; /* NULL: these maps were in force already */
	size_t lost;
	bool out_of_memory;
};

static int info_before(const struct maps *before, enum store_place place, uint64_t key)
{
	const struct s64_meta *meta = before->meta;
	struct buckets table = {.bucket = before->blocks,
				.buckets = meta->blocks_buckets,
				.seed = &meta->seed};
	uint64_t slot;

	if (place == STORE_PREFIX)
		table = (struct buckets){.bucket = before->prefixes,
					 .buckets = meta->prefix_buckets};
	slot = buckets_find(&table, key);
	return slot == BUCKETS_NO_SLOT ? -1 : buckets_info(&table, slot);
}

/* Is it in the maps, or was it in the previous ones and fits into these? */
static bool is_in_force(const struct taking *taking, enum store_place place, uint64_t key)
{
	const struct maps *before = taking->before;
	struct blocks *blocks = taking->blocks;
	int info;

	if (place == STORE_SOURCE ?
		    sources_has(blocks->blocklist, key) :
		    buckets_find(&blocks->prefixes->buckets, key) != BUCKETS_NO_SLOT)
		return true;
	if (!before)
		return put_as_it_was(blocks, place, key);
	info = info_before(before, place, key);
	if (info < 0)
		return false;
	return place == STORE_SOURCE ? !sources_put(blocks->blocklist, key, info) :
				       buckets_put(&blocks->prefixes->buckets, key, info) >= 0;
}

static void take(enum store_place place, uint64_t key, void *data)
{
	struct taking *taking = data;
	struct unnamed *unnamed = &taking->blocks->unnamed[place];
	uint64_t *kept;

	if (!is_in_force(taking, place, key)) {
		taking->lost++;
		return;
	}
	kept = array_add(&unnamed->key, &unnamed->count, sizeof(*kept));
	if (kept)
		*kept = key;
	else
		taking->out_of_memory = true;
}

int unnamed_load(struct blocks *blocks, const struct maps *before, struct error *error)
{
	struct taking taking = {.blocks = blocks, .before = before};
	int err = store_unnamed(blocks->store, take, &taking, error);

	if (!err && taking.out_of_memory)
		err = error_set(error, -ENOMEM,
				"out of memory for what is in force without a name");
	for (int place = 0; place < STORE_PLACES; place++)
		if (blocks->unnamed[place].count)
			qsort(blocks->unnamed[place].key, blocks->unnamed[place].count,
			      sizeof(uint64_t), array_by_value);
	if (taking.lost)
		log_warning(
			"%zu entries that were in force without a name are in force no more: the maps are others",
			taking.lost);
	return err;
}

static void drop_all(struct blocks *blocks)
{
	for (int place = 0; place < STORE_PLACES; place++) {
		free(blocks->unnamed[place].key);
		blocks->unnamed[place] = (struct unnamed){};
	}
}

/* Where it cannot be read, nothing is forgotten that may be there. */
void unnamed_reload(struct blocks *blocks)
{
	struct unnamed before[STORE_PLACES];
	struct error error;

	memcpy(before, blocks->unnamed, sizeof(before));
	memset(blocks->unnamed, 0, sizeof(blocks->unnamed));
	if (unnamed_load(blocks, NULL, &error)) {
		log_error("%s", error.text);
		drop_all(blocks);
		memcpy(blocks->unnamed, before, sizeof(before));
		return;
	}
	for (int place = 0; place < STORE_PLACES; place++)
		free(before[place].key);
}

void blocks_rolled_back(struct blocks *blocks)
{
	if (unnamed_count(blocks) || blocks->was_count)
		unnamed_reload(blocks);
}

void blocks_put_back(struct blocks *blocks, const struct prefix *prefix)
{
	blocks_sync_allow(blocks, prefix);
	blocks_sync(blocks, prefix);
}

/* --- naming --- */

static enum store_place place_of(const struct blocks *blocks, const struct prefix *prefix,
				 uint64_t *key)
{
	struct block_target target = blocks_target(blocks, prefix);

	*key = target.is_source ? target.src_key : prefixes_key(blocks->prefixes, prefix);
	return target.is_source ? STORE_SOURCE : STORE_PREFIX;
}

void unnamed_note(struct blocks *blocks, const struct prefix *prefix)
{
	enum store_place place;
	uint64_t key;

	if (!unnamed_count(blocks))
		return;
	place = place_of(blocks, prefix, &key);
	if (unnamed_has(&blocks->unnamed[place], key))
		note_was(blocks, place, key);
}

void unnamed_note_allow(struct blocks *blocks, const struct prefix *prefix)
{
	uint64_t key;

	if (!unnamed_count(blocks))
		return;
	key = prefixes_key(blocks->prefixes, prefix);
	if (unnamed_has(&blocks->unnamed[STORE_PREFIX], key))
		note_was(blocks, STORE_PREFIX, key);
}

bool unnamed_keep(struct blocks *blocks, const struct prefix *prefix)
{
	enum store_place place;
	uint64_t key;

	if (!unnamed_count(blocks))
		return false;
	place = place_of(blocks, prefix, &key);
	if (!unnamed_has(&blocks->unnamed[place], key))
		return false;
	if (find_was(blocks, place, key) && place == STORE_PREFIX)
		prefixes_remove(blocks->prefixes, prefix);
	put_as_it_was(blocks, place, key);
	return true;
}

static int forget(struct blocks *blocks, enum store_place place, uint64_t key, struct error *error)
{
	uint64_t *at = find(&blocks->unnamed[place], key);
	int err = at ? store_unnamed_remove(blocks->store, place, key, error) : -ENOENT;

	if (!err)
		drop(&blocks->unnamed[place], at);
	return err;
}

int unnamed_name(struct blocks *blocks, const struct prefix *prefix, struct error *error)
{
	uint64_t key;
	enum store_place place;
	int err;

	if (!unnamed_count(blocks))
		return 0;
	place = place_of(blocks, prefix, &key);
	err = forget(blocks, place, key, error);
	return err == -ENOENT ? 0 : err;
}

int unnamed_name_allow(struct blocks *blocks, const struct prefix *prefix, struct error *error)
{
	int err;

	if (!unnamed_count(blocks))
		return 0;
	/* also one of a /64 is a prefix */
	err = forget(blocks, STORE_PREFIX, prefixes_key(blocks->prefixes, prefix), error);
	return err == -ENOENT ? 0 : err;
}

int unnamed_remove(struct blocks *blocks, const struct actor *actor, const struct prefix *prefix,
		   struct error *error)
{
	struct store_block gone = {.prefix = *prefix, .origin = STORE_ORIGIN_RECOVERED};
	uint64_t key;
	enum store_place place = place_of(blocks, prefix, &key);
	int err;

	if (!unnamed_has(&blocks->unnamed[place], key))
		return -ENOENT;
	err = store_begin(blocks->store, error);
	if (err)
		return err;
	note_was(blocks, place, key);
	err = store_unnamed_remove(blocks->store, place, key, error);
	if (!err)
		err = store_log_block(blocks->store, actor, "unblock", &gone, error);
	if (!err)
		err = store_commit(blocks->store, error);
	else
		store_rollback(blocks->store);
	if (err)
		return err;
	drop(&blocks->unnamed[place], find(&blocks->unnamed[place], key));
	if (place == STORE_SOURCE)
		sources_remove(blocks->blocklist, key);
	else
		buckets_remove(&blocks->prefixes->buckets, key);
	return 0;
}

bool blocks_is_unnamed(const struct blocks *blocks, const struct prefix *prefix)
{
	uint64_t key;
	enum store_place place = place_of(blocks, prefix, &key);

	return unnamed_has(&blocks->unnamed[place], key);
}

size_t unnamed_count(const struct blocks *blocks)
{
	return blocks->unnamed[STORE_SOURCE].count + blocks->unnamed[STORE_PREFIX].count;
}

void blocks_free(struct blocks *blocks)
{
	drop_all(blocks);
	free(blocks->was);
	unsynced_free(&blocks->unsynced);
	hits_kept_free(&blocks->kept);
}
