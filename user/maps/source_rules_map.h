/* SPDX-License-Identifier: GPL-2.0-only */
/* The source rules in the maps, which hold two sets: the one in force, and the next one. */
#ifndef SLASH64_MAPS_SOURCE_RULES_MAP_H
#define SLASH64_MAPS_SOURCE_RULES_MAP_H

#include "maps.h"
#include "net/source_rules.h"

/* Writes the rules beside the set in force, so that the source index can be opened for both; then
 * puts them into force.
 */
void source_rules_stage(const struct source_rules *rules, const struct maps *maps);
/* The same when packets_wait() is over: no packet uses the set that was in force before. */
void source_rules_fill(const struct source_rules *rules, const struct maps *maps);
void source_rules_switch(const struct maps *maps);
/* Reads the rules in force from the maps. */
void source_rules_in_force(struct source_rules *rules, const struct maps *maps);

#endif
