/* SPDX-License-Identifier: GPL-2.0-only */
/* What the log keeps to undo a change (undo_text.h). */
#ifndef SLASH64_DAEMON_STORE_LOG_STORE_UNDO_H
#define SLASH64_DAEMON_STORE_LOG_STORE_UNDO_H

#include "audit_log.h"

/* The number of a person's last change that can be undone and was not; 0 if there is none. */
int64_t store_undo_last(struct store *store, const struct actor *actor);

/* The rows of a change, the last first: at most `limit` with smaller numbers than that. Returns how
 * many, or -errno. The texts are valid in the callback.
 */
typedef bool (*store_undo_each_t)(const struct store_change *change, void *data);
int store_undo_rows(struct store *store, int64_t batch, int64_t below, unsigned int limit,
		    store_undo_each_t each, void *data, struct error *error);

/* The person's last change after that number that changed something and cannot be undone: 1, or 0 if
 * there is none. Texts are valid in the callback.
 */
int store_undo_never_last(struct store *store, const struct actor *actor, int64_t behind,
			  store_undo_each_t each, void *data, struct error *error);

/* Who changed an entry last after a row of the log; false if the log does not tell. */
bool store_undo_later(struct store *store, const struct prefix *prefix, const char *origin,
		      int64_t number, struct store_change *change, char action[32]);

/* Marks a change as undone. */
int store_undo_done(struct store *store, int64_t batch, struct error *error);
/* Marks it as undoable, unless a part of it is not. */
int store_undo_can(struct store *store, int64_t batch, struct error *error);
/* Marks it as not undoable. */
int store_undo_never(struct store *store, int64_t batch, struct error *error);

#endif
