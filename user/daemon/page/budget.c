// SPDX-License-Identifier: GPL-2.0-only
#include "budget.h"

bool page_budget_has(struct page_budget *budget, uint64_t now_ns)
{
	uint64_t regained_ns = (now_ns - budget->at_ns) / 100 * PAGE_BUDGET_PERCENT;

	budget->at_ns = now_ns;
	budget->level_ns -= regained_ns < budget->level_ns ? regained_ns : budget->level_ns;
	return budget->level_ns < PAGE_BUDGET_NS;
}

void page_budget_spend(struct page_budget *budget, uint64_t cpu_ns)
{
	budget->level_ns += cpu_ns;
}
