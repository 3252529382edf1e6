/* SPDX-License-Identifier: GPL-2.0-only */
/* What a request says of a block or throttle: its end, why, its rate. What it does not say stays as it is, and where there
 * is nothing yet, is as block_defaults of the configuration have it.
 */
#ifndef SLASH64_DAEMON_BLOCK_TERMS_H
#define SLASH64_DAEMON_BLOCK_TERMS_H

#include <jansson.h>
#include <stdbool.h>

#include "config/config.h"
#include "base/error.h"
#include "daemon/store/store.h"

#define BLOCK_TERMS_KEYS      "for_seconds", "until", "reason", "ticket"
#define BLOCK_TERMS_RATE_KEYS "rate", "burst"

struct block_terms {
	int64_t now_ms; /* when it was said */
	bool ends;	/* `until_ms` is said, and 0 is no end */
	int64_t until_ms;
	bool has_reason, has_ticket; /* said, and NULL or "" is none */
	const char *reason, *ticket; /* the object's */
	uint32_t rate, burst;	     /* 0: not said */
};

/* Of the keys above, whichever there are. -EINVAL where one makes no sense. */
int block_terms_parse(const json_t *object, struct block_terms *terms, struct error *error);

/* Bring *block, which has its prefix, origin and kind, to what was before (NULL: nothing) and the terms. -EINVAL where a
 * throttle has no rate.
 */
int block_terms_apply(const struct block_terms *terms, const struct store_block *before,
		      const struct config *config, struct store_block *block, struct error *error);

/* What the configuration requires of what a person blocks is there, or -EINVAL. */
int block_terms_required(const struct config *config, const struct store_block *block,
			 struct error *error);

#endif
