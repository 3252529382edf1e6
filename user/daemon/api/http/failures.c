// SPDX-License-Identifier: GPL-2.0-only
#include "failures.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define METHOD_MAX    16
#define STATUS_AT     9 /* behind "HTTP/1.1 " */
#define FAILURE_MIN   400
#define PAGE_HEAD_MAX 1024 /* of libevent's error pages, which have about 300 bytes */

#define PHRASE_400 "Bad Request"
#define PHRASE_403 "Forbidden"
#define PHRASE_404 "Not Found"
#define PHRASE_405 "Method Not Allowed"
#define PHRASE_409 "Conflict"
#define PHRASE_413 "Content Too Large"
#define PHRASE_414 "URI Too Long"
#define PHRASE_421 "Misdirected Request"
#define PHRASE_431 "Request Header Fields Too Large"
#define PHRASE_500 "Internal Server Error"
#define PHRASE_503 "Service Unavailable"

static const struct failure failures[ERROR_CODE_COUNT] = {
#define X(name, word, status) [ERROR_##name] = {status, PHRASE_##status, word},
	ERROR_CODES(X)
#undef X
};

const struct failure *failure_of_code(enum error_code code)
{
	return &failures[code];
}

const struct failure *failure_of_status(int status)
{
	for (int code = ERROR_CODE_NONE + 1; code < ERROR_CODE_COUNT; code++)
		if (failures[code].status == status)
			return &failures[code];
	return &failures[ERROR_FAILED];
}

static enum error_code code_of_errno(int err)
{
	switch (err) {
	case -EINVAL:
	case -ERANGE:
		return ERROR_INVALID;
	case -ENOENT:
	case -ENODEV:
		return ERROR_NOT_FOUND;
	case -EMSGSIZE:
		return ERROR_TOO_LARGE;
	case -EPERM:
		return ERROR_GUARDED;
	case -ENOSPC:
	case -EDQUOT:
		return ERROR_NO_ROOM;
	case -EBUSY:
		return ERROR_BUSY;
	case -EEXIST:
	case -EDOM:
	case -ESTALE:
	case -EOPNOTSUPP:
		return ERROR_CONFLICT;
	case -ENOMEM:
		return ERROR_UNAVAILABLE;
	case -EUSERS:
		return ERROR_TOO_MANY_READERS;
	case -ETIMEDOUT:
		return ERROR_BROKEN_OFF;
	}
	return ERROR_FAILED;
}

const struct failure *failure_of(int err, const struct error *error)
{
	return failure_of_code(error->code ? error->code : code_of_errno(err));
}

/* --- error pages of libevent --- */

/* libevent also answers 400 for a line that is too long, and leaves it in the buffer. A request
 * starts with a method and a blank, and a header with its name and a colon.
 */
static int status_of(const char *head, struct bufferevent *connection)
{
	struct evbuffer *in = bufferevent_get_input(connection);
	int status = atoi(head + STATUS_AT);
	char line[METHOD_MAX + 1] = "";

	if (status != 400 || evbuffer_get_length(in) < FAILURES_HEADERS_MAX / 2 ||
	    evbuffer_search_eol(in, NULL, NULL, EVBUFFER_EOL_LF).pos >= 0)
		return status;
	evbuffer_copyout(in, line, METHOD_MAX);
	return line[strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] == ' ' ? 414 : 431;
}

#define GUARD(name, value) name ": " value "\r\n"
#define GUARDS		   FAILURES_GUARDS(GUARD)

static void write_failure(struct evbuffer *out, int status)
{
	const struct failure *failure = failure_of_status(status);
	char body[512];
	int n;

	switch (failure->status) {
	case 400:
		n = snprintf(body, sizeof(body),
			     "{\"error\":\"invalid HTTP/1.1 request\",\"code\":\"%s\",\"hint\":"
			     "\"at most %d bytes of address and %d of headers are read\"}\n",
			     failure->code, FAILURES_ADDRESS_MAX, FAILURES_HEADERS_MAX);
		break;
	case 413:
		n = snprintf(
			body, sizeof(body),
			"{\"error\":\"the body is too large\",\"code\":\"%s\",\"hint\":\"the limit is %d bytes, and %d at the read socket\"}\n",
			failure->code, FAILURES_BODY_MAX, FAILURES_LOOK_BODY_MAX);
		break;
	case 431:
		n = snprintf(
			body, sizeof(body),
			"{\"error\":\"the headers are too large\",\"code\":\"%s\",\"hint\":\"the limit is %d bytes\"}\n",
			failure->code, FAILURES_HEADERS_MAX);
		break;
	case 414:
		n = snprintf(
			body, sizeof(body),
			"{\"error\":\"the address of the request is too long\",\"code\":\"%s\",\"hint\":\"the limit is %d bytes\"}\n",
			failure->code, FAILURES_ADDRESS_MAX);
		break;
	case 503:
		n = snprintf(
			body, sizeof(body),
			"{\"error\":\"out of memory\",\"code\":\"%s\",\"hint\":\"try again\"}\n",
			failure->code);
		break;
	default:
		n = snprintf(body, sizeof(body), "{\"error\":\"%s\",\"code\":\"%s\"}\n",
			     failure->phrase, failure->code);
	}
	/* the listener may be the page's */
	evbuffer_add_printf(
		out,
		"HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nConnection: close\r\n" GUARDS
		"Content-Length: %d\r\n\r\n%s",
		failure->status, failure->phrase, n, body);
}

/* A complete error page, and nothing else: it is written at once, and is the last on its
 * connection.
 */
static bool is_page(const char *head, size_t length)
{
	const char *end = strstr(head, "\r\n\r\n");
	const char *body = strstr(head, "Content-Length: ");
	const char *type = strstr(head, "Content-Type: text/html");

	/* our own failures may repeat any of this in their bodies */
	return end && body && body < end && type && type < end &&
	       (size_t)(end + 4 - head) + strtoul(body + strlen("Content-Length: "), NULL, 10) ==
		       length;
}

static void on_output(struct evbuffer *out, const struct evbuffer_cb_info *info, void *connection)
{
	size_t length = evbuffer_get_length(out);
	char head[PAGE_HEAD_MAX + 1];
	ev_ssize_t n;

	if (!info->n_added || length > PAGE_HEAD_MAX)
		return;
	n = evbuffer_copyout(out, head, PAGE_HEAD_MAX);
	head[n < 0 ? 0 : n] = '\0';
	if (n < STATUS_AT || strncmp(head, "HTTP/1.", 7) || atoi(head + STATUS_AT) < FAILURE_MIN ||
	    !is_page(head, length))
		return;
	/* the front of the buffer is frozen while it is sent; this part is not yet */
	evbuffer_unfreeze(out, 1);
	evbuffer_drain(out, length);
	evbuffer_freeze(out, 1);
	write_failure(out, status_of(head, connection));
}

struct bufferevent *failures_connection(struct event_base *base)
{
	struct bufferevent *connection = bufferevent_socket_new(base, -1, 0);

	if (connection &&
	    !evbuffer_add_cb(bufferevent_get_output(connection), on_output, connection)) {
		bufferevent_free(connection);
		return NULL;
	}
	return connection;
}
