/* SPDX-License-Identifier: GPL-2.0-only */
/* The CPU time that requests of the page may take. Whoever can connect there may be anybody on this
 * machine, and the loop that answers is the one that blocks sources: a crowd that asks for what is
 * expensive gets a refusal, and nobody else waits.
 */
#ifndef SLASH64_DAEMON_PAGE_BUDGET_H
#define SLASH64_DAEMON_PAGE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

/* 50 open pages take a tenth of it. */
#define PAGE_BUDGET_PERCENT 25		 /* of a CPU, on average */
#define PAGE_BUDGET_NS	    250000000ULL /* and so much at once */

struct page_budget {
	uint64_t level_ns; /* spent, and not regained yet */
	uint64_t at_ns;	   /* CLOCK_MONOTONIC */
};

/* Whether a request may be answered at this time. */
bool page_budget_has(struct page_budget *budget, uint64_t now_ns);
/* One took so much CPU time. */
void page_budget_spend(struct page_budget *budget, uint64_t cpu_ns);

#endif
