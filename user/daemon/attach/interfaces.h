/* SPDX-License-Identifier: GPL-2.0-only */
/* The interfaces slash64 is to be on: those of the configuration, and those attached by hand, which the
 * store keeps.
 *
 * An entry is a place in the tables under the name that somebody gave it. Which interface that is, the kernel says: it
 * is found by any of its names, and belongs to one entry only (ifaces_owner.c). Where names change hands, a program
 * stays on its interface until it is known whose that is now, and is replaced there in one step.
 */
#ifndef SLASH64_DAEMON_IFACES_H
#define SLASH64_DAEMON_IFACES_H

#include "xdp_attach.h"
#include "config/config.h"
#include "daemon/stats/counters.h"
#include "daemon/store/store.h"
#include "maps/maps.h"

struct iface {
	char name[S64_IFACE_NAME_MAX];
	enum config_mode mode; /* what was asked for; what is in force is in `attachment` */
	struct policy policy;
	bool from_config;
	bool ipv4_enforce;
	bool attached; /* as far as we know */
	bool unwanted; /* goes with the configuration that is being taken up */
	/* what is attached is of another version or other tables: the start could not replace it */
	bool outdated;
	uint32_t slot;
	/* the interface it is to be on, as ifaces_decide() found; 0: none is there */
	unsigned int target;
	struct attachment attachment; /* zeros where it is not attached */
	int program_fd;		      /* held, so that it can be pinned again; or -1 */
	/* of the program that was on an interface that is gone, which may be to another namespace; or -1 */
	int gone_fd;
	/* of a start that is not over: it has brought a program where none was; what it has replaced, as it was */
	bool fresh;
	struct attachment before; /* zeros: nothing */
	int before_fd;		  /* of its program; or -1 */
	struct s64_iface_slot before_slot;
	struct counters_rate rate;
	/* of repairs */
	char master[IF_NAMESIZE], renamed[IF_NAMESIZE]; /* "" for none */
	char failure[ERROR_TEXT_MAX];			/* the last one that was said */
	int64_t retry_at, retry_s;			/* CLOCK_MONOTONIC seconds */
	uint64_t repairs;
	int64_t lost_ms; /* milliseconds since 1970, since when it is not attached; 0: it is */
};

/* Of the configuration, and taken off by hand (ifaces_detached.h). */
struct iface_detached {
	char name[S64_IFACE_NAME_MAX]; /* "": none */
	char by[64];
	int64_t at_ms; /* since 1970 */
};

struct ifaces {
	struct iface *entry[S64_IFACES_MAX]; /* by slot; NULL is free */
	struct tables *tables;
	struct store *store;
	char programs[CONFIG_PATH_MAX + 16]; /* where programs are pinned */
	/* CLOCK_MONOTONIC: since when a program may be on an interface that nobody has; 0: none is */
	int64_t orphans_s;
	struct iface_detached detached[S64_IFACES_MAX];
	bool unlogged; /* who changes them writes the row of it himself */
	bool starting; /* what is replaced is held until ifaces_started() */
};

int ifaces_init(struct ifaces *ifaces, struct tables *tables, struct store *store, const char *pins,
		struct error *error);
void ifaces_free(struct ifaces *ifaces);

/* No two names of the configuration may be of one interface. */
int ifaces_check_names(const struct config *config, struct error *error);

/* May this configuration be taken up in place of the one in force? Refused is a name twice, and one that is not there,
 * never was, and is new in it, as it may be misspelt.
 */
int ifaces_check(const struct ifaces *ifaces, const struct config *config,
		 const struct config *in_force, struct error *error);

/* Bring the interfaces to the configuration and the store, as one change, with whatever else belongs to it. Prepared,
 * everything that is new has its program, beside what is in force, and the rows of it are in the log: what is new in it and
 * cannot be attached makes all of it fail, and one that is not there is waited for. -errno, and everything is as it was.
 * `config` stays until one of the two functions behind this has freed the change.
 */
struct ifaces_change;
int ifaces_prepare(struct ifaces *ifaces, const struct config *config,
		   struct ifaces_change **change, struct error *error);

/* The same for the first configuration of a run. Those that are there are filtered, whatever the others do: one that
 * cannot be attached to is tried again. -errno only where nothing would be filtered at all, and no earlier run was on any
 * of them.
 */
int ifaces_prepare_start(struct ifaces *ifaces, const struct config *config,
			 struct ifaces_change **change, struct error *error);

/* Policies are those of the configuration, and what it does not want goes. Returns how many were attached or detached. */
int ifaces_commit(struct ifaces_change *change);

/* Everything is as it was, what had been detached by hand too. Rows of the log are for who calls it to take back, before. */
void ifaces_undo(struct ifaces_change *change);

/* The start is over, and what it has replaced is not needed any more. */
void ifaces_started(struct ifaces *ifaces);

/* The start has failed: what it has replaced is put back, and what it has brought where nothing was goes. */
void ifaces_undo_start(struct ifaces *ifaces);

/* By hand; kept in the store, until ifaces_detach(), also of an interface of the configuration, whose mode and filter
 * then are these. filter -1: as the policy says; MODE_AUTO: as the configuration says, should it be of one.
 */
int ifaces_attach(struct ifaces *ifaces, const struct config *config, const char *name,
		  enum config_mode mode, int filter, struct iface **out, struct error *error);
/* By any of its names; `why` is for the log. */
struct blocks_why;
int ifaces_detach(struct ifaces *ifaces, const char *name, const struct blocks_why *why,
		  struct error *error);
/* The transaction of one of both was rolled back: as it was. Nothing is logged. */
void ifaces_back(struct ifaces *ifaces, const struct config *config, const char *name,
		 bool was_attached);

/* By the name it is known by. */
struct iface *ifaces_find(const struct ifaces *ifaces, const char *name);
/* By that, or by any name of the interface it is on. */
struct iface *ifaces_find_any(const struct ifaces *ifaces, const char *name);

/* What is in force, in the words of status and metrics: "none" where nothing is attached. */
const char *iface_state_word(const struct iface *iface);
const char *iface_mode_word(const struct iface *iface);
const char *iface_method_word(const struct iface *iface);

/* Look whether every interface still is as it should be, and bring back what is not. */
void ifaces_repair(struct ifaces *ifaces);

/* Take what earlier runs have left off interfaces where it is not wanted any more. */
void ifaces_sweep(struct ifaces *ifaces);

/* Take the sums of counters from which rates come. */
void ifaces_tick(struct ifaces *ifaces);

/* Off every interface; the pins of the programs go too. */
void ifaces_detach_all(struct ifaces *ifaces);

#endif
