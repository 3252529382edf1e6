// SPDX-License-Identifier: GPL-2.0-only
#include "rails.h"

#include <errno.h>

#include "net/block_target.h"

/* The one that contains the prefix, or else one within it; NULL. */
static const struct prefix *find(const struct config_prefixes *prefixes,
				 const struct prefix *prefix)
{
	const struct prefix *within = NULL;

	for (size_t i = 0; i < prefixes->count; i++) {
		const struct prefix *one = &prefixes->entry[i].prefix;

		if (prefix_contains(one, prefix))
			return one;
		if (prefix_contains(prefix, one))
			within = one;
	}
	return within;
}

/* A peer behind a translator is the IPv4 address that a block is about. */
static const struct prefix *find_peer(const struct config *config, const struct s64_seed *seed,
				      const struct prefix *prefix)
{
	for (size_t i = 0; i < config->peers.count; i++) {
		const struct prefix *peer = &config->peers.entry[i].prefix;
		struct prefix source = source_rules_identify(&config->rules, seed, peer).shown;

		if (prefix_contains(prefix, peer) ||
		    (prefix_is_v4(&source) && prefix_contains(prefix, &source)))
			return peer;
	}
	return NULL;
}

bool rails_refuse(const struct config *config, const struct s64_seed *seed,
		  const struct prefix *prefix, struct error *why)
{
	char text[PREFIX_TEXT_MAX], other[PREFIX_TEXT_MAX];
	struct block_target target;
	const struct prefix *found;

	prefix_format(prefix, text);
	if (block_target_of(&config->rules, seed, prefix, PREFIX_EXACT, &target, NULL, why))
		return true;
	found = find(&config->allow, prefix);
	if (found) {
		error_set(why, -EPERM,
			  prefix_contains(found, prefix) ?
				  "%s is not blocked: it is within the allowed prefix %s" :
				  "%s is not blocked: it covers the allowed prefix %s",
			  text, prefix_format(found, other));
		return true;
	}
	found = find_peer(config, seed, prefix);
	if (found) {
		error_set(why, -EPERM, "%s is not blocked: it covers %s (configured peer)", text,
			  prefix_format(found, other));
		return true;
	}
	found = find(&config->own, prefix);
	if (found)
		error_set(
			why, -EPERM,
			prefix_contains(found, prefix) ?
				"%s is not blocked: it is part of %s, which the configuration names under own" :
				"%s is not blocked: it covers %s, which the configuration names under own",
			text, prefix_format(found, other));
	return found;
}
