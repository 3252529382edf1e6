// SPDX-License-Identifier: GPL-2.0-only
/* If the store is new but the maps are not, the store was lost, or a broken one was moved away.
 * What is in force in the maps is written into the new store, in the same transaction as its
 * creation, so that it stays in force until somebody changes it, whatever interrupts this. Maps
 * contain only keys: reasons, ends and origins are lost. A key that does not identify its prefix
 * stays in force as a key (unnamed.c): it is never taken for another one.
 */
#include <stdio.h>
#include <string.h>

#include "blocks.h"
#include "blocks_internal.h"
#include "maps/jiffies.h"
#include "base/log.h"
#include "daemon/store/log/audit_log.h"
#include "maps/source_rules_map.h"

#define REASON		  "was in force when the store was lost"
#define LOGGED_SINGLY_MAX 10000

struct recovery {
	struct store *store;
	const struct maps *from;
	struct source_rules rules; /* the rules by which its sources were made */
	bool singly;
	size_t named, unnamed;
	struct error *error;
};

/* The source of a key. For a link-local address, and for a source longer than a /64, the key is a
 * hash.
 */
static bool name_source(const struct source_rules *rules, uint64_t src_key, struct prefix *prefix)
{
	const struct s64_source_rule *rule;

	if (src_key == S64_SRC_KEY_OF_ZERO) {
		*prefix = prefix_of_bits(0, 0, S64_SOURCE_NATIVE_LENGTH);
		return true;
	}
	if (s64_src_key_is_hashed(src_key) || s64_is_link_local(src_key))
		return false;
	if (s64_src_key_is_v4(src_key)) {
		*prefix = prefix_of_v4(s64_src_key_v4(src_key), 32);
		return true;
	}
	rule = source_rules_find(rules, src_key, 0);
	if (rule && rule->kind == S64_SOURCE_KIND_LENGTH &&
	    rule->source_length <= S64_SOURCE_NATIVE_LENGTH)
		*prefix = prefix_of_bits(src_key, 0, rule->source_length);
	else
		*prefix = prefix_of_bits(src_key, 0, S64_SOURCE_NATIVE_LENGTH);
	return true;
}

/* Rates were rounded to 16 ns in the maps; the result is at most a percent off. */
static bool rate_of(const struct maps *from, unsigned int number, struct store_block *block)
{
	const struct s64_rate *rate = &from->limits[S64_LIMIT_THROTTLE + number].source;

	if (!rate->increment || !rate->tolerance)
		return false;
	block->kind = STORE_THROTTLE;
	block->rate = s64_rate_pps(rate);
	block->burst = s64_rate_burst(rate);
	return block->rate && block->burst;
}

static int save_named(struct recovery *recovery, struct store_block *block)
{
	int err = store_block_put(recovery->store, block, recovery->error);

	if (!err && recovery->singly)
		err = store_log_block(recovery->store, &actor_itself, "recover", block,
				      recovery->error);
	recovery->named += !err;
	return err;
}

static int save_unnamed(struct recovery *recovery, enum store_place place, uint64_t key)
{
	recovery->unnamed++;
	return store_unnamed_put(recovery->store, place, key, recovery->error);
}

static int save_source(struct recovery *recovery, uint64_t src_key, uint8_t info)
{
	struct store_block block = {.origin = STORE_ORIGIN_RECOVERED,
				    .reason = REASON,
				    .start_ms = clock_wall_ms()};

	if (!name_source(&recovery->rules, src_key, &block.prefix))
		return save_unnamed(recovery, STORE_SOURCE, src_key);
	if (info & S64_BLOCK_THROTTLE && !rate_of(recovery->from, info & S64_BLOCK_INDEX, &block))
		return save_unnamed(recovery, STORE_SOURCE, src_key);
	return save_named(recovery, &block);
}

static int save_bucket(struct recovery *recovery, const struct s64_bucket *bucket,
		       enum store_place place)
{
	int err = 0;

	for (int i = 0; i < S64_BUCKET_KEYS && !err; i++) {
		if (!bucket->key[i])
			continue;
		err = place == STORE_SOURCE ?
			      save_source(recovery, bucket->key[i], bucket->info[i]) :
			      save_unnamed(recovery, place, bucket->key[i]);
	}
	return err;
}

static size_t count_keys(const struct s64_bucket *bucket, uint32_t buckets)
{
	size_t count = 0;

	for (uint32_t i = 0; i < buckets; i++)
		for (int j = 0; j < S64_BUCKET_KEYS; j++)
			count += bucket[i].key[j] != 0;
	return count;
}

/* The numbers of the rates stay the same, because the maps refer to them. */
static int save_rates(struct recovery *recovery)
{
	int err = 0;

	for (unsigned int i = 0; i < S64_THROTTLE_MAX && !err; i++) {
		struct store_block block = {};

		if (rate_of(recovery->from, i, &block))
			err = store_rate_put(recovery->store, i, block.rate, block.burst,
					     recovery->error);
	}
	return err;
}

static int save_all(struct recovery *recovery)
{
	const struct maps *from = recovery->from;
	int err = save_rates(recovery);

	for (uint32_t i = 0; i < from->meta->blocks_buckets && !err; i++)
		err = save_bucket(recovery, &from->blocks[i], STORE_SOURCE);
	for (uint32_t i = 0; i < from->meta->prefix_buckets && !err; i++)
		err = save_bucket(recovery, &from->prefixes[i], STORE_PREFIX);
	return err;
}

/* An interface that an earlier run had to filter existed once, or is waited for: no start needs to
 * check it for typing mistakes.
 */
static int save_ifaces(struct recovery *recovery)
{
	const struct s64_meta *meta = recovery->from->meta;
	char name[S64_IFACE_NAME_MAX + 1] = "";
	int err = 0;

	for (uint32_t i = 0; i < meta->iface_slots && !err; i++) {
		memcpy(name, meta->iface[i].name, S64_IFACE_NAME_MAX);
		if (*name)
			err = store_iface_see(recovery->store, name, recovery->error);
	}
	return err;
}

static int log_recovery(struct recovery *recovery)
{
	struct store_change change = {.action = "recover", .origin = STORE_ORIGIN_RECOVERED};
	char detail[128];

	snprintf(detail, sizeof(detail),
		 "the store is new: %zu in force put, %zu kept without a name%s", recovery->named,
		 recovery->unnamed, recovery->singly ? "" : "; too many to log each");
	change.detail = detail;
	return store_log_add(recovery->store, &actor_itself, &change, recovery->error);
}

int blocks_recover(struct blocks *blocks, const struct maps *from, struct error *error)
{
	struct recovery recovery = {.store = blocks->store, .from = from, .error = error};
	size_t sources = count_keys(from->blocks, from->meta->blocks_buckets);
	size_t prefixes = count_keys(from->prefixes, from->meta->prefix_buckets);
	int err = 0;

	if (!store_is_new(blocks->store))
		return 0;
	recovery.singly = sources <= LOGGED_SINGLY_MAX;
	source_rules_in_force(&recovery.rules, from);
	if (S64_MISTAKE(RECOVER_EARLY))
		store_complete(blocks->store, error);
	err = save_ifaces(&recovery);
	if (!err && (sources || prefixes))
		err = save_all(&recovery);
	if (!err && (sources || prefixes))
		err = log_recovery(&recovery);
	if (!err)
		err = store_complete(blocks->store, error);
	if (!err && (sources || prefixes))
		log_warning(
			"the store is new: %zu blocks in force were put into it with the origin " STORE_ORIGIN_RECOVERED
			", and %zu entries whose prefix the maps do not tell stay in force without one; restore a backup",
			recovery.named, recovery.unnamed);
	return err;
}
