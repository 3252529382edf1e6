/* SPDX-License-Identifier: GPL-2.0-only */
/* Asks a LAPI for its decisions. */
#ifndef SLASH64_ADAPTERS_CROWDSEC_LAPI_H
#define SLASH64_ADAPTERS_CROWDSEC_LAPI_H

#include "settings.h"
#include "stream.h"

struct lapi;

/* `stop` is called once per second and more; true ends a request. */
struct lapi *lapi_open(const struct crowdsec_settings *settings, bool (*stop)(void *data),
		       void *data, struct error *error);
void lapi_close(struct lapi *lapi);

/* Passes the decisions on. After 0 the answer was complete; after -errno, with *error set, nothing of
 * it counts, and *why is the word for the metrics. `is_all`: all decisions, or what has changed since
 * the last answer.
 */
int lapi_ask(struct lapi *lapi, bool is_all, const struct stream_callbacks *callbacks,
	     const char **why, struct error *error);

/* Decisions of the last answer that were left out. */
uint64_t lapi_left_out(const struct lapi *lapi, enum stream_left_out why);

#endif
