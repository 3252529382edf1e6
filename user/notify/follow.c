// SPDX-License-Identifier: GPL-2.0-only
/* The log of slash64d, into the queue: from where it stopped, over every restart of either side. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "client/client.h"
#include "notify.h"

#define QUERY_MAX     128
#define PAUSE_MS      1000
#define FULL_PAUSE_MS 200

struct following {
	struct notify *notify;
	int64_t position;
	struct error *error;
};

/* Waits as long as the queue is full; slash64d cuts the line off meanwhile, and keeps its log. */
static int add(struct following *following, int64_t number, const char *line)
{
	struct notify *notify = following->notify;
	int err;

	while ((err = queue_add(notify->queue, number, line, following->error)) == -ENOSPC) {
		if (!atomic_exchange(&notify->is_full, true))
			log_warning("%s: receivers have to take some first; slash64d keeps the "
				    "other changes in its log",
				    following->error->text);
		if (notify_stops(notify))
			return -EINTR;
		notify_wait(notify, FULL_PAUSE_MS);
	}
	if (err)
		return err;
	notify->is_full = false;
	notify->changes++;
	following->position = number;
	notify_wake(notify);
	return 0;
}

static int take_line(const char *line, void *data)
{
	struct following *following = data;
	json_t *change, *number;
	int err = 0;

	following->notify->contact_s = time(NULL);
	if (!line[0])
		return 0; /* slash64d is still there */
	change = client_decode(line);
	number = json_object_get(change, "number");
	if (!change)
		err = -EPROTO;
	else if (client_failure(change, following->error))
		err = -EREMOTEIO;
	else if (json_is_integer(number))
		err = add(following, json_integer_value(number), line);
	else if (json_object_get(change, "lost"))
		err = add(following, following->position, line);
	json_decref(change);
	return err;
}

/* --- where to begin --- */

static int keep_number(const char *line, void *data)
{
	json_t *change = client_decode(line);

	*(int64_t *)data = json_integer_value(json_object_get(change, "number"));
	json_decref(change);
	return 0;
}

static int last_number(const struct notify *notify, int64_t *number, struct error *error)
{
	*number = 0;
	return client_request(notify->settings.socket, "/v1/log?reverse=1&limit=1", keep_number,
			      number, error);
}

/* Which log it is; "" for a slash64d that does not say. */
int log_identity(const struct notify *notify, char log[QUEUE_LOG_MAX], struct error *error)
{
	json_t *root = client_object(notify->settings.socket, "GET", "/v1", NULL, "version", error);
	const char *text = json_string_value(json_object_get(root, "log"));

	if (!root)
		return -EREMOTEIO;
	snprintf(log, QUEUE_LOG_MAX, "%s", text ? text : "");
	json_decref(root);
	return 0;
}

/* The first time, what comes from now on. If the log is another one, or has fewer changes than we
 * have seen, it was lost, and began anew: all of it is new. An empty one may only be pruned; then
 * slash64d refuses our position if it never got that far.
 */
static int find_position(struct notify *notify, bool was_refused, int64_t *position,
			 char log[QUEUE_LOG_MAX], struct error *error)
{
	char before[QUEUE_LOG_MAX];
	int64_t last;
	int err = queue_position(notify->queue, position, before, error);

	if (!err)
		err = log_identity(notify, log, error);
	if (!err)
		err = last_number(notify, &last, error);
	if (err)
		return err;
	if ((*before && strcmp(before, log)) || (*position > last && (last || was_refused))) {
		log_warning("the log of slash64d began anew: all of it is told");
		*position = 0;
	} else if (*position < 0) {
		*position = last;
	} else if (!strcmp(before, log)) {
		return 0;
	}
	return queue_set_position(notify->queue, *position, log, error);
}

/* Until the connection ends, with the reason in *error. */
static int follow(struct notify *notify, struct client *client, bool was_refused,
		  struct error *error)
{
	struct following following = {.notify = notify, .error = error};
	char path[QUERY_MAX], log[QUEUE_LOG_MAX];
	int err = find_position(notify, was_refused, &following.position, log, error);

	if (err)
		return err;
	/* it may be another one by now */
	snprintf(path, sizeof(path), "/v1/log?follow=1&after=%" PRId64 "%s%s", following.position,
		 *log ? "&log=" : "", log);
	err = client_list(client, path, take_line, &following, error);
	return err ? err : error_set(error, -EPIPE, "slash64d has ended");
}

void *follow_log(void *data)
{
	struct notify *notify = data;
	struct client *client = NULL;
	bool was_refused = false;
	char told[ERROR_TEXT_MAX] = "";
	struct error error;

	while (!notify_stops(notify)) {
		int64_t contact_s = notify->contact_s;
		int err = client_open(&client, notify->settings.socket, &error);

		if (!err) {
			client_stop_at(client, notify_stops, notify);
			err = follow(notify, client, was_refused, &error);
			was_refused = err == -EREMOTEIO;
			client_close(client);
		}
		if (notify_stops(notify))
			break;
		/* the same thing is told once, until it went well again */
		if (contact_s != notify->contact_s)
			told[0] = '\0';
		if (err && strcmp(told, error.text)) {
			log_warning("%s; it is tried again", error.text);
			snprintf(told, sizeof(told), "%s", error.text);
		}
		notify_wait(notify, PAUSE_MS);
	}
	return NULL;
}
