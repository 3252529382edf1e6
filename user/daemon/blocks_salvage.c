// SPDX-License-Identifier: GPL-2.0-only
/* Where the store is new and the tables are not, somebody has lost the store, or moved a broken one away. What the
 * tables still block goes into the new one, so that it stays blocked until somebody says otherwise. A table has the
 * site alone: reasons, ends and rates are lost, and so are prefixes of other lengths, of which it has a hash.
 */
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "blocks_internal.h"
#include "log.h"

struct salvage {
	struct blocks *blocks;
	size_t saved, lost;
	int err;
	struct error *error;
};

static void save_site(struct sites *sites, uint64_t site, void *data)
{
	struct salvage *salvage = data;
	struct store_block block = {
		.origin = STORE_ORIGIN_RECOVERED,
		.reason = "was in force when the store was lost",
		.start_ms = clock_wall_ms(),
	};

	if (salvage->err)
		return;
	if (s64_site_is_hashed(site) || sites_info(sites, site) & S64_BLOCK_THROTTLE) {
		salvage->lost++;
		return;
	}
	block.prefix = s64_site_is_v4(site) ? prefix_of_v4(s64_site_v4(site), 32) : prefix_of_bits(site, 0, 64);
	salvage->err = store_block_put(salvage->blocks->store, &block, salvage->error);
	salvage->saved++;
}

int blocks_salvage(struct blocks *blocks, struct error *error)
{
	struct salvage salvage = {.blocks = blocks, .error = error};
	int err;

	if (!store_is_new(blocks->store) || !sites_count(blocks->sites))
		return 0;
	err = store_begin(blocks->store, error);
	if (err)
		return err;
	sites_each(blocks->sites, save_site, &salvage);
	if (salvage.err) {
		store_rollback(blocks->store);
		return salvage.err;
	}
	log_warning("the store is new: %zu blocks in force were put into it with the origin " STORE_ORIGIN_RECOVERED
		    "; what else it had is lost (%zu); restore a backup",
		    salvage.saved, salvage.lost);
	return store_commit(blocks->store, error);
}
