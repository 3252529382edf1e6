// SPDX-License-Identifier: GPL-2.0-only
/* A POST for each change. */
#include <stdio.h>
#include <string.h>

#include "sender_internal.h"
#include "service/secret.h"

#define HEADER_MAX 4096
#define TOKEN_MAX  3900

/* Takes over the list; NULL if out of memory, or if it was NULL. */
static struct curl_slist *add(struct curl_slist *headers, const char *line)
{
	struct curl_slist *more = headers ? curl_slist_append(headers, line) : NULL;

	if (!more)
		curl_slist_free_all(headers);
	return more;
}

static struct curl_slist *make_headers(const struct receiver *receiver, const char *key,
				       struct error *error)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	char line[HEADER_MAX], token[TOKEN_MAX];

	headers = add(headers, "Expect:");
	snprintf(line, sizeof(line), "Idempotency-Key: %s", key);
	headers = add(headers, line);
	if (receiver->webhook.token_file[0]) {
		if (secret_read(receiver->webhook.token_file, token, sizeof(token), error)) {
			curl_slist_free_all(headers);
			return NULL;
		}
		snprintf(line, sizeof(line), "Authorization: Bearer %s", token);
		headers = add(headers, line);
	}
	if (!headers)
		error_set(error, 0, "out of memory");
	return headers;
}

/* The message itself is at fault. Everything else may change: a login, a path, a server. */
static bool is_refusal(long status)
{
	return status == 400 || status == 413 || status == 415 || status == 422;
}

enum sent webhook_send(struct sender *sender, const char *text, size_t bytes, const char *key,
		       struct error *error)
{
	const struct receiver *receiver = sender->receiver;
	struct curl_slist *headers = make_headers(receiver, key, error);
	long status = 0;
	CURLcode code;

	if (!headers)
		return SENT_FAILED;
	sender_prepare(sender, receiver->webhook.url);
	curl_easy_setopt(sender->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(sender->curl, CURLOPT_POSTFIELDS, text);
	curl_easy_setopt(sender->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)bytes);
	code = curl_easy_perform(sender->curl);
	curl_slist_free_all(headers);
	if (code != CURLE_OK) {
		error_set(error, 0, "%s: %s", receiver->webhook.url, curl_easy_strerror(code));
		return SENT_FAILED;
	}
	curl_easy_getinfo(sender->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200 && status < 300)
		return SENT_DONE;
	error_set(error, 0, "%s answered with HTTP status %ld", receiver->webhook.url, status);
	return is_refusal(status) ? SENT_REFUSED : SENT_FAILED;
}
