/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration before one that waits for its confirmation, and what is known about that one.
 */
#ifndef SLASH64_DAEMON_STORE_TABLES_STORE_UNCONFIRMED_H
#define SLASH64_DAEMON_STORE_TABLES_STORE_UNCONFIRMED_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/store/log/actor.h"
#include "daemon/store/store.h"

struct store_unconfirmed {
	char *before; /* the text; free with store_unconfirmed_free() */
	size_t bytes;
	uint64_t digest;	  /* of the text that waits, or was not confirmed */
	int64_t until_ms;	  /* 0: it was not confirmed, and the previous one is in force */
	char who[ACTOR_NAME_MAX]; /* who reloaded */
};

/* -ENOENT if there is none. */
int store_unconfirmed_get(struct store *store, struct store_unconfirmed *record,
			  struct error *error);
/* The same for a store that is not open yet. */
int store_unconfirmed_peek(const char *directory, struct store_unconfirmed *record);
int store_unconfirmed_put(struct store *store, const struct store_unconfirmed *record,
			  struct error *error);
int store_unconfirmed_remove(struct store *store, struct error *error);
void store_unconfirmed_free(struct store_unconfirmed *record);

#endif
