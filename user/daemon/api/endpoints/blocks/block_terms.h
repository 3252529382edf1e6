/* SPDX-License-Identifier: GPL-2.0-only */
/* The terms of a block or throttle in a request: its end, reason, rate. Terms that are not given
 * stay as they are; for a new entry they come from block_defaults of the configuration.
 */
#ifndef SLASH64_DAEMON_API_ENDPOINTS_BLOCKS_BLOCK_TERMS_H
#define SLASH64_DAEMON_API_ENDPOINTS_BLOCKS_BLOCK_TERMS_H

#include <jansson.h>
#include <stdbool.h>

#include "config/config.h"
#include "base/error.h"
#include "daemon/store/store.h"

#define BLOCK_TERMS_KEYS      "for_seconds", "until", "reason", "ticket"
#define BLOCK_TERMS_RATE_KEYS "rate", "burst"

struct block_terms {
	int64_t now_ms; /* when it was requested */
	bool ends;	/* `until_ms` was given; 0 means no end */
	int64_t until_ms;
	bool has_reason, has_ticket; /* given; NULL or "" removes it */
	const char *reason, *ticket; /* belongs to the object */
	uint32_t rate, burst;	     /* 0: not given */
};

/* Parses the keys above, if present. -EINVAL if one is invalid. */
int block_terms_parse(const json_t *object, struct block_terms *terms, struct error *error);

/* Sets *block, which has its prefix, origin and kind, to the previous entry (NULL: none) changed by
 * the terms. -EINVAL if a throttle has no rate.
 */
int block_terms_apply(const struct block_terms *terms, const struct store_block *before,
		      const struct config *config, struct store_block *block, struct error *error);

/* Checks that a block by hand has the fields that the configuration requires, or -EINVAL. */
int block_terms_required(const struct config *config, const struct store_block *block,
			 struct error *error);

#endif
