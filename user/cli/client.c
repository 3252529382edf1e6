// SPDX-License-Identifier: GPL-2.0-only
#include "client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES_MAX	(1 << 20)
#define CONNECT_TIMEOUT 5L
#define HOST		"http://slash64"

struct answer {
	CURL *curl;
	client_line_t line;
	void *data;
	char *partial; /* a line whose end has not come */
	size_t bytes, room;
	int err; /* of line() */
	bool failed; /* the status says the body is an error */
	bool overlong;
	struct error *error;
};

static int take_line(struct answer *answer)
{
	json_t *object;
	const char *text;

	answer->partial[answer->bytes] = '\0';
	answer->bytes = 0;
	if (!answer->failed)
		return answer->line ? answer->line(answer->partial, answer->data) : 0;
	object = json_loads(answer->partial, 0, NULL);
	text = json_string_value(json_object_get(object, "error"));
	if (text)
		error_set(answer->error, 0, "%s", text);
	json_decref(object);
	return 0;
}

static int append(struct answer *answer, char c)
{
	if (answer->bytes + 1 >= answer->room) {
		size_t room = answer->room ? answer->room * 2 : 1024;
		char *grown = room <= LINE_BYTES_MAX * 2 ? realloc(answer->partial, room) : NULL;

		if (!grown)
			return -EMSGSIZE;
		answer->partial = grown;
		answer->room = room;
	}
	answer->partial[answer->bytes++] = c;
	return 0;
}

static size_t on_data(char *data, size_t size, size_t count, void *user)
{
	struct answer *answer = user;
	long status = 0;

	curl_easy_getinfo(answer->curl, CURLINFO_RESPONSE_CODE, &status);
	answer->failed = status != 200;
	for (size_t i = 0; i < size * count; i++) {
		if (data[i] != '\n') {
			if (append(answer, data[i])) {
				answer->overlong = true;
				return 0;
			}
			continue;
		}
		if (!answer->partial && append(answer, '\0'))
			return 0;
		answer->err = take_line(answer);
		if (answer->err)
			return 0;
	}
	return size * count;
}

static int explain(struct answer *answer, CURLcode code, const char *socket, struct error *error)
{
	long os_error = 0;

	curl_easy_getinfo(answer->curl, CURLINFO_OS_ERRNO, &os_error);
	if (answer->err)
		return answer->err;
	if (answer->overlong)
		return error_set(error, -EMSGSIZE, "the answer from %s has a line too long; is it slash64d?",
				 socket);
	if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST)
		return error_set(error, -ENOTCONN, "cannot reach slash64d at %s: %s; %s", socket,
				 os_error ? strerror(os_error) : "no answer",
				 os_error == EACCES || os_error == EPERM ?
					 "be root, or in the group of the socket" :
					 "is slash64d running? name its socket with --socket");
	return error_set(error, -EIO, "slash64d at %s broke off: %s; try again", socket,
			 curl_easy_strerror(code));
}

int client_request(const char *socket, const char *method, const char *path, const json_t *body,
		   client_line_t line, void *data, struct error *error)
{
	struct answer answer = {.curl = curl_easy_init(), .line = line, .data = data, .error = error};
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	char *url = NULL;
	long status = 0;
	CURLcode code;
	int err = 0;

	if (!answer.curl || (body && !text) || asprintf(&url, "%s%s", HOST, path) < 0) {
		err = error_set(error, -ENOMEM, "out of memory");
		goto out;
	}
	error->text[0] = '\0';
	curl_easy_setopt(answer.curl, CURLOPT_UNIX_SOCKET_PATH, socket);
	curl_easy_setopt(answer.curl, CURLOPT_URL, url);
	curl_easy_setopt(answer.curl, CURLOPT_PROXY, "");
	curl_easy_setopt(answer.curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(answer.curl, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT);
	curl_easy_setopt(answer.curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(answer.curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(answer.curl, CURLOPT_WRITEDATA, &answer);
	if (text)
		curl_easy_setopt(answer.curl, CURLOPT_POSTFIELDS, text);
	else if (!strcmp(method, "POST"))
		curl_easy_setopt(answer.curl, CURLOPT_POSTFIELDS, "");
	code = curl_easy_perform(answer.curl);
	if (code == CURLE_OK && answer.bytes) {
		curl_easy_getinfo(answer.curl, CURLINFO_RESPONSE_CODE, &status);
		answer.failed = status != 200;
		answer.err = take_line(&answer);
	}
	if (code != CURLE_OK || answer.err) {
		err = explain(&answer, code, socket, error);
		goto out;
	}
	curl_easy_getinfo(answer.curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200) {
		if (!error->text[0])
			error_set(error, 0, "slash64d at %s answered with status %ld", socket, status);
		err = -EREMOTEIO;
	}
out:
	curl_easy_cleanup(answer.curl);
	free(answer.partial);
	free(text);
	free(url);
	return err;
}

char *client_path(const char *path, const char *name, const char *value)
{
	char *escaped = curl_easy_escape(NULL, value, 0);
	char *out = NULL;

	if (!escaped || asprintf(&out, "%s?%s=%s", path, name, escaped) < 0)
		out = NULL;
	curl_free(escaped);
	return out;
}

static int keep_object(const char *line, void *data)
{
	json_t **object = data;

	json_decref(*object);
	*object = json_loads(line, 0, NULL);
	return *object ? 0 : -EPROTO;
}

json_t *client_object(const char *socket, const char *method, const char *path, const json_t *body,
		      struct error *error)
{
	json_t *object = NULL;
	int err = client_request(socket, method, path, body, keep_object, &object, error);

	if (err == -EPROTO || (!err && !object))
		error_set(error, err, "the answer from %s is not JSON; is it slash64d?", socket);
	if (err) {
		json_decref(object);
		return NULL;
	}
	return object;
}
