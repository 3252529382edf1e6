// SPDX-License-Identifier: GPL-2.0-only
/* Prefixes that the tables could not be brought to, since the store could not be read. What is in force stays in force:
 * to open a source because a disk fails would be the worst of all answers. They are looked up again until it works.
 */
#include <stdio.h>

#include "base/log.h"
#include "blocks_internal.h"
#include "daemon/loop/turn.h"

#define RETRY_NS 1000000000ULL

static size_t count_of(const struct unsettled *unsettled)
{
	return unsettled->blocks.count + unsettled->allows.count;
}

static void add(struct blocks *blocks, struct prefix_set *set, const struct prefix *prefix,
		const char *why)
{
	struct unsettled *unsettled = &blocks->unsettled;
	char text[PREFIX_TEXT_MAX];

	unsettled->retry_at_ns = turn_now_ns() + RETRY_NS;
	if (!unsettled->told)
		log_error("what is in force stays in force until the store can be read: %s", why);
	unsettled->told = true;
	if (prefix_set_add(set, prefix))
		log_error("%s stays as it is until a restart: out of memory",
			  prefix_format(prefix, text));
}

void unsettled_add(struct blocks *blocks, const struct prefix *prefix, const char *why)
{
	add(blocks, &blocks->unsettled.blocks, prefix, why);
}

void unsettled_add_allow(struct blocks *blocks, const struct prefix *prefix, const char *why)
{
	add(blocks, &blocks->unsettled.allows, prefix, why);
}

/* Allowed prefixes first, as blocks are held against them. One that fails again adds itself. */
static bool settle_one(struct blocks *blocks)
{
	struct unsettled *unsettled = &blocks->unsettled;
	bool allow = unsettled->allows.count;
	struct prefix_set *set = allow ? &unsettled->allows : &unsettled->blocks;
	const struct prefix prefix = *prefix_set_next(set, NULL);

	prefix_set_remove(set, &prefix);
	if (allow)
		blocks_settle_near(blocks, &prefix);
	blocks_put_back(blocks, &prefix);
	return !prefix_set_has(&unsettled->allows, &prefix) &&
	       !prefix_set_has(&unsettled->blocks, &prefix);
}

bool blocks_settle_late(struct blocks *blocks)
{
	struct unsettled *unsettled = &blocks->unsettled;
	struct turn turn = turn_begin();

	if (!count_of(unsettled) || turn_now_ns() < unsettled->retry_at_ns)
		return false;
	while (count_of(unsettled) && settle_one(blocks))
		if (turn_is_over(&turn))
			return true;
	if (count_of(unsettled))
		return false;
	unsettled->told = false;
	log_info("the store can be read again, and the tables follow it");
	return false;
}

void unsettled_free(struct unsettled *unsettled)
{
	prefix_set_free(&unsettled->blocks);
	prefix_set_free(&unsettled->allows);
}
