/* SPDX-License-Identifier: GPL-2.0-only */
/* The rules about sites in the maps, where they lie twice: the set in force, and the one that comes next. */
#ifndef SLASH64_USER_SOURCE_RULES_MAP_H
#define SLASH64_USER_SOURCE_RULES_MAP_H

#include "maps.h"
#include "net/source_rules.h"

/* Into the tables: beside the set in force, so that the gate can be opened for both; then in force. */
void site_rules_stage(const struct site_rules *rules, const struct tables *tables);
void site_rules_switch(const struct tables *tables);
/* Those that the tables say are in force. */
void site_rules_in_force(struct site_rules *rules, const struct tables *tables);

#endif
