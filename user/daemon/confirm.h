/* SPDX-License-Identifier: GPL-2.0-only */
/* A configuration that is reverted unless somebody confirms it in time (BIRD: configure timeout,
 * configure confirm). The previous one is in the store, so it also returns after a kill and a
 * restart.
 */
#ifndef SLASH64_DAEMON_CONFIRM_H
#define SLASH64_DAEMON_CONFIRM_H

#include <stdbool.h>

#include "daemon/store/log/actor.h"
#include "daemon/store/tables/store_unconfirmed.h"

struct config;
struct confirm;
struct daemon;
struct event_base;

/* What a reload writes about it, in the same transaction. */
struct confirm_plan {
	bool puts, removes;
	bool returns;			 /* nobody is there to be told of a refused entry */
	struct store_unconfirmed record; /* its position */
	const char *detail;		 /* in the log */
};

/* First of all: if the file still contains a configuration that was not confirmed in time, *config
 * becomes the one before it.
 */
int confirm_before_start(struct config *config, struct error *error);
/* Waits for the confirmation that the store tells of. */
int confirm_start(struct confirm **confirm, struct daemon *daemon, struct error *error);
void confirm_stop(struct confirm *confirm);

/* for_ms 0: a permanent reload. -EBUSY if another one is waiting, and this one is permanent. */
int confirm_plan_reload(struct daemon *daemon, const struct actor *actor,
			const struct config *fresh, int64_t for_ms, struct confirm_plan *plan,
			struct error *error);
int confirm_plan_write(struct daemon *daemon, const struct confirm_plan *plan, struct error *error);
void confirm_plan_free(struct confirm_plan *plan);
/* It is in force. */
void confirm_take_up(struct daemon *daemon);

/* Confirms. -ENOENT if nothing is waiting. */
int confirm_yes(struct daemon *daemon, const struct actor *actor, struct error *error);

/* A configuration that waits to be confirmed, or was not in time. */
struct confirm_state {
	int64_t until_ms; /* since 1970 */
	const char *who;  /* whose change it is; valid until the next one */
	bool returned;	  /* the configuration before is back */
	/* why the configuration before cannot return, and since when; NULL: it was not tried, or is back */
	const char *failure;
	int64_t failed_ms;
};

/* False where there is none. */
bool confirm_state(const struct daemon *daemon, struct confirm_state *state);

#endif
