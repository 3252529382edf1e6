// SPDX-License-Identifier: GPL-2.0-only
#include "client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#define HOST "http://slash64"

struct answer {
	CURL *curl;
	client_line_t line;
	void *data;
	char *partial; /* a line whose end has not come */
	size_t bytes, room, max;
	int err; /* of line(), or of what came */
	bool failed; /* the status says the body is an error */
	bool headed; /* the end of the header has come */
	struct error *error;
};

static bool is_control(const unsigned char *p)
{
	return *p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0);
}

static void defuse_string(json_t *string)
{
	size_t bytes = json_string_length(string), out = 0;
	const unsigned char *p = (const unsigned char *)json_string_value(string);
	char *clean = NULL;
	size_t i;

	for (i = 0; i < bytes && !is_control(p + i); i++)
		;
	if (i == bytes)
		return;
	clean = malloc(bytes + 1);
	for (i = 0; clean && i < bytes; i++) {
		bool control = is_control(p + i);

		clean[out++] = control ? '?' : p[i];
		i += control && p[i] == 0xc2;
	}
	json_string_setn(string, clean ? clean : "?", clean ? out : 1);
	free(clean);
}

static void defuse(json_t *value)
{
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_string(value)) {
		defuse_string(value);
	} else if (json_is_array(value)) {
		json_array_foreach (value, i, member)
			defuse(member);
	} else if (json_is_object(value)) {
		json_object_foreach (value, key, member)
			defuse(member);
	}
}

json_t *client_decode(const char *line)
{
	json_t *object = json_loads(line, 0, NULL);

	if (!json_is_object(object)) {
		json_decref(object);
		return NULL;
	}
	defuse(object);
	return object;
}

/* Returns 0 or what ends the request. */
static int take_line(struct answer *answer)
{
	const char *text;
	json_t *object;

	if (memchr(answer->partial, '\0', answer->bytes))
		return -EPROTO;
	answer->partial[answer->bytes] = '\0';
	answer->bytes = 0;
	if (!answer->failed)
		return answer->line(answer->partial, answer->data);
	object = client_decode(answer->partial);
	text = json_string_value(json_object_get(object, "error"));
	if (text)
		error_set(answer->error, 0, "%s", text);
	json_decref(object);
	return 0;
}

static int append(struct answer *answer, const char *data, size_t bytes)
{
	size_t room = answer->room ? answer->room : 1024;
	char *grown;

	if (answer->bytes + bytes > answer->max)
		return -EMSGSIZE;
	while (room < answer->bytes + bytes + 1)
		room *= 2;
	if (room > answer->room) {
		grown = realloc(answer->partial, room);
		if (!grown)
			return -ENOMEM;
		answer->partial = grown;
		answer->room = room;
	}
	memcpy(answer->partial + answer->bytes, data, bytes);
	answer->bytes += bytes;
	return 0;
}

static size_t on_data(char *data, size_t size, size_t count, void *user)
{
	struct answer *answer = user;
	size_t left = size * count;
	long status = 0;

	curl_easy_getinfo(answer->curl, CURLINFO_RESPONSE_CODE, &status);
	answer->failed = status != 200;
	while (left && !answer->err) {
		const char *end = memchr(data, '\n', left);
		size_t n = end ? (size_t)(end - data) : left;

		answer->err = append(answer, data, n);
		if (!answer->err && end)
			answer->err = take_line(answer);
		n += end != NULL;
		data += n;
		left -= n;
	}
	return answer->err ? 0 : size * count;
}

/* An answer that ends within its header is an empty list to libcurl. */
static size_t on_header(char *data, size_t size, size_t count, void *user)
{
	struct answer *answer = user;

	if (size * count >= 5 && !memcmp(data, "HTTP/", 5))
		answer->headed = false; /* again, behind one of "100 Continue" */
	else
		answer->headed |= data[0] == '\r' || data[0] == '\n';
	return size * count;
}

/* What ended a transfer, for a person. */
static int explain(const struct answer *answer, CURLcode code, const char *socket)
{
	struct error *error = answer->error;
	long os_error = 0;

	curl_easy_getinfo(answer->curl, CURLINFO_OS_ERRNO, &os_error);
	switch (answer->err) {
	case 0:
		break;
	case -EMSGSIZE:
		return error_set(error, answer->err,
				 "the answer of %s has a line above %zu KiB; is it slash64d?",
				 socket, answer->max >> 10);
	case -ENOMEM:
		return error_set(error, answer->err,
				 "out of memory for the answer of %s; try again", socket);
	case -EPROTO:
		return error_set(
			error, answer->err,
			"the answer of %s makes no sense: is it slash64d, of the version of "
			"slash64?",
			socket);
	default:
		return answer->err;
	}
	if (code == CURLE_COULDNT_CONNECT && (os_error == EACCES || os_error == EPERM))
		return error_set(
			error, -EACCES,
			"cannot reach slash64d at %s: %s; use root, or join the group slash64",
			socket, strerror(os_error));
	if (code == CURLE_COULDNT_CONNECT)
		return error_set(error, -ENOTCONN,
				 "cannot reach slash64d at %s: %s; is slash64d running? (systemctl "
				 "status slash64d)",
				 socket, os_error ? strerror(os_error) : curl_easy_strerror(code));
	if (code == CURLE_OPERATION_TIMEDOUT)
		return error_set(
			error, -ETIMEDOUT,
			"slash64d at %s does not answer; see what holds it up (journalctl -u "
			"slash64d)",
			socket);
	return error_set(error, -EIO,
			 "slash64d at %s broke off its answer: %s; look at it (journalctl -u "
			 "slash64d), and try again",
			 socket, curl_easy_strerror(code));
}

/* Without a path that fits, libcurl would ask the network for a host of the name slash64. */
static int check_socket(const char *socket, struct error *error)
{
	size_t max = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;

	if (*socket && strlen(socket) <= max)
		return 0;
	return error_set(
		error, -EINVAL,
		"cannot reach slash64d at '%.120s': a socket's path has 1 to %zu characters; "
		"see --socket",
		socket, max);
}

static void set_options(struct answer *answer, const char *socket, const char *method,
			const char *url, const char *body)
{
	CURL *curl = answer->curl;

	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CLIENT_CONNECT_MAX_MS);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, answer);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	if (answer->max == CLIENT_OBJECT_MAX)
		curl_easy_setopt(curl, CURLOPT_TIMEOUT, CLIENT_OBJECT_MAX_S);
	if (body)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	else if (!strcmp(method, "POST"))
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "");
}

/* The last line may have no end. */
static int perform(struct answer *answer, const char *socket)
{
	CURLcode code = curl_easy_perform(answer->curl);
	long status = 0;

	if (code == CURLE_OK && !answer->headed)
		code = CURLE_PARTIAL_FILE;
	if (code == CURLE_OK && answer->bytes)
		answer->err = take_line(answer);
	if (code != CURLE_OK || answer->err)
		return explain(answer, code, socket);
	curl_easy_getinfo(answer->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200)
		return 0;
	if (!answer->error->text[0])
		error_set(answer->error, 0,
			  "%s answers with the status %ld and no reason; is it slash64d?", socket,
			  status);
	return -EREMOTEIO;
}

static int request(const char *socket, const char *method, const char *path, const json_t *body,
		   struct answer *answer)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	char *url = NULL;
	int err = check_socket(socket, answer->error);

	if (err)
		goto out;
	answer->curl = curl_easy_init();
	if (!answer->curl || (body && !text) || asprintf(&url, "%s%s", HOST, path) < 0) {
		url = NULL;
		err = error_set(answer->error, -ENOMEM, "out of memory; try again");
		goto out;
	}
	answer->error->text[0] = '\0';
	set_options(answer, socket, method, url, text);
	err = perform(answer, socket);
out:
	curl_easy_cleanup(answer->curl);
	free(answer->partial);
	free(text);
	free(url);
	return err;
}

int client_request(const char *socket, const char *method, const char *path, const json_t *body,
		   client_line_t line, void *data, struct error *error)
{
	struct answer answer = {.line = line, .data = data, .max = CLIENT_LINE_MAX, .error = error};

	return request(socket, method, path, body, &answer);
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

struct one_object {
	const char *key;
	json_t *object;
};

static int keep_object(const char *line, void *data)
{
	struct one_object *one = data;

	if (one->object)
		return -EPROTO;
	one->object = client_decode(line);
	return json_object_get(one->object, one->key) ? 0 : -EPROTO;
}

json_t *client_object(const char *socket, const char *method, const char *path, const json_t *body,
		      const char *key, struct error *error)
{
	struct one_object one = {.key = key};
	struct answer answer = {.line = keep_object,
				.data = &one,
				.max = CLIENT_OBJECT_MAX,
				.error = error};
	int err = request(socket, method, path, body, &answer);

	if (!err && !one.object)
		error_set(error, -EPROTO, "%s answers with nothing; is it slash64d?", socket);
	if (err) {
		json_decref(one.object);
		return NULL;
	}
	return one.object;
}
