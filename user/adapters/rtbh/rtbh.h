/* SPDX-License-Identifier: GPL-2.0-only */
/* Remote triggered black holes (RFC 5635, RFC 7999): routes of private tables of the kernel, where a
 * routing daemon puts what it was announced, are blocks of the sources they name.
 */
#ifndef SLASH64_ADAPTERS_RTBH_RTBH_H
#define SLASH64_ADAPTERS_RTBH_RTBH_H

#include <stdatomic.h>

#include "adapters/set/set.h"
#include "alive.h"
#include "service/service.h"
#include "service/told.h"
#include "settings.h"

/* For the metrics, which are written by another thread. */
struct feed_figures {
	_Atomic uint64_t prefixes[ROUTE_ACTIONS], dampened, left_out;
	_Atomic uint64_t changes, ignored, overruns, dumps, holds, ended;
	_Atomic int mode;
};

struct feed {
	struct rtbh *rtbh;
	const struct feed_settings *settings;
	struct set *set;
	struct routes *routes;
	struct alive alive;
	bool has_left_out; /* a dump is needed as soon as there is room */
	bool wants_dump;   /* a dump tells what a route has replaced */
	bool wants_list;   /* slash64d has to be told all that there is */
	bool put_failed;   /* since the list began */
	int64_t try_ms;	   /* when to look whether it is alive */
	int64_t dump_ms;   /* when to dump the table, as a precaution */
	int64_t dumped_ms;
	struct told told_alive;
	char reason[REASON_TEXT_MAX];
	struct feed_figures figures;
};

struct rtbh {
	struct settings settings;
	struct kernel_routes *kernel;
	struct feed *feed;
	size_t feed_count;
	struct set **sets; /* of the feeds, for the metrics */
	bool is_changed;
	int64_t now_ms;
	struct told told_sync, told_dump;
};

int rtbh_open(struct rtbh *rtbh, struct error *error);
void rtbh_close(struct rtbh *rtbh);

/* For struct service: data is the struct rtbh. */
int rtbh_work(struct service *service, struct error *error);
void rtbh_write_metrics(struct evbuffer *out, void *data);

/* Prints each route of the tables, and what it would do. */
int rtbh_list(const struct settings *settings, struct error *error);

extern const char *const route_action_names[ROUTE_ACTIONS];

#endif
