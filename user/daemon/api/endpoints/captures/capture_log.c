// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "captures_internal.h"
#include "daemon/daemon.h"
#include "daemon/loop/changes.h"

struct capture_row {
	struct daemon *daemon;
	uint64_t number; /* of the capture, which may have ended */
	struct actor actor;
	int64_t first_row;
	char said[CAPTURE_FILTER_TEXT_MAX];
};

static int log_row(struct capture_row *row, struct error *error)
{
	struct store *store = row->daemon->store;
	struct store_change change = {.action = "capture",
				      .detail = *row->said ? row->said : "everything",
				      .is_nothing = true};
	int err = store_begin(store, error);

	if (err)
		return err;
	err = store_log_add(store, &row->actor, &change, error);
	if (!err)
		err = store_commit(store, error);
	else
		store_rollback(store);
	return err;
}

/* What cannot be written down is not done, or no longer. */
static void write_row(void *data)
{
	struct capture_row *row = data;
	struct capture_session *session = row->daemon->capture;
	struct error error;
	int err = log_row(row, &error);

	if (err && session && session->number == row->number) {
		session->log_err = err;
		session->log_error = error;
		if (session->is_answered) {
			log_warning("the capture of %s has ended, as it could not be logged: %s",
				    session->by, error.text);
			capture_session_end(session);
		}
	}
	free(row);
}

struct capture_row *capture_row_new(const struct capture_session *session,
				    const struct actor *actor, const char *said)
{
	struct capture_row *row = calloc(1, sizeof(*row));

	if (!row)
		return NULL;
	row->daemon = session->daemon;
	row->number = session->number;
	row->actor = *actor;
	row->actor.first_row = &row->first_row;
	row->actor.caller = NULL; /* this is later than the request */
	snprintf(row->said, sizeof(row->said), "%s", said);
	return row;
}

int capture_log(struct capture_session *session, struct error *error)
{
	struct capture_row *row = session->row;

	session->row = NULL;
	changes_run(session->daemon->changes, write_row, row);
	if (session->log_err)
		*error = session->log_error;
	return session->log_err;
}
