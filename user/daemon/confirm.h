/* SPDX-License-Identifier: GPL-2.0-only */
/* A configuration that holds for a while, and then only if somebody confirms it (BIRD: configure timeout, configure
 * confirm). The one before is in the store, so that it returns after a kill and a restart as well.
 */
#ifndef SLASH64_DAEMON_CONFIRM_H
#define SLASH64_DAEMON_CONFIRM_H

#include <stdbool.h>

#include "daemon/store/store_unconfirmed.h"

struct config;
struct confirm;
struct daemon;
struct event_base;

/* What a reload does about it, written as one with it. */
struct confirm_plan {
	bool puts, removes;
	struct store_unconfirmed record; /* where it puts */
	const char *detail;		 /* of the log */
};

/* Before all else: where the file still has what was not confirmed in time, *config becomes the one before it. */
int confirm_before_start(struct config *config, struct error *error);
/* What the store says is waited for. */
int confirm_start(struct confirm **confirm, struct daemon *daemon, struct error *error);
void confirm_stop(struct confirm *confirm);

/* for_ms 0: a reload that holds. -EBUSY where another waits, and this one does not. */
int confirm_plan_reload(struct daemon *daemon, const struct config *fresh, int64_t for_ms,
			struct confirm_plan *plan, struct error *error);
int confirm_plan_write(struct daemon *daemon, const struct confirm_plan *plan, struct error *error);
void confirm_plan_free(struct confirm_plan *plan);
/* It has taken force. */
void confirm_take_up(struct daemon *daemon);

/* Yes. -ENOENT where nothing waits. */
int confirm_yes(struct daemon *daemon, struct error *error);

/* A configuration that waits to be confirmed, or was not in time. */
struct confirm_state {
	int64_t until_ms; /* since 1970 */
	const char *who;  /* whose change it is; valid until the next one */
	bool returned;	  /* the configuration before is back */
};

/* False where there is none. */
bool confirm_state(const struct daemon *daemon, struct confirm_state *state);

#endif
