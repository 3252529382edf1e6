/* SPDX-License-Identifier: GPL-2.0-only */
/* The source rules in the maps, which hold two sets: the one in force, and the next one. */
#ifndef SLASH64_USER_SOURCE_RULES_MAP_H
#define SLASH64_USER_SOURCE_RULES_MAP_H

#include "maps.h"
#include "net/source_rules.h"

/* Writes the rules beside the set in force, so that the source index can be opened for both; then
 * puts them into force.
 */
void site_rules_stage(const struct site_rules *rules, const struct tables *tables);
void site_rules_switch(const struct tables *tables);
/* Reads the rules in force from the maps. */
void site_rules_in_force(struct site_rules *rules, const struct tables *tables);

#endif
