/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files that send: sender.c, webhook.c, syslog.c, smtp.c. */
#ifndef SLASH64_NOTIFY_SENDER_INTERNAL_H
#define SLASH64_NOTIFY_SENDER_INTERNAL_H

#include <curl/curl.h>

#include "sender.h"

struct sender {
	const struct receiver *receiver;
	sender_stop_t stop;
	void *stop_data;
	CURL *curl;	/* kept between messages: it keeps the connection */
	bool connected; /* of syslog over TCP */
	int udp;	/* -1: no socket */
};

/* Options that all transfers have: times, certificates, the end of the program. */
void sender_prepare(struct sender *sender, const char *url);

enum sent webhook_send(struct sender *sender, const char *text, size_t bytes, const char *key,
		       struct error *error);
enum sent syslog_send(struct sender *sender, const char *text, size_t bytes, struct error *error);
void syslog_close(struct sender *sender);
enum sent smtp_send(struct sender *sender, const char *text, size_t bytes, struct error *error);

#endif
