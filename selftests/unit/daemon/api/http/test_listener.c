// SPDX-License-Identifier: GPL-2.0-only
/* Listening in two steps, and without file descriptors. */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/error.h"
#include "daemon/api/http/listener.h"

#define FILES_MAX 256

static struct event_base *base;
static struct evhttp *http;
static struct error error;
static struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
static char where[32];

/* A free port. */
static int set_up(void **state)
{
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t bytes = sizeof(address);

	(void)state;
	address.sin6_port = 0;
	if (bind(fd, (struct sockaddr *)&address, bytes) ||
	    getsockname(fd, (struct sockaddr *)&address, &bytes))
		return -1;
	close(fd);
	snprintf(where, sizeof(where), "[::1]:%u", ntohs(address.sin6_port));
	base = event_base_new();
	http = evhttp_new(base);
	return base && http ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	event_base_free(base);
	return 0;
}

static int client(void)
{
	return socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* 0 or -errno. */
static int join(int fd)
{
	return connect(fd, (struct sockaddr *)&address, sizeof(address)) ? -errno : 0;
}

/* issue 13, find 15: a reload that was refused had answered at the address that it names */
static void a_reserved_address_takes_no_connection(void **state)
{
	int clients[2] = {client(), client()}, fd, other;
	struct listener *listener;

	(void)state;
	assert_int_equal(listener_reserve("page", where, &fd, &error), 0);
	assert_int_equal(join(clients[0]), -ECONNREFUSED);
	assert_int_equal(listener_open(base, http, "page", where, fd, &listener, &error), 0);
	assert_int_equal(join(clients[1]), 0);
	/* nobody else can have it */
	assert_int_equal(listener_reserve("page", where, &other, &error), -EADDRINUSE);
	assert_non_null(strstr(error.text, "cannot listen on [::1]:"));
	assert_int_equal(listener_reserve("page", "::1", &other, &error), -EINVAL);
	evhttp_free(http);
	listener_free(listener);
	close(clients[0]);
	close(clients[1]);
}

static void leave_none(int files[FILES_MAX], int *count)
{
	for (*count = 0; *count < FILES_MAX; ++*count) {
		files[*count] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (files[*count] < 0)
			return;
	}
}

/* issue 13, find 16: it was called 100 ms later, and was freed by then */
static void a_listener_that_goes_while_it_rests_leaves_nothing_behind(void **state)
{
	struct rlimit before, few;
	struct listener *listener;
	int files[FILES_MAX], count, fd = client();

	(void)state;
	assert_int_equal(listener_bind(base, http, "page", where, &listener, &error), 0);
	assert_int_equal(join(fd), 0);
	getrlimit(RLIMIT_NOFILE, &before);
	few = (struct rlimit){FILES_MAX / 2, before.rlim_max};
	setrlimit(RLIMIT_NOFILE, &few);
	leave_none(files, &count);
	assert_true(count > 0 && count < FILES_MAX);
	event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	while (count--)
		close(files[count]);
	setrlimit(RLIMIT_NOFILE, &before);
	evhttp_free(http);
	listener_free(listener);
	assert_int_equal(event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED), 0);
	close(fd);
}

static void on_request(struct evhttp_request *request, void *data)
{
	*(bool *)data = true;
	evhttp_send_reply(request, HTTP_OK, "OK", NULL);
}

static void it_accepts_again_once_there_are_descriptors(void **state)
{
	static const char get[] = "GET / HTTP/1.0\r\n\r\n";
	struct rlimit before, few;
	struct listener *listener;
	int files[FILES_MAX], count, fd = client();
	bool asked = false;

	(void)state;
	evhttp_set_gencb(http, on_request, &asked);
	assert_int_equal(listener_bind(base, http, "page", where, &listener, &error), 0);
	assert_int_equal(join(fd), 0);
	assert_int_equal(write(fd, get, strlen(get)), strlen(get));
	getrlimit(RLIMIT_NOFILE, &before);
	few = (struct rlimit){FILES_MAX / 2, before.rlim_max};
	setrlimit(RLIMIT_NOFILE, &few);
	leave_none(files, &count);
	event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_false(asked);
	while (count--)
		close(files[count]);
	setrlimit(RLIMIT_NOFILE, &before);
	while (!asked)
		event_base_loop(base, EVLOOP_ONCE);
	evhttp_free(http);
	listener_free(listener);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_reserved_address_takes_no_connection, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			a_listener_that_goes_while_it_rests_leaves_nothing_behind, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(it_accepts_again_once_there_are_descriptors, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
