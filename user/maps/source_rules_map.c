// SPDX-License-Identifier: GPL-2.0-only
#include "source_rules_map.h"

#include <string.h>

#include "packets_wait.h"

void source_rules_stage(const struct source_rules *rules, const struct maps *maps)
{
	/* a packet may still be using the set that was in force until just now */
	if (!S64_MISTAKE(RULES_WAIT))
		packets_wait();
	source_rules_fill(rules, maps);
}

void source_rules_fill(const struct source_rules *rules, const struct maps *maps)
{
	struct s64_source_rule *set = maps->rules->set[!(maps->rules->in_force & 1)];

	S64_FILL(set, 0, sizeof(rules->rule));
	S64_PUT(set, rules->rule, rules->count * sizeof(*set));
}

void source_rules_in_force(struct source_rules *rules, const struct maps *maps)
{
	const struct s64_source_rule *set = maps->rules->set[maps->rules->in_force & 1];

	memset(rules, 0, sizeof(*rules));
	while (rules->count < S64_SOURCE_RULES_MAX && set[rules->count].used) {
		rules->rule[rules->count] = set[rules->count];
		rules->count++;
	}
}

void source_rules_switch(const struct maps *maps)
{
	S64_STORE_RELEASE(maps->rules->in_force, !(maps->rules->in_force & 1));
}
