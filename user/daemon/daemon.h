/* SPDX-License-Identifier: GPL-2.0-only */
/* The context of slash64d, and its main operations. */
#ifndef SLASH64_DAEMON_DAEMON_H
#define SLASH64_DAEMON_DAEMON_H

#include <time.h>

#include "daemon/netlink/local_address_monitor.h"
#include "daemon/blocks/blocks.h"
#include "daemon/blocks/config_lists.h"
#include "daemon/guards/guard_rails.h"
#include "config/config.h"
#include "daemon/attach/interfaces.h"
#include "maps/limiter_sweep.h"
#include "daemon/stats/samples.h"
#include "maps/blocklist.h"
#include "daemon/store/store.h"
#include "maps/maps.h"

struct capture_session;
struct proof;
struct proposals;
struct source_histogram;
struct blackholes;
struct event;
struct event_base;
struct timeval;

enum maps_state {
	MAPS_ADOPTED,
	MAPS_NEW,    /* created by this run */
	MAPS_BESIDE, /* created by this run, beside others that are still in force */
};

#define DAEMON_EVENTS_MAX 16

struct daemon {
	struct event_base *base;
	struct event *event[DAEMON_EVENTS_MAX]; /* permanent timers and signals */
	unsigned int events;
	struct config config;
	struct maps maps;
	/* in force until `maps` replace them; meta NULL: none */
	struct maps before;
	struct blocklist blocklist;
	struct prefixes prefixes;
	struct store *store;
	struct blocks blocks;
	struct ifaces ifaces;
	struct samples samples;
	struct proposals *proposals;
	struct source_histogram *histogram;
	struct proof *proof;
	struct capture_session *capture; /* NULL: nobody captures */
	uint64_t captures;		 /* ever */
	int64_t capture_ended_ms;	 /* the last one, CLOCK_MONOTONIC */
	struct limiter_count limiter;
	struct addresses *addresses;
	struct protected_addresses *protection;
	struct imports *imports;
	struct feeds *feeds;
	struct links *links;
	struct upkeep *upkeep;
	struct confirm *confirm;
	struct turns *turns;
	struct aside *aside;
	struct changes *changes;
	struct announce *announce;
	unsigned int followers;		   /* of the log */
	unsigned int policy_readers;	   /* of the configuration, waiting for their turn */
	struct event_streams *streams;	   /* NULL until somebody follows the events */
	struct metrics_text *metrics_text; /* the last one; NULL until somebody asks */
	struct metrics *metrics;	   /* NULL while its port is in use, or if it is off */
	struct page *page;		   /* the same */
	struct blackholes *blackholes;
	struct history *history;
	struct overview *overview; /* the last one; NULL until somebody asks */
	enum maps_state maps_state;
	int64_t started_s; /* CLOCK_MONOTONIC */
	uint64_t reloads, reloads_failed;
	bool reload_failed; /* the last one */
	bool pins_lost;	    /* and logged: the maps cannot be pinned again */
};

/* Takes over the event; NULL counts as out of memory. */
int daemon_add_event(struct daemon *daemon, struct event *event, const struct timeval *span);
void daemon_free_events(struct daemon *daemon);

/* What blocks are checked against. */
struct guard_rails daemon_guard_rails(const struct daemon *daemon,
				      const struct guards_caller *caller);

/* Puts the configuration into force: guards, store, maps, interfaces. All of it, or nothing has
 * changed.
 */
int daemon_start(struct daemon *daemon, struct error *error);

/* Reads the configuration again and does the same. Returns how many interfaces were attached or
 * detached.
 */
int daemon_reload(struct daemon *daemon, const struct actor *actor, struct error *error);
/* The same for that time, unless it is confirmed (confirm.h). */
int daemon_reload_for(struct daemon *daemon, const struct actor *actor, int64_t for_ms,
		      struct error *error);
/* Returns to the configuration before the one that was not confirmed. */
int daemon_reload_before(struct daemon *daemon, struct error *error);

#endif
