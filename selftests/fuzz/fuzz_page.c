// SPDX-License-Identifier: GPL-2.0-only
/* The requests of the page: whatever bytes a browser, or who pretends to be one, sends. An input is
 * what comes over one connection. The page's server answers it, over a Unix socket, with the API
 * behind it. Nothing is ever changed, every answer has the headers that protect it, and none is for
 * a name that is not ours.
 */
#include "controller.h"

#include <event2/http.h>
#include <event2/listener.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "daemon/api/http/failures.h"
#include "daemon/page/connections.h"
#include "daemon/page/requests.h"

#define TURNS_MAX    200000
#define STREAM_TURNS 300 /* a stream goes on until its reader hangs up */
#define IDLE_TURNS   20	 /* a request that is not whole waits for the rest */
#define ANSWER_MAX   (1 << 23)

static struct page_context page;
static struct sockaddr_un address = {.sun_family = AF_UNIX};
static char answer[ANSWER_MAX];

static void on_request(struct evhttp_request *request, void *data)
{
	(void)data;
	page_answer(&page, request);
}

static struct bufferevent *on_accepted(struct event_base *base, void *data)
{
	struct bufferevent *connection = failures_connection(base);

	(void)data;
	page_connections_add(page.connections, connection);
	return connection;
}

/* As page.c does, with less patience. */
static void listen_here(void)
{
	struct evconnlistener *listener;
	struct evhttp *http = evhttp_new(controller.base);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/p", directory);
	listener = evconnlistener_new_bind(controller.base, NULL, NULL,
					   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, -1,
					   (struct sockaddr *)&address, sizeof(address));
	promise(http && listener && evhttp_bind_listener(http, listener), "cannot listen");
	page.daemon = &controller;
	page.connections = page_connections_new(controller.base);
	strcpy(page.listen, "edge1.example:9665");
	evhttp_set_bevcb(http, on_accepted, NULL);
	evhttp_set_max_headers_size(http, FAILURES_HEADERS_MAX);
	evhttp_set_max_body_size(http, 1024);
	evhttp_set_allowed_methods(http, 0xffff);
	evhttp_set_gencb(http, on_request, NULL);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	start_controller();
	listen_here();
	return 0;
}

/* --- a connection --- */

static size_t converse(const uint8_t *data, size_t bytes)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	size_t sent = 0, got = 0;
	unsigned int idle = 0;

	promise(fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof(address)),
		"cannot connect");
	for (unsigned int turn = 0;; turn++) {
		ssize_t n = sent < bytes ? send(fd, data + sent, bytes - sent, MSG_NOSIGNAL) : 0;

		promise(turn < TURNS_MAX, "no end of the answer after %zu bytes", got);
		sent += n > 0 ? n : 0;
		if (turn == STREAM_TURNS || idle == IDLE_TURNS)
			shutdown(fd, SHUT_WR);
		event_base_loop(controller.base, EVLOOP_NONBLOCK);
		n = recv(fd, answer + got, ANSWER_MAX - 1 - got, 0);
		promise(got < ANSWER_MAX - 1, "an answer without end");
		if (n == 0 || (n < 0 && errno != EAGAIN))
			break;
		idle = n > 0 || sent < bytes ? 0 : idle + 1;
		got += n > 0 ? n : 0;
	}
	close(fd);
	event_base_loop(controller.base, EVLOOP_NONBLOCK);
	answer[got] = '\0';
	return got;
}

/* --- what holds for every answer --- */

/* The first one; those behind it depend on it. */
static void check_answer(void)
{
	char *body = strstr(answer, "\r\n\r\n");
	int code = 0;

	promise(sscanf(answer, "HTTP/%*u.%*u %d ", &code) == 1 && body, "answered: %.200s", answer);
	*body = '\0'; /* a failure may repeat what it was asked */
	switch (code) {
	case 200:
	case 304:
	case 400:
	case 403:
	case 404:
	case 405:
	case 409:
	case 413:
	case 414:
	case 417:
	case 421:
	case 431:
	case 501:
	case 503:
		break;
	default:
		promise(false, "%d: %.200s", code, answer);
	}
	/* libevent's own refusals are JSON without them */
	if (code == 200 || code == 304 || code == 403 || code == 404 || code == 405 || code == 421)
		promise(strstr(answer, "Content-Security-Policy: default-src 'self'") &&
				strstr(answer, "X-Content-Type-Options: nosniff") &&
				strstr(answer, "X-Frame-Options: DENY"),
			"headers are missing: %.400s", answer);
	promise(!strcasestr(answer, "Access-Control-Allow"), "another origin may read: %.400s",
		answer);
}

/* The only names that are answered. */
static void check_name(const uint8_t *data, size_t bytes)
{
	static const char *const ours[] = {
		"localhost", "127.", "::1", "0:1", "::0", "ffff:", "edge1.example:9665"};
	char *text = exact_text(data, bytes);
	bool is_ours = false;

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		is_ours |= strcasestr(text, ours[i]) != NULL;
	promise(is_ours || memchr(data, 0, bytes) || !strstr(answer, " 200 OK\r\n"),
		"answered to a stranger: %.200s", text);
	free(text);
}

static void check_unchanged(void)
{
	struct store_condition store;

	store_condition(controller.store, &store);
	promise(!store.changes, "%llu changes in the log", (unsigned long long)store.changes);
	promise(!blocks_count(&controller.blocks), "something is blocked");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	page.budget = (struct page_budget){};
	if (converse(data, bytes)) {
		check_answer();
		check_name(data, bytes);
	}
	check_unchanged();
	history_add(controller.history, 1 + bytes % 7, bytes);
	history_tick(controller.history, history_end_ms(controller.history) + 1000);
	return 0;
}
