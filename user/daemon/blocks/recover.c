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
#include "daemon/store/audit_log.h"
#include "maps/source_rules_map.h"

#define REASON		  "was in force when the store was lost"
#define LOGGED_SINGLY_MAX 10000
#define UNITS_PER_SECOND  (1000000000ULL >> S64_TAT_NS_SHIFT)

struct salvage {
	struct store *store;
	const struct tables *from;
	struct site_rules rules; /* the rules by which its sources were made */
	bool singly;
	size_t named, unnamed;
	struct error *error;
};

/* The source of a key. For a link-local address, and for a source longer than a /64, the key is a
 * hash.
 */
static bool name_site(const struct site_rules *rules, uint64_t site, struct prefix *prefix)
{
	const struct s64_site_rule *rule;

	if (site == S64_SITE_OF_ZERO) {
		*prefix = prefix_of_bits(0, 0, S64_SITE_NATIVE_LENGTH);
		return true;
	}
	if (s64_site_is_hashed(site) || s64_is_link_local(site))
		return false;
	if (s64_site_is_v4(site)) {
		*prefix = prefix_of_v4(s64_site_v4(site), 32);
		return true;
	}
	rule = site_rules_find(rules, site, 0);
	if (rule && rule->kind == S64_SITE_LENGTH && rule->site_length <= S64_SITE_NATIVE_LENGTH)
		*prefix = prefix_of_bits(site, 0, rule->site_length);
	else
		*prefix = prefix_of_bits(site, 0, S64_SITE_NATIVE_LENGTH);
	return true;
}

/* Rates were rounded to 16 ns in the maps; the result is at most a percent off. */
static bool rate_of(const struct tables *from, unsigned int number, struct store_block *block)
{
	const struct s64_rate *rate = &from->limits[S64_LIMIT_THROTTLE + number].site;

	if (!rate->increment || !rate->window)
		return false;
	block->kind = STORE_THROTTLE;
	block->rate = (UNITS_PER_SECOND + rate->increment / 2) / rate->increment;
	block->burst = rate->window / rate->increment;
	return block->rate && block->burst;
}

static int save_named(struct salvage *salvage, struct store_block *block)
{
	int err = store_block_put(salvage->store, block, salvage->error);

	if (!err && salvage->singly)
		err = store_log_block(salvage->store, "recover", block, salvage->error);
	salvage->named += !err;
	return err;
}

static int save_unnamed(struct salvage *salvage, enum store_place place, uint64_t key)
{
	salvage->unnamed++;
	return store_unnamed_put(salvage->store, place, key, salvage->error);
}

static int save_site(struct salvage *salvage, uint64_t site, uint8_t info)
{
	struct store_block block = {.origin = STORE_ORIGIN_RECOVERED,
				    .reason = REASON,
				    .start_ms = clock_wall_ms()};

	if (!name_site(&salvage->rules, site, &block.prefix))
		return save_unnamed(salvage, STORE_SITE, site);
	if (info & S64_BLOCK_THROTTLE && !rate_of(salvage->from, info & S64_BLOCK_INDEX, &block))
		return save_unnamed(salvage, STORE_SITE, site);
	return save_named(salvage, &block);
}

static int save_bucket(struct salvage *salvage, const struct s64_bucket *bucket,
		       enum store_place place)
{
	int err = 0;

	for (int i = 0; i < S64_BUCKET_KEYS && !err; i++) {
		if (!bucket->key[i])
			continue;
		err = place == STORE_SITE ? save_site(salvage, bucket->key[i], bucket->info[i]) :
					    save_unnamed(salvage, place, bucket->key[i]);
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
static int save_rates(struct salvage *salvage)
{
	int err = 0;

	for (unsigned int i = 0; i < S64_THROTTLE_MAX && !err; i++) {
		struct store_block block = {};

		if (rate_of(salvage->from, i, &block))
			err = store_rate_put(salvage->store, i, block.rate, block.burst,
					     salvage->error);
	}
	return err;
}

static int save_all(struct salvage *salvage)
{
	const struct tables *from = salvage->from;
	int err = save_rates(salvage);

	for (uint32_t i = 0; i < from->meta->blocks_buckets && !err; i++)
		err = save_bucket(salvage, &from->blocks[i], STORE_SITE);
	for (uint32_t i = 0; i < from->meta->prefix_buckets && !err; i++)
		err = save_bucket(salvage, &from->prefixes[i], STORE_PREFIX);
	return err;
}

/* An interface that an earlier run had to filter existed once, or is waited for: no start needs to
 * check it for typing mistakes.
 */
static int save_ifaces(struct salvage *salvage)
{
	const struct s64_meta *meta = salvage->from->meta;
	char name[S64_IFACE_NAME_MAX + 1] = "";
	int err = 0;

	for (uint32_t i = 0; i < meta->iface_slots && !err; i++) {
		memcpy(name, meta->iface[i].name, S64_IFACE_NAME_MAX);
		if (*name)
			err = store_iface_see(salvage->store, name, salvage->error);
	}
	return err;
}

static int log_salvage(struct salvage *salvage)
{
	struct store_change change = {.action = "recover", .origin = STORE_ORIGIN_RECOVERED};
	char detail[128];

	snprintf(detail, sizeof(detail),
		 "the store is new: %zu in force put, %zu kept without a name%s", salvage->named,
		 salvage->unnamed, salvage->singly ? "" : "; too many to log each");
	change.detail = detail;
	return store_log_add(salvage->store, &change, salvage->error);
}

int blocks_salvage(struct blocks *blocks, const struct tables *from, struct error *error)
{
	struct salvage salvage = {.store = blocks->store, .from = from, .error = error};
	size_t sites = count_keys(from->blocks, from->meta->blocks_buckets);
	size_t prefixes = count_keys(from->prefixes, from->meta->prefix_buckets);
	int err = 0;

	if (!store_is_new(blocks->store))
		return 0;
	salvage.singly = sites <= LOGGED_SINGLY_MAX;
	site_rules_in_force(&salvage.rules, from);
	if (S64_MISTAKE(SALVAGE_EARLY))
		store_complete(blocks->store, error);
	err = save_ifaces(&salvage);
	if (!err && (sites || prefixes))
		err = save_all(&salvage);
	if (!err && (sites || prefixes))
		err = log_salvage(&salvage);
	if (!err)
		err = store_complete(blocks->store, error);
	if (!err && (sites || prefixes))
		log_warning(
			"the store is new: %zu blocks in force were put into it with the origin " STORE_ORIGIN_RECOVERED
			", and %zu entries whose prefix the tables do not tell stay in force without one; restore a backup",
			salvage.named, salvage.unnamed);
	return err;
}
