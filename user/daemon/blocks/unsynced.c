// SPDX-License-Identifier: GPL-2.0-only
/* Prefixes that the maps could not be brought to, since the store could not be read. What is in force stays in force:
 * to open a source because a disk fails would be the worst of all answers. They are looked up again until it works.
 */
#include <stdio.h>

#include "base/log.h"
#include "blocks_internal.h"
#include "daemon/loop/turn.h"

#define RETRY_NS 1000000000ULL

static size_t count_of(const struct unsynced *unsynced)
{
	return unsynced->blocks.count + unsynced->allowlist.count;
}

static void add(struct blocks *blocks, struct prefix_set *set, const struct prefix *prefix,
		const char *why)
{
	struct unsynced *unsynced = &blocks->unsynced;
	char text[PREFIX_TEXT_MAX];

	unsynced->retry_at_ns = turn_now_ns() + RETRY_NS;
	if (!unsynced->told)
		log_error("what is in force stays in force until the store can be read: %s", why);
	unsynced->told = true;
	if (prefix_set_add(set, prefix))
		log_error("%s stays as it is until a restart: out of memory",
			  prefix_format(prefix, text));
}

void unsynced_add(struct blocks *blocks, const struct prefix *prefix, const char *why)
{
	add(blocks, &blocks->unsynced.blocks, prefix, why);
}

void unsynced_add_allow(struct blocks *blocks, const struct prefix *prefix, const char *why)
{
	add(blocks, &blocks->unsynced.allowlist, prefix, why);
}

/* Allowed prefixes first, as blocks are held against them. One that fails again adds itself. */
static bool sync_one_late(struct blocks *blocks)
{
	struct unsynced *unsynced = &blocks->unsynced;
	bool allow = unsynced->allowlist.count;
	struct prefix_set *set = allow ? &unsynced->allowlist : &unsynced->blocks;
	const struct prefix prefix = *prefix_set_next(set, NULL);

	prefix_set_remove(set, &prefix);
	if (allow)
		blocks_sync_near(blocks, &prefix);
	blocks_put_back(blocks, &prefix);
	return !prefix_set_has(&unsynced->allowlist, &prefix) &&
	       !prefix_set_has(&unsynced->blocks, &prefix);
}

bool blocks_sync_late(struct blocks *blocks)
{
	struct unsynced *unsynced = &blocks->unsynced;
	struct turn turn = turn_begin();

	if (!count_of(unsynced) || turn_now_ns() < unsynced->retry_at_ns)
		return false;
	while (count_of(unsynced) && sync_one_late(blocks))
		if (turn_is_over(&turn))
			return true;
	if (count_of(unsynced))
		return false;
	unsynced->told = false;
	log_info("the store can be read again, and the maps follow it");
	return false;
}

void unsynced_free(struct unsynced *unsynced)
{
	prefix_set_free(&unsynced->blocks);
	prefix_set_free(&unsynced->allowlist);
}
