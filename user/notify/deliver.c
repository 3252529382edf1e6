// SPDX-License-Identifier: GPL-2.0-only
/* Changes out of the queue, to one receiver: in order, each until it has it. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "messages.h"
#include "notify.h"
#include "sender.h"

#define IDLE_MS	     1000
#define BACKOFF_MIN  1000 /* ms */
#define BACKOFF_MAX  60000
#define REFUSALS_MAX 3 /* of one message, before the next one has its turn */

/* A message that is on its way. */
struct message {
	int64_t place;
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

/* The same for the same change, also after a kill: a receiver can tell that it has it. */
static void name_message(const struct delivery *delivery, struct message *message)
{
	snprintf(message->key, sizeof(message->key),
		 "slash64.%" JSON_INTEGER_FORMAT ".%" PRId64 "@%.128s",
		 json_integer_value(json_object_get(message->change, "number")), message->place,
		 delivery->notify->host);
}

static void deliver_next(struct delivery *delivery, struct sender *sender)
{
	struct notify *notify = delivery->notify;
	const char *name = delivery->receiver->name;
	struct message message = {};
	char *text = NULL;
	struct error error;
	int err = queue_next(notify->queue, name, &message.place, &text, &error);

	if (err < 0)
		log_warning("%s", error.text);
	if (err) {
		notify_wait(notify, IDLE_MS);
		return;
	}
	message.change = json_loads(text, 0, NULL);
	free(text);
	name_message(delivery, &message);
	if (!message.change || deliver(delivery, sender, &message)) {
		if (queue_done(notify->queue, name, message.place, &error))
			log_warning("%s", error.text);
		if (notify->is_full)
			notify_wake(notify);
	}
	json_decref(message.change);
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
