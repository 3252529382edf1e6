// SPDX-License-Identifier: GPL-2.0-only
/* Changes out of the queue, to one receiver: in order, each until it has it. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/text/when.h"
#include "client/client.h"
#include "messages.h"
#include "notify.h"
#include "sender.h"

#define IDLE_MS	     1000
#define BACKOFF_MIN  1000 /* ms */
#define BACKOFF_MAX  60000
#define REFUSALS_MAX 3 /* of one message, before the next one has its turn */

/* A message that is on its way. */
struct message {
	int64_t place, number; /* in the queue, and of the change; 0: none */
	json_t *change;
	char key[QUEUE_KEY_MAX], thread[QUEUE_KEY_MAX];
	bool was_refused; /* for good */
};

static char *write_message(const struct delivery *delivery, const struct message *message)
{
	const struct receiver *to = delivery->receiver;
	const char *host = delivery->notify->host;
	const struct mail_message mail = {.from = to->mail.from,
					  .host = host,
					  .receiver = to,
					  .id = message->key,
					  .thread = message->thread};

	switch (to->kind) {
	case RECEIVER_WEBHOOK:
		return to->webhook.format == WEBHOOK_ECS ? message_ecs(message->change, host) :
							   message_json(message->change);
	case RECEIVER_SYSLOG:
		return message_syslog(message->change, to->syslog.facility, to->syslog.format,
				      host);
	default:
		return message_mail(message->change, &mail);
	}
}

/* A random part keeps many senders from coming back at once. */
static int64_t backoff(int64_t before_ms)
{
	int64_t next_ms = before_ms ? 2 * before_ms : BACKOFF_MIN;

	if (next_ms > BACKOFF_MAX)
		next_ms = BACKOFF_MAX;
	return next_ms - random() % (next_ms / 4);
}

/* True: it has it, or refuses it for good. False: the program ends. */
static bool send_until_done(struct delivery *delivery, struct sender *sender,
			    struct message *message, const char *text)
{
	const char *name = delivery->receiver->name;
	int64_t pause_ms = 0;
	int refusals = 0;
	struct error error;

	while (!notify_stops(delivery->notify)) {
		enum sent sent = sender_send(sender, text, strlen(text), message->key, &error);

		if (sent == SENT_DONE) {
			if (pause_ms)
				log_info("%s takes changes again", name);
			delivery->delivered++;
			delivery->last_s = time(NULL);
			return true;
		}
		if (notify_stops(delivery->notify))
			return false;
		delivery->failed++;
		if (sent == SENT_REFUSED && ++refusals == REFUSALS_MAX) {
			log_error("%s refuses a change, which it is not told: %s", name,
				  error.text);
			delivery->refused++;
			message->was_refused = true;
			return true;
		}
		if (!pause_ms)
			log_warning("%s takes nothing: %s; it is tried again", name, error.text);
		pause_ms = backoff(pause_ms);
		for (int64_t left_ms = pause_ms; left_ms > 0 && !notify_stops(delivery->notify);
		     left_ms -= IDLE_MS) {
			struct timespec part = {.tv_sec = IDLE_MS / 1000};

			if (left_ms < IDLE_MS)
				part = (struct timespec){.tv_nsec = left_ms * 1000000};
			nanosleep(&part, NULL);
		}
	}
	return false;
}

/* --- incidents: a mail is for a person, who is told once --- */

static bool is_repeated(struct delivery *delivery, struct message *message)
{
	const char *prefix = message_text(message->change, "prefix");
	int64_t since_s = time(NULL) - delivery->receiver->mail.incident_ms / 1000;
	struct error error;

	message->thread[0] = '\0';
	if (delivery->receiver->kind != RECEIVER_MAIL || !prefix)
		return false;
	/* the row of the block follows */
	if (!strcmp(message_action(message->change), "apply") &&
	    !delivery->receiver->only.actions.count)
		return true;
	return !queue_was_told(delivery->notify->queue, delivery->receiver->name, prefix,
			       message_action(message->change), since_s, message->thread, &error);
}

static void note_told(struct delivery *delivery, const struct message *message)
{
	const char *prefix = message_text(message->change, "prefix");
	struct error error;

	if (delivery->receiver->kind == RECEIVER_MAIL && prefix &&
	    queue_told(delivery->notify->queue, delivery->receiver->name, prefix,
		       message_action(message->change), message->key, time(NULL), &error))
		log_warning("%s", error.text);
}

/* --- one change --- */

/* False: the program ends, and the change is still in the queue. */
static bool deliver(struct delivery *delivery, struct sender *sender, struct message *message)
{
	bool is_done;
	char *text;

	if (!message_matches(&delivery->receiver->only, message->change)) {
		delivery->filtered++;
		return true;
	}
	if (is_repeated(delivery, message)) {
		delivery->repeated++;
		return true;
	}
	text = write_message(delivery, message);
	is_done = text && send_until_done(delivery, sender, message, text);
	free(text);
	if (is_done && !message->was_refused)
		note_told(delivery, message);
	return is_done;
}

/* The same for the same change, also after a kill, and wherever it was read: a receiver can tell that
 * it has it. Numbers begin anew with the log, times do not.
 */
static void name_message(const struct delivery *delivery, struct message *message)
{
	const char *host = delivery->notify->host, *time = message_text(message->change, "time");
	int64_t at_us;

	if (message->number && time && !when_parse_exact(time, &at_us))
		snprintf(message->key, sizeof(message->key),
			 "slash64.%" PRId64 ".%" PRId64 "@%.128s", message->number, at_us / WHEN_MS,
			 host);
	else
		snprintf(message->key, sizeof(message->key), "slash64.lost.%" PRId64 "@%.128s",
			 message->place, host);
}

static void take(struct message *message, json_t *change)
{
	message->change = change;
	message->number = json_integer_value(json_object_get(change, "number"));
}

/* False: there was nothing to deliver. */
static bool deliver_queued(struct delivery *delivery, struct sender *sender)
{
	struct notify *notify = delivery->notify;
	const char *name = delivery->receiver->name;
	struct message message = {};
	char *text = NULL;
	struct error error;
	int err = queue_next(notify->queue, name, &message.place, &text, &error);

	if (err < 0)
		log_warning("%s", error.text);
	if (err)
		return false;
	take(&message, json_loads(text, 0, NULL));
	free(text);
	name_message(delivery, &message);
	if (!message.change || deliver(delivery, sender, &message)) {
		if (queue_done(notify->queue, name, message.place, message.number, &error))
			log_warning("%s", error.text);
		if (notify->is_full)
			notify_wake(notify);
	}
	json_decref(message.change);
	return true;
}

/* --- what the queue had no room for --- */

#define GAP_LINES    50 /* read at a time */
#define GAP_PATH_MAX 160

static int gather_line(const char *line, void *data)
{
	json_t *change = client_decode(line);
	int err = change && json_is_integer(json_object_get(change, "number")) ? 0 : -EPROTO;

	if (!err)
		err = json_array_append(data, change) ? -ENOMEM : 0;
	json_decref(change);
	return err;
}

/* 1: it is not there any more. */
static int read_gap(const struct notify *notify, const struct queue_gap *gap, json_t *changes,
		    struct error *error)
{
	char path[GAP_PATH_MAX], log[QUEUE_LOG_MAX];
	int err = log_identity(notify, log, error);

	if (err)
		return err;
	if (strcmp(log, gap->log))
		return 1;
	snprintf(path, sizeof(path), "/v1/log?after=%" PRId64 "&limit=%d%s%s", gap->from, GAP_LINES,
		 *log ? "&log=" : "", log);
	return client_request(notify->settings.socket, path, gather_line, changes, error);
}

/* False: the program ends. */
static bool deliver_one(struct delivery *delivery, struct sender *sender, json_t *change,
			int64_t up_to)
{
	struct message message = {.place = up_to};
	struct error error;
	bool is_done;

	take(&message, change);
	name_message(delivery, &message);
	is_done = deliver(delivery, sender, &message);
	if (is_done &&
	    queue_gap_done(delivery->notify->queue, delivery->receiver->name, up_to, &error))
		log_warning("%s", error.text);
	return is_done;
}

static bool deliver_lost(struct delivery *delivery, struct sender *sender, int64_t count,
			 int64_t up_to)
{
	json_t *change = json_pack("{s:I}", "lost", (json_int_t)count);
	bool is_done = change && deliver_one(delivery, sender, change, up_to);

	json_decref(change);
	return is_done;
}

static void deliver_gap(struct delivery *delivery, struct sender *sender,
			const struct queue_gap *gap)
{
	json_t *changes = json_array(), *change;
	int64_t told = gap->from, number = 0;
	struct error error;
	size_t i;
	int err = changes ? read_gap(delivery->notify, gap, changes, &error) : -ENOMEM;

	if (err < 0) {
		notify_wait(delivery->notify, IDLE_MS);
		json_decref(changes);
		return;
	}
	json_array_foreach (changes, i, change) {
		number = json_integer_value(json_object_get(change, "number"));
		if (number > gap->to)
			break;
		if (number > told + 1 &&
		    !deliver_lost(delivery, sender, number - told - 1, number - 1))
			break;
		if (!deliver_one(delivery, sender, change, number))
			break;
		told = number;
	}
	/* the log was pruned up to here, or is another one */
	if (!notify_stops(delivery->notify) && told < gap->to &&
	    (err || !json_array_size(changes) || number > gap->to))
		deliver_lost(delivery, sender, gap->to - told, gap->to);
	json_decref(changes);
}

/* --- its life --- */

static void deliver_next(struct delivery *delivery, struct sender *sender)
{
	struct notify *notify = delivery->notify;
	struct queue_gap gap;
	struct error error;
	int err = queue_gap(notify->queue, delivery->receiver->name, &gap, &error);

	if (!err)
		deliver_gap(delivery, sender, &gap);
	else if (err < 0 || !deliver_queued(delivery, sender))
		notify_wait(notify, IDLE_MS);
}

void *deliver_changes(void *data)
{
	struct delivery *delivery = data;
	struct sender *sender = sender_open(delivery->receiver, notify_stops, delivery->notify);

	if (!sender)
		log_error("out of memory: %s is not told anything", delivery->receiver->name);
	while (sender && !notify_stops(delivery->notify))
		deliver_next(delivery, sender);
	sender_close(sender);
	return NULL;
}
