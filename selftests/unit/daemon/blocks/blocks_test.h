/* SPDX-License-Identifier: GPL-2.0-only */
/* Blocks over a temporary store and maps in plain memory. */
#ifndef SELFTESTS_UNIT_DAEMON_BLOCKS_BLOCKS_TEST_H
#define SELFTESTS_UNIT_DAEMON_BLOCKS_BLOCKS_TEST_H

#include "native.h"

#include "../store_test.h"
#include "daemon/blocks/around.h"
#include "daemon/blocks/blocks_internal.h"

static struct blocklist blocklist;
static struct prefixes prefixes;
static struct blocks blocks;

static __attribute__((unused)) int blocks_set_up(void **state)
{
	struct source_rules rules;

	if (native_setup(state) || store_set_up(state))
		return -1;
	native_maps.meta->tick_ns = NATIVE_TICK_NS;
	source_rules_init(&rules);
	return sources_init(&blocklist, &native_maps, &error) ||
	       prefixes_init(&prefixes, &native_maps, &error) ||
	       blocks_init(&blocks, store, &blocklist, &prefixes, &native_maps, NULL, &rules,
			   &error);
}

static __attribute__((unused)) int blocks_tear_down(void **state)
{
	blocks_free(&blocks);
	prefixes_free(&prefixes);
	sources_free(&blocklist);
	return store_tear_down(state) || native_teardown(state);
}

/* Writes a row into the store only. `rate` 0 is a block. */
static __attribute__((unused)) struct store_block say(const char *prefix, const char *origin,
						      uint32_t rate, int64_t until_ms)
{
	struct store_block row = row_of(prefix, origin);

	row.kind = rate ? STORE_THROTTLE : STORE_BLOCK;
	row.rate = rate;
	row.burst = rate * 2;
	row.until_ms = until_ms;
	done(store_block_put(store, &row, &error));
	return row;
}

/* The same, in the maps too. */
static __attribute__((unused)) void block(const char *prefix, const char *origin, uint32_t rate)
{
	struct store_block row = say(prefix, origin, rate, 0);

	done(blocks_sync(&blocks, &row.prefix));
}

static __attribute__((unused)) void allow(const char *prefix)
{
	struct store_block row = row_of(prefix, "operator");

	done(store_allow_put(store, &row, &error));
	blocks_sync_allow(&blocks, &row.prefix);
}

/* The info of a prefix in the maps, or -1. */
static __attribute__((unused)) int info_of(const char *text)
{
	struct prefix prefix = prefix_of(text);
	struct block_target target = blocks_target(&blocks, &prefix);

	return target.is_source ? sources_info(&blocklist, target.src_key) :
				  prefixes_info(&prefixes, &prefix);
}

#endif
