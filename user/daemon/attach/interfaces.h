/* SPDX-License-Identifier: GPL-2.0-only */
/* The interfaces slash64 should be on: those of the configuration, and those attached by hand,
 * which the store keeps.
 *
 * An entry is a slot in the maps under the name that somebody gave. The kernel says which interface
 * that is: it is found by any of its names, and belongs to one entry only (interfaces_owner.c).
 * When names are swapped, a program stays on its interface until the new owner is known, and is
 * then replaced in one step.
 */
#ifndef SLASH64_DAEMON_ATTACH_INTERFACES_H
#define SLASH64_DAEMON_ATTACH_INTERFACES_H

#include "daemon/attach/xdp/xdp_attach.h"
#include "config/config.h"
#include "daemon/stats/counters.h"
#include "daemon/store/log/actor.h"
#include "daemon/store/store.h"
#include "maps/maps.h"

struct iface {
	char name[S64_IFACE_NAME_MAX];
	enum config_mode mode; /* what was requested; what is in force is in `attachment` */
	struct policy policy;
	bool from_config;
	bool ipv4_enforce;
	bool attached; /* as far as we know */
	bool unwanted; /* by the configuration that is coming into force */
	/* no longer wanted, but its program could not be detached, which is retried: `failure`; it
	 * is unwanted until somebody wants it again
	 */
	bool leaving;
	/* the attached program is of another version or other maps: the start could not replace it
	 */
	bool outdated;
	uint32_t slot;
	/* the interface it should be on, found by ifaces_decide(); 0: there is none */
	unsigned int target;
	struct attachment attachment; /* zeros if not attached */
	int program_fd;		      /* held, so that it can be pinned again; or -1 */
	/* of the program on an interface that is gone, perhaps to another namespace; or -1 */
	int gone_fd;
	/* during a start: it has attached a program where there was none; the replaced program, as
	 * it was
	 */
	bool fresh;
	struct attachment before; /* zeros: nothing */
	int before_fd;		  /* of its program; or -1 */
	struct s64_iface_slot before_slot;
	struct counters_rate rate;
	/* of repairs */
	char master[IF_NAMESIZE], renamed[IF_NAMESIZE]; /* "" for none */
	char failure[ERROR_TEXT_MAX];			/* the last one reported */
	int64_t retry_at, retry_s;			/* CLOCK_MONOTONIC seconds */
	uint64_t repairs;
	/* milliseconds since 1970, since when it is not attached; 0: it is attached */
	int64_t lost_ms;
};

/* In the configuration, and detached by hand (interfaces_detached.h). */
struct iface_detached {
	char name[S64_IFACE_NAME_MAX]; /* "": none */
	char by[ACTOR_NAME_MAX];
	int64_t at_ms; /* since 1970 */
};

struct ifaces {
	struct iface *entry[S64_IFACES_MAX]; /* by slot; NULL is free */
	struct maps *maps;
	struct store *store;
	char programs[CONFIG_PATH_MAX + 16]; /* the directory of the programs' pins */
	/* CLOCK_MONOTONIC: since when a program may be on an interface without an owner; 0: none is
	 */
	int64_t orphans_s;
	int64_t sweep_at_s; /* not before: one of them could not be detached */
	struct iface_detached detached[S64_IFACES_MAX];
	bool starting; /* replaced programs are held until ifaces_started() */
	/* called before the counters of a slot begin anew; NULL: nobody wants to know */
	void (*begins_anew)(void *data, uint32_t slot);
	void *begins_anew_data;
};

int ifaces_init(struct ifaces *ifaces, struct maps *maps, struct store *store, const char *pins,
		struct error *error);
void ifaces_free(struct ifaces *ifaces);

/* May this configuration replace the one in force? Refused are a duplicate name, and a new one that
 * does not exist and never did, because it may be misspelt.
 */
int ifaces_check(const struct ifaces *ifaces, const struct config *config,
		 const struct config *in_force, struct error *error);

/* Brings the interfaces to the configuration and the store, as one change, with everything else
 * that belongs to it. After preparation, every new entry has its program, beside what is in force,
 * and its rows are in the log. A new entry that cannot be attached fails all of it; a missing
 * interface is waited for. -errno: everything is as before. `config` must live until one of the two
 * following functions has freed the change.
 */
struct ifaces_change;
int ifaces_prepare(struct ifaces *ifaces, const struct actor *actor, const struct config *config,
		   struct ifaces_change **change, struct error *error);

/* The same for the first configuration of a run. Interfaces that exist are filtered, whatever
 * happens to the others: a failed attach is retried. -errno only if nothing would be filtered at
 * all, and no earlier run was on any of them.
 */
int ifaces_prepare_start(struct ifaces *ifaces, const struct actor *actor,
			 const struct config *config, struct ifaces_change **change,
			 struct error *error);

/* Policies change to those of the configuration, and unwanted programs are detached: if one cannot
 * be, its entry stays, and that is retried. Returns how many were attached or detached.
 */
int ifaces_commit(struct ifaces_change *change);

/* Everything is as before, including what had been detached by hand. The caller rolls back the rows
 * of the log first.
 */
void ifaces_undo(struct ifaces_change *change);

/* The start has succeeded, and what it replaced is no longer needed. */
void ifaces_started(struct ifaces *ifaces);

/* The start has failed: what it replaced is restored, and what it attached where there was nothing
 * is detached.
 */
void ifaces_undo_start(struct ifaces *ifaces);

/* The error of a name that none is attached by: -ENOENT, with the nearest name of a link. */
int ifaces_not_attached(const char *name, struct error *error);

/* By hand; kept in the store until ifaces_detach(), also for an interface of the configuration,
 * whose mode and filter are then these. filter -1: as the policy says; MODE_AUTO: as the
 * configuration says, if it contains the interface.
 */
int ifaces_attach(struct ifaces *ifaces, const struct actor *actor, const struct config *config,
		  const char *name, enum config_mode mode, int filter, struct iface **out,
		  struct error *error);
/* May it be attached to, as far as can be said before it is tried? */
int ifaces_attach_check(const struct ifaces *ifaces, const struct config *config, const char *name,
			struct error *error);
/* The same as a part of the caller's transaction. If that is rolled back, ifaces_back() follows.
 * refused: the kernel refuses it, nothing was changed, and the transaction may go on without.
 */
int ifaces_attach_part(struct ifaces *ifaces, const struct actor *actor,
		       const struct config *config, const char *name, enum config_mode mode,
		       int filter, bool *refused, struct error *error);
/* Is it attached by hand just so, and would ifaces_attach() change nothing? */
bool ifaces_is_by_hand(struct ifaces *ifaces, const char *name, enum config_mode mode, int filter);
/* By any of its names; `why` is for the log. If the kernel refuses it, nothing has changed. */
struct blocks_why;
int ifaces_detach(struct ifaces *ifaces, const struct actor *actor, const char *name,
		  const struct blocks_why *why, struct error *error);
/* The transaction of either of them was rolled back: restores the previous state. Logs nothing. */
void ifaces_back(struct ifaces *ifaces, const struct actor *actor, const struct config *config,
		 const char *name, bool was_attached);

/* By the name it is known by. */
struct iface *ifaces_find(const struct ifaces *ifaces, const char *name);
/* By that, or by any name of its interface. */
struct iface *ifaces_find_any(const struct ifaces *ifaces, const char *name);

/* The state in the words of status and metrics: "none" if nothing is attached. */
const char *iface_state_word(const struct iface *iface);
const char *iface_mode_word(const struct iface *iface);
const char *iface_method_word(const struct iface *iface);

/* Checks that every interface is as it should be, and repairs it. */
void ifaces_repair(struct ifaces *ifaces);

/* Detaches what earlier runs have left where it is no longer wanted. */
void ifaces_sweep(struct ifaces *ifaces);

/* Takes the sums of counters that rates are computed from. */
void ifaces_tick(struct ifaces *ifaces);

/* Detaches everywhere; removes the pins of the programs too. Returns how many interfaces could not
 * be detached from: these stay as they are.
 */
unsigned int ifaces_detach_all(struct ifaces *ifaces);

#endif
