/* SPDX-License-Identifier: GPL-2.0-only */
/* The one context of slash64d, and what can be asked of it. */
#ifndef SLASH64_DAEMON_DAEMON_H
#define SLASH64_DAEMON_DAEMON_H

#include <time.h>

#include "addresses.h"
#include "blocks.h"
#include "blocks_config.h"
#include "config.h"
#include "ifaces.h"
#include "samples.h"
#include "sites.h"
#include "store.h"
#include "tables.h"

struct event;
struct event_base;

#define DAEMON_EVENTS_MAX 8 /* timers and signals */

struct daemon {
	struct event_base *base;
	struct event *event[DAEMON_EVENTS_MAX];
	int event_count;
	struct config config;
	struct tables tables;
	struct sites sites;
	struct prefixes prefixes;
	struct store *store;
	struct blocks blocks;
	struct ifaces ifaces;
	struct samples samples;
	struct addresses *addresses;
	struct guards *guards;
	struct imports *imports;
	struct feeds *feeds;
	bool tables_are_new; /* made by this run */
	time_t started; /* CLOCK_MONOTONIC seconds */
	uint64_t reloads, reloads_failed;
};

/* Are all interfaces of the configuration there? Asked before anything is attached: one that is not would leave
 * the others for nothing.
 */
int daemon_check_ifaces(const struct config *config, struct error *error);
int daemon_set_peers(struct daemon *daemon, const struct config *config, struct error *error);

/* Read the configuration anew and bring everything to it. Where it is bad, nothing changes. Returns how
 * many interfaces were attached or detached.
 */
int daemon_reload(struct daemon *daemon, struct error *error);

#endif
