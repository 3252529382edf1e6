// SPDX-License-Identifier: GPL-2.0-only
#include "client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/permission.h"
#include "base/array.h"
#include "base/time.h"
#include "hint.h"
#include "read_socket.h"
#include "ssh_source.h"

#define HOST "http://slash64"

struct client {
	CURL *curl;
	char *socket;
	client_stop_t stop;
	void *stop_data;
	client_begun_t begun;
	void *begun_data;
	long seconds_max; /* how long an answer may take, or be silent */
	int64_t begin_ms,
		heard_ms; /* when the request began, and something of the answer came last */
	bool is_list, silent;
	bool tells_waiting, told_waiting, headed;
};

struct answer {
	struct client *client;
	client_line_t line;
	void *data;
	char *partial; /* an incomplete line */
	size_t bytes, room, max;
	int err;	  /* of line(), or from what was received */
	bool failed;	  /* the status says that the body is an error */
	bool headed;	  /* the header is complete */
	bool begun;	  /* something of the answer has come */
	bool changes;	  /* the request is no GET */
	json_t **refusal; /* as in struct client_call */
	struct error *error;
};

/* Returns 0, or an error that ends the request. */
static int take_line(struct answer *answer)
{
	json_t *object;

	if (memchr(answer->partial, '\0', answer->bytes))
		return -EPROTO;
	answer->partial[answer->bytes] = '\0';
	answer->bytes = 0;
	if (!answer->failed)
		return answer->line(answer->partial, answer->data);
	object = client_decode(answer->partial);
	if (client_failure(object, answer->error) && answer->refusal && !*answer->refusal)
		*answer->refusal = json_incref(object);
	json_decref(object);
	return 0;
}

static int append(struct answer *answer, const char *data, size_t bytes)
{
	if (answer->bytes + bytes > answer->max)
		return -EMSGSIZE;
	if (array_reserve(&answer->partial, &answer->room, answer->bytes + bytes + 1, 1))
		return -ENOMEM;
	memcpy(answer->partial + answer->bytes, data, bytes);
	answer->bytes += bytes;
	return 0;
}

static size_t on_data(char *data, size_t size, size_t count, void *user)
{
	struct answer *answer = user;
	size_t left = size * count;
	long status = 0;

	curl_easy_getinfo(answer->client->curl, CURLINFO_RESPONSE_CODE, &status);
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
	answer->client->heard_ms =
		clock_monotonic_ms(); /* not before: what is done with a line may take long */
	return answer->err ? 0 : size * count;
}

/* Somebody at a terminal is told that slash64d is slow long before the time is over. */
static void tell_waiting(struct client *client)
{
	int64_t waited_s = (clock_monotonic_ms() - client->begin_ms) / 1000;

	if (!client->tells_waiting || client->headed || !client->seconds_max ||
	    client->seconds_max > CLIENT_OBJECT_MAX_S || waited_s < CLIENT_WAITING_S ||
	    !isatty(STDERR_FILENO))
		return;
	fprintf(stderr,
		"\rslash64: slash64d has not answered for %lld s; waiting up to %ld s\033[K",
		(long long)waited_s, client->seconds_max);
	client->told_waiting = true;
}

static void clear_waiting(struct client *client)
{
	if (client->told_waiting)
		fputs("\r\033[K", stderr);
	client->told_waiting = false;
}

static void on_begun(struct client *client)
{
	long status = 0;

	client->headed = true;
	clear_waiting(client);
	curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200 && client->begun)
		client->begun(client->begun_data);
}

/* libcurl reads an answer that ends within its header as an empty list. */
static size_t on_header(char *data, size_t size, size_t count, void *user)
{
	struct answer *answer = user;

	answer->begun = true;
	if (size * count >= 5 && !memcmp(data, "HTTP/", 5))
		answer->headed = false; /* again, after "100 Continue" */
	else
		answer->headed |= data[0] == '\r' || data[0] == '\n';
	if (answer->headed && !answer->client->headed)
		on_begun(answer->client);
	return size * count;
}

/* A list may take as long as its reader does, but slash64d may not be silent for long. */
static bool is_silent(struct client *client)
{
	client->silent = client->is_list &&
			 clock_monotonic_ms() - client->heard_ms > CLIENT_OBJECT_MAX_S * 1000;
	return client->silent;
}

static int on_progress(void *user, curl_off_t down_max, curl_off_t down, curl_off_t up_max,
		       curl_off_t up)
{
	struct client *client = user;

	tell_waiting(client);
	return is_silent(client) || (client->stop && client->stop(client->stop_data));
}

int client_unreachable(const char *socket, int os_error, bool looking, struct error *error)
{
	char hint[PERMISSION_HINT_MAX], group[READ_SOCKET_HINT_MAX];

	if (os_error == EACCES || os_error == EPERM)
		return error_set(error, -EACCES, "cannot reach slash64d at %s: %s%s", socket,
				 strerror(os_error),
				 geteuid() ? read_socket_group_hint(socket, looking, group) :
					     permission_hint(PERMISSION_FILE, -EACCES, hint));
	return error_set(error, -ENOTCONN,
			 "cannot reach slash64d at %s: %s; is slash64d running? (systemctl "
			 "status slash64d)",
			 socket,
			 os_error ? strerror(os_error) : curl_easy_strerror(CURLE_COULDNT_CONNECT));
}

/* What ended a transfer, for a person. */
static int explain(const struct answer *answer, CURLcode code)
{
	const char *socket = answer->client->socket;
	struct error *error = answer->error;
	long os_error = 0;

	curl_easy_getinfo(answer->client->curl, CURLINFO_OS_ERRNO, &os_error);
	switch (answer->err) {
	case 0:
		break;
	case -EMSGSIZE:
		return error_set(error, answer->err,
				 "the answer of %s has a line longer than %zu "
				 "KiB; is it slash64d?",
				 socket, answer->max >> 10);
	case -ENOMEM:
		return error_set(error, answer->err,
				 "out of memory for the answer of %s; try again", socket);
	case -EPROTO:
		return error_set(error, answer->err,
				 "unexpected answer from %s: is it slash64d, of the "
				 "same version?",
				 socket);
	default:
		return answer->err;
	}
	if (code == CURLE_ABORTED_BY_CALLBACK && !answer->client->silent)
		return error_set(error, -EINTR, "interrupted");
	if (code == CURLE_COULDNT_CONNECT)
		return client_unreachable(socket, os_error, !answer->changes, error);
	if (code == CURLE_OPERATION_TIMEDOUT || code == CURLE_ABORTED_BY_CALLBACK)
		return error_set(
			error, -ETIMEDOUT,
			"slash64d at %s did not answer for %lld s; see why%s (journalctl -u slash64d)",
			socket, (long long)(clock_monotonic_ms() - answer->client->heard_ms) / 1000,
			answer->changes ? ", and whether it was done nevertheless" : "");
	return error_set(error, -EIO,
			 "slash64d at %s broke off its answer: %s; see why "
			 "(journalctl -u slash64d), and try again",
			 socket, curl_easy_strerror(code));
}

/* If the path does not fit, libcurl would look for a host named slash64 on the network. */
int client_check_socket(const char *socket, struct error *error)
{
	size_t max = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;

	if (*socket && strlen(socket) <= max)
		return 0;
	return error_set(
		error, -EINVAL,
		"cannot reach slash64d at '%.120s': a socket's path has 1 to %zu characters; "
		"give another one",
		socket, max);
}

/* Somebody who may not change anything may still read, at the other socket. */
static void take_read_socket(struct client *client, const struct client_call *call)
{
	char *beside;

	if (strcmp(call->method, "GET") || !access(client->socket, W_OK) || errno != EACCES)
		return;
	beside = read_socket_beside(client->socket);
	if (!beside || access(beside, W_OK)) {
		free(beside);
		return;
	}
	free(client->socket);
	client->socket = beside;
}

static void set_options(struct answer *answer, const struct client_call *call, const char *url,
			const struct curl_slist *headers)
{
	CURL *curl = answer->client->curl;

	curl_easy_reset(curl); /* options only: the connection is kept */
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, answer->client->socket);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CLIENT_CONNECT_MAX_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, call->seconds_max);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, answer);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, answer->client);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	if (call->body || !strcmp(call->method, "POST")) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body ? call->body : "");
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->bytes);
	}
}

/* slash64d may close a connection between two requests, as HTTP has it. Where that crosses a request, sending fails, or the
 * kernel resets what slash64d had not read: it has not got the whole of it, and so has done nothing.
 */
static bool was_closed_before(const struct answer *answer, CURLcode code)
{
	long connects = 1;

	curl_easy_getinfo(answer->client->curl, CURLINFO_NUM_CONNECTS, &connects);
	return (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR) && !connects &&
	       !answer->begun;
}

static CURLcode transfer(const struct answer *answer)
{
	CURL *curl = answer->client->curl;
	CURLcode code = curl_easy_perform(curl);

	if (!was_closed_before(answer, code))
		return code;
	curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
	return curl_easy_perform(curl);
}

/* The last line may lack an end. */
static int perform(struct answer *answer)
{
	CURL *curl = answer->client->curl;
	CURLcode code = transfer(answer);
	long status = 0;

	if (code == CURLE_OK && !answer->headed)
		code = CURLE_PARTIAL_FILE;
	if (code == CURLE_OK && answer->bytes)
		answer->err = take_line(answer);
	if (code != CURLE_OK || answer->err)
		return explain(answer, code);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200)
		return 0;
	if (!answer->error->text[0])
		error_set(answer->error, 0,
			  "%s answered with HTTP status %ld and no reason; is it slash64d?",
			  answer->client->socket, status);
	return -EREMOTEIO;
}

static struct curl_slist *add_header(struct curl_slist *headers, const char *line)
{
	struct curl_slist *more = headers ? curl_slist_append(headers, line) : NULL;

	if (!more)
		curl_slist_free_all(headers);
	return more;
}

#define FROM_BYTES 4096 /* of the 64 addresses that there may be */

/* Where the person at the terminal comes from: for the log of changes, and never to be locked out. */
static struct curl_slist *add_from(struct curl_slist *headers)
{
	json_t *sources = ssh_sources(), *source;
	char line[FROM_BYTES];
	int n = snprintf(line, sizeof(line), "Slash64-From:");
	size_t i;

	json_array_foreach (sources, i, source)
		n += snprintf(line + n, sizeof(line) - n, "%s %.48s", i ? "," : "",
			      json_string_value(source));
	if (json_array_size(sources))
		headers = add_header(headers, line);
	json_decref(sources);
	return headers;
}

/* An empty "Expect:": slash64d reads a body without being asked first. */
static struct curl_slist *make_headers(const struct client_call *call)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Expect:");

	if (call->type)
		headers = add_header(headers, call->type);
	return strcmp(call->method, "GET") ? add_from(headers) : headers;
}

static void note_request(struct client *client, const struct client_call *call)
{
	client->begin_ms = client->heard_ms = clock_monotonic_ms();
	client->is_list = !call->seconds_max && !strcmp(call->method, "GET");
	client->seconds_max = client->is_list ? CLIENT_OBJECT_MAX_S : call->seconds_max;
	client->silent = client->headed = false;
}

static int exchange(const struct client_call *call, struct answer *answer)
{
	struct curl_slist *headers = make_headers(call);
	char *url = NULL;
	int err;

	if (!headers || !call->path || asprintf(&url, "%s%s", HOST, call->path) < 0) {
		url = NULL;
		err = error_set(answer->error, -ENOMEM, "out of memory; try again");
		goto out;
	}
	answer->error->text[0] = '\0';
	answer->changes = strcmp(call->method, "GET");
	note_request(answer->client, call);
	take_read_socket(answer->client, call);
	set_options(answer, call, url, headers);
	err = perform(answer);
	clear_waiting(answer->client);
out:
	curl_slist_free_all(headers);
	free(answer->partial);
	free(url);
	return err;
}

int client_open(struct client **out, const char *socket, struct error *error)
{
	struct client *client;
	int err = client_check_socket(socket, error);

	if (err)
		return err;
	client = calloc(1, sizeof(*client));
	if (client) {
		client->socket = strdup(socket);
		client->curl = curl_easy_init();
	}
	if (!client || !client->socket || !client->curl) {
		client_close(client);
		return error_set(error, -ENOMEM, "out of memory; try again");
	}
	*out = client;
	return 0;
}

void client_close(struct client *client)
{
	if (!client)
		return;
	curl_easy_cleanup(client->curl);
	free(client->socket);
	free(client);
}

void client_stop_at(struct client *client, client_stop_t stop, void *data)
{
	client->stop = stop;
	client->stop_data = data;
}

void client_begun_at(struct client *client, client_begun_t begun, void *data)
{
	client->begun = begun;
	client->begun_data = data;
}

void client_tell_waiting(struct client *client)
{
	client->tells_waiting = true;
}

int client_list(struct client *client, const char *path, client_line_t line, void *data,
		struct error *error)
{
	const struct client_call call = {.method = "GET", .path = path};
	struct answer answer = {.client = client,
				.line = line,
				.data = data,
				.max = CLIENT_LINE_MAX,
				.error = error};

	return exchange(&call, &answer);
}

int client_request(const char *socket, const char *path, client_line_t line, void *data,
		   struct error *error)
{
	struct client *client;
	int err = client_open(&client, socket, error);

	if (err)
		return err;
	client_tell_waiting(client);
	err = client_list(client, path, line, data, error);
	client_close(client);
	return err;
}

/* --- objects --- */

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

json_t *client_ask(struct client *client, const struct client_call *call, const char *key,
		   struct error *error)
{
	struct one_object one = {.key = key};
	struct answer answer = {.client = client,
				.line = keep_object,
				.data = &one,
				.max = CLIENT_OBJECT_MAX,
				.refusal = call->refusal,
				.error = error};
	int err = exchange(call, &answer);

	if (call->err)
		*call->err = err;
	if (!err && !one.object)
		error_set(error, -EPROTO, "%s gave an empty answer; is it slash64d?",
			  client->socket);
	if (err) {
		json_decref(one.object);
		return NULL;
	}
	return one.object;
}

json_t *client_object(const char *socket, const char *method, const char *path, const json_t *body,
		      const char *key, struct error *error)
{
	struct client_call call = {.method = method,
				   .path = path,
				   .seconds_max = CLIENT_OBJECT_MAX_S};
	json_t *object = NULL;
	struct client *client;
	char *text = NULL;

	if (client_open(&client, socket, error))
		return NULL;
	client_tell_waiting(client);
	if (body) {
		text = json_dumps(body, JSON_COMPACT);
		call.body = text;
		call.bytes = text ? strlen(text) : 0;
		call.type = CLIENT_TYPE_JSON;
	}
	if (body && !text)
		error_set(error, -ENOMEM, "out of memory; try again");
	else
		object = client_ask(client, &call, key, error);
	client_close(client);
	free(text);
	return object;
}

/* --- paths --- */

char *client_path(const char *path)
{
	return strdup(path);
}

char *client_path_add(char *path, const char *name, const char *value)
{
	char *escaped, *out = NULL;

	if (!path || !value)
		return path;
	escaped = curl_easy_escape(NULL, value, 0);
	if (!escaped ||
	    asprintf(&out, "%s%c%s=%s", path, strchr(path, '?') ? '&' : '?', name, escaped) < 0)
		out = NULL;
	curl_free(escaped);
	free(path);
	return out;
}
