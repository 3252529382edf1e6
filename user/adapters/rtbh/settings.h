/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration of slash64-rtbh (docs/man/slash64-rtbh.8.scd). */
#ifndef SLASH64_ADAPTERS_RTBH_SETTINGS_H
#define SLASH64_ADAPTERS_RTBH_SETTINGS_H

#include "kernel_routes.h"
#include "net/limits.h"
#include "route_table.h"
#include "service/fields.h"

#define SETTINGS_FILE_DEFAULT "/etc/slash64/rtbh.yaml"
#define SETTINGS_ALIVE_BIRD   "/run/bird/bird.ctl"
#define SETTINGS_HOLD_MS      (10 * 60 * 1000)
#define SETTINGS_DAMPEN_MS    (60 * 1000)
#define SETTINGS_MAX	      100000
#define SETTINGS_MAX_MAX      4000000
#define SETTINGS_FEEDS_MAX    KERNEL_TABLES_MAX
#define ROUTE_TYPES	      256
#define PROTOCOL_ANY	      0 /* RTPROT_UNSPEC, which no route has */

/* One table. */
struct feed_settings {
	uint32_t table, max;
	char protocol_name[ORIGIN_TEXT_MAX];
	uint8_t protocol; /* PROTOCOL_ANY: of any */
	char origin[ORIGIN_TEXT_MAX];
	enum route_action action[ROUTE_TYPES]; /* by RTN_... */
	uint32_t rate, burst;
	int64_t hold_ms, dampen_ms;
	char alive[FIELD_PATH_MAX]; /* control socket of the routing daemon; "": not watched */
	bool has_sentinel, has_alive;
	struct prefix sentinel;
};

struct settings {
	char socket[FIELD_PATH_MAX], metrics[FIELD_LISTEN_MAX];
	struct feed_settings *feed;
	size_t feed_count;
};

int rtbh_settings_load(struct settings *settings, const char *file, struct error *error);
void rtbh_settings_free(struct settings *settings);

#endif
