// SPDX-License-Identifier: GPL-2.0-only
#include "source_rules_map.h"

#include <string.h>

#include "packets_wait.h"

void site_rules_stage(const struct site_rules *rules, const struct tables *tables)
{
	struct s64_site_rule *set = tables->rules->set[!(tables->rules->in_force & 1)];

	/* a packet may still be using this set, which was in force until just now */
	if (!S64_MISTAKE(RULES_WAIT))
		packets_wait();
	S64_FILL(set, 0, sizeof(rules->rule));
	S64_PUT(set, rules->rule, rules->count * sizeof(*set));
}

void site_rules_in_force(struct site_rules *rules, const struct tables *tables)
{
	const struct s64_site_rule *set = tables->rules->set[tables->rules->in_force & 1];

	memset(rules, 0, sizeof(*rules));
	while (rules->count < S64_SITE_RULES_MAX && set[rules->count].used) {
		rules->rule[rules->count] = set[rules->count];
		rules->count++;
	}
}

void site_rules_switch(const struct tables *tables)
{
	S64_STORE_RELEASE(tables->rules->in_force, !(tables->rules->in_force & 1));
}
