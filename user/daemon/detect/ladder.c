// SPDX-License-Identifier: GPL-2.0-only
#include "ladder.h"

#define TENTH_PARTS 1000 /* of a tenth */

int64_t ladder_ms(const struct detect_rule *rule, unsigned int step)
{
	return rule->ladder_ms[step < rule->ladder_steps ? step : rule->ladder_steps - 1];
}

unsigned int ladder_next(const struct detect_rule *rule, unsigned int last, int64_t ended_ms,
			 int64_t now_ms)
{
	int64_t passed = now_ms - ended_ms;
	unsigned int step = last + 1;

	while (step && passed >= ladder_ms(rule, step - 1) * LADDER_FADES)
		passed -= ladder_ms(rule, --step) * LADDER_FADES;
	return step < rule->ladder_steps ? step : rule->ladder_steps - 1;
}

int64_t ladder_with_tenth(int64_t ms, uint64_t random)
{
	return ms + ms / 10 * (int64_t)(random % (TENTH_PARTS + 1)) / TENTH_PARTS;
}
