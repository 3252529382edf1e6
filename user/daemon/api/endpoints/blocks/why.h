/* SPDX-License-Identifier: GPL-2.0-only */
/* Why something is taken back: `reason` and `ticket` of a query. */
#ifndef SLASH64_DAEMON_API_ENDPOINTS_BLOCKS_WHY_H
#define SLASH64_DAEMON_API_ENDPOINTS_BLOCKS_WHY_H

#include "daemon/blocks/blocks.h"
#include "base/error.h"

struct evhttp_request;

struct request_why {
	struct blocks_why why;
	char *reason, *ticket; /* own the texts */
};

/* To be freed, whatever it returns. -EINVAL if they are no texts that the log accepts. */
int request_why(struct evhttp_request *request, struct request_why *why, struct error *error);
void request_why_free(struct request_why *why);

#endif
