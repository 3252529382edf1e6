// SPDX-License-Identifier: GPL-2.0-only
#include "sender_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/protocols.h"

struct sender *sender_open(const struct receiver *receiver, sender_stop_t stop, void *data)
{
	struct sender *sender = calloc(1, sizeof(*sender));

	if (!sender)
		return NULL;
	sender->receiver = receiver;
	sender->stop = stop;
	sender->stop_data = data;
	sender->udp = -1;
	sender->curl = curl_easy_init();
	if (!sender->curl) {
		free(sender);
		return NULL;
	}
	return sender;
}

void sender_close(struct sender *sender)
{
	if (!sender)
		return;
	syslog_close(sender);
	curl_easy_cleanup(sender->curl);
	free(sender);
}

static int on_progress(void *user, curl_off_t down_max, curl_off_t down, curl_off_t up_max,
		       curl_off_t up)
{
	struct sender *sender = user;

	return sender->stop(sender->stop_data);
}

/* What a receiver answers is not looked at, beyond its status. */
static size_t ignore(char *data, size_t size, size_t count, void *user)
{
	return size * count;
}

void sender_prepare(struct sender *sender, const char *url)
{
	CURL *curl = sender->curl;

	curl_easy_reset(curl); /* options only: the connection is kept */
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, SENDER_CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, SENDER_TOTAL_MS);
	protocols_allow(curl, "http,https,smtp,smtps", "http,https");
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "slash64-notify/" SLASH64_VERSION);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, sender);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	if (sender->receiver->ca[0])
		curl_easy_setopt(curl, CURLOPT_CAINFO, sender->receiver->ca);
}

enum sent sender_send(struct sender *sender, const char *text, size_t bytes, const char *key,
		      struct error *error)
{
	switch (sender->receiver->kind) {
	case RECEIVER_WEBHOOK:
		return webhook_send(sender, text, bytes, key, error);
	case RECEIVER_SYSLOG:
		return syslog_send(sender, text, bytes, error);
	default:
		return smtp_send(sender, text, bytes, error);
	}
}
