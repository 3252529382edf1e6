/* SPDX-License-Identifier: GPL-2.0-only */
/* Hands one message over to a receiver, over a connection that is kept as long as it works. A sender
 * belongs to one thread.
 */
#ifndef SLASH64_NOTIFY_SENDER_H
#define SLASH64_NOTIFY_SENDER_H

#include <stdbool.h>
#include <stddef.h>

#include "settings.h"

#define SENDER_CONNECT_MS 5000L
#define SENDER_TOTAL_MS	  30000L

enum sent {
	SENT_DONE,
	SENT_FAILED,  /* try again: the receiver is away, slow, or does not let us in */
	SENT_REFUSED, /* the receiver understood, and does not want this message */
};

/* True: give up, the program ends. Called several times a second during a transfer. */
typedef bool (*sender_stop_t)(void *data);

struct sender;

struct sender *sender_open(const struct receiver *receiver, sender_stop_t stop, void *data);
void sender_close(struct sender *sender);

/* `key` names the message, for receivers that compare. On failure *error says what failed. */
enum sent sender_send(struct sender *sender, const char *text, size_t bytes, const char *key,
		      struct error *error);

#endif
