/* SPDX-License-Identifier: GPL-2.0-only */
/* What the log keeps for who takes a change back (undo_text.h). */
#ifndef SLASH64_DAEMON_STORE_UNDO_H
#define SLASH64_DAEMON_STORE_UNDO_H

#include "audit_log.h"

/* The number of the last change of a user that can be taken back, and has not been; 0 where there is none. */
int64_t store_undo_last(struct store *store, int64_t uid);

/* The rows of a change, the last first: at most `limit` of those below a number. Returns how many, or -errno. The texts are
 * valid in the callback.
 */
typedef bool (*store_undo_each_t)(const struct store_change *change, void *data);
int store_undo_rows(struct store *store, int64_t batch, int64_t below, unsigned int limit,
		    store_undo_each_t each, void *data, struct error *error);

/* The last change of a user behind that number that changed something and cannot be taken back: 1, or 0 where there is
 * none. Texts are valid in the callback.
 */
int store_undo_never_last(struct store *store, int64_t uid, int64_t behind, store_undo_each_t each,
			  void *data, struct error *error);

/* Who changed an entry last behind a row of the log; false where the log does not tell. */
bool store_undo_later(struct store *store, const struct prefix *prefix, const char *origin,
		      int64_t number, struct store_change *change, char action[32]);

/* It is taken back. */
int store_undo_done(struct store *store, int64_t batch, struct error *error);
/* It can be, unless something of it cannot. */
int store_undo_can(struct store *store, int64_t batch, struct error *error);
/* It cannot be. */
int store_undo_never(struct store *store, int64_t batch, struct error *error);

#endif
