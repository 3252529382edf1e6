/* SPDX-License-Identifier: GPL-2.0-only */
/* The interfaces slash64 is to be on: those of the configuration, and those attached by hand, which the
 * store keeps.
 */
#ifndef SLASH64_DAEMON_IFACES_H
#define SLASH64_DAEMON_IFACES_H

#include "attach.h"
#include "config.h"
#include "counters.h"
#include "store.h"
#include "tables.h"

struct iface {
	char name[IF_NAMESIZE];
	enum config_mode mode; /* what was asked for; what is in force is in `attachment` */
	struct policy policy;
	bool from_config;
	bool ipv4_enforce;
	bool attached; /* as far as we know */
	uint32_t slot;
	struct attachment attachment;
	struct counters_rate rate;
	/* of repairs */
	char master[IF_NAMESIZE], renamed[IF_NAMESIZE]; /* "" for none */
	char failure[ERROR_TEXT_MAX];			/* the last one that was said */
	int64_t retry_at, retry_s;			/* CLOCK_MONOTONIC seconds */
	uint64_t repairs;
};

struct ifaces {
	struct iface *entry[S64_IFACES_MAX]; /* by slot; NULL is free */
	struct tables *tables;
	struct store *store;
	char programs[CONFIG_PATH_MAX + 16]; /* where programs are pinned */
};

int ifaces_init(struct ifaces *ifaces, struct tables *tables, struct store *store, const char *pins,
		struct error *error);
void ifaces_free(struct ifaces *ifaces);

/* Bring the interfaces to the configuration and the store: attach what is new, detach what is gone, write
 * every policy. An interface that is not there yet is noted and logged, not an error, unless `strict`.
 * Returns how many were attached or detached.
 */
int ifaces_configure(struct ifaces *ifaces, const struct config *config, bool strict,
		     struct error *error);

/* By hand; kept in the store, until ifaces_detach(). filter -1: as the policy says. */
int ifaces_attach(struct ifaces *ifaces, const struct config *config, const char *name,
		  enum config_mode mode, int filter, struct iface **out, struct error *error);
int ifaces_detach(struct ifaces *ifaces, const char *name, struct error *error);

struct iface *ifaces_find(const struct ifaces *ifaces, const char *name);

/* Look whether every interface still is as it should be, and bring back what is not. */
void ifaces_repair(struct ifaces *ifaces, const struct config *config);

/* Take what earlier runs have left off interfaces where it is not wanted any more. */
void ifaces_sweep(struct ifaces *ifaces);

/* Take the sums of counters from which rates come. */
void ifaces_tick(struct ifaces *ifaces);

/* Off every interface; the pins of the programs go too. */
void ifaces_detach_all(struct ifaces *ifaces);

#endif
