/* SPDX-License-Identifier: GPL-2.0-only */
/* What the page answers, and what it refuses. Every answer carries the headers that keep a browser
 * from doing anything else with it.
 */
#ifndef SLASH64_DAEMON_PAGE_REQUESTS_H
#define SLASH64_DAEMON_PAGE_REQUESTS_H

#include "budget.h"

struct daemon;
struct evhttp_request;
struct page_connections;

struct page_context {
	struct daemon *daemon;
	struct page_connections *connections;
	struct page_budget budget;
	char listen[128]; /* as configured */
};

void page_answer(struct page_context *context, struct evhttp_request *request);

#endif
