// SPDX-License-Identifier: GPL-2.0-only
/* A mail for each change, by SMTP. */
#include <stdio.h>
#include <string.h>

#include "sender_internal.h"
#include "service/secret.h"

#define ADDRESS_MAX  (RECEIVER_TEXT_MAX + 2)
#define PASSWORD_MAX 1024

struct upload {
	const char *text;
	size_t bytes;
};

static size_t on_read(char *buf, size_t size, size_t count, void *user)
{
	struct upload *upload = user;
	size_t n = size * count < upload->bytes ? size * count : upload->bytes;

	memcpy(buf, upload->text, n);
	upload->text += n;
	upload->bytes -= n;
	return n;
}

static struct curl_slist *recipients(const struct receiver *receiver)
{
	struct curl_slist *list = NULL, *more;
	char address[ADDRESS_MAX];

	for (size_t i = 0; i < receiver->mail.to_count; i++) {
		snprintf(address, sizeof(address), "<%s>", receiver->mail.to[i]);
		more = curl_slist_append(list, address);
		if (!more) {
			curl_slist_free_all(list);
			return NULL;
		}
		list = more;
	}
	return list;
}

/* A password goes over an encrypted connection, or not at all. */
static int log_in(struct sender *sender, struct error *error)
{
	const struct receiver *receiver = sender->receiver;
	char password[PASSWORD_MAX];
	int err;

	curl_easy_setopt(sender->curl, CURLOPT_USE_SSL,
			 receiver->mail.user[0] ? CURLUSESSL_ALL : CURLUSESSL_TRY);
	if (!receiver->mail.user[0])
		return 0;
	err = secret_read(receiver->mail.password_file, password, sizeof(password), error);
	if (err)
		return err;
	curl_easy_setopt(sender->curl, CURLOPT_USERNAME, receiver->mail.user);
	curl_easy_setopt(sender->curl, CURLOPT_PASSWORD, password);
	explicit_bzero(password, sizeof(password));
	return 0;
}

enum sent smtp_send(struct sender *sender, const char *text, size_t bytes, struct error *error)
{
	const struct receiver *receiver = sender->receiver;
	struct curl_slist *to = recipients(receiver);
	struct upload upload = {text, bytes};
	char from[ADDRESS_MAX];
	long status = 0;
	CURLcode code;

	if (!to) {
		error_set(error, 0, "out of memory");
		return SENT_FAILED;
	}
	sender_prepare(sender, receiver->mail.server);
	snprintf(from, sizeof(from), "<%s>", receiver->mail.from);
	curl_easy_setopt(sender->curl, CURLOPT_MAIL_FROM, from);
	curl_easy_setopt(sender->curl, CURLOPT_MAIL_RCPT, to);
	/* one mailbox that is gone keeps nothing from the others */
	curl_easy_setopt(sender->curl, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
	curl_easy_setopt(sender->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(sender->curl, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(sender->curl, CURLOPT_READDATA, &upload);
	if (log_in(sender, error)) {
		curl_slist_free_all(to);
		return SENT_FAILED;
	}
	code = curl_easy_perform(sender->curl);
	curl_easy_getinfo(sender->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(to);
	if (code == CURLE_OK)
		return SENT_DONE;
	error_set(error, 0, "%s: %s%s", receiver->mail.server, curl_easy_strerror(code),
		  status >= 400 ? ", refused by the server" : "");
	/* RFC 5321 4.2.1: 5yz is permanent; a login that fails is mended by somebody */
	return status >= 550 && status < 560 ? SENT_REFUSED : SENT_FAILED;
}
