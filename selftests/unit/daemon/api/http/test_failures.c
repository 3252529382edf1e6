// SPDX-License-Identifier: GPL-2.0-only
/* A failure has a status and a code; the error pages of libevent become JSON. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/api/http/failures.h"

static void every_errno_has_a_status_and_a_code(void **state)
{
	static const struct {
		int err, status;
		const char *code;
	} cases[] = {
		{-EINVAL, 400, "invalid"},
		{-ERANGE, 400, "invalid"},
		{-ENOENT, 404, "not-found"},
		{-ENODEV, 404, "not-found"},
		{-EMSGSIZE, 413, "too-large"},
		{-EPERM, 409, "guarded"},
		{-ENOSPC, 409, "no-room"},
		{-EDQUOT, 409, "no-room"},
		{-EBUSY, 409, "busy"},
		{-EEXIST, 409, "conflict"},
		{-ENOMEM, 503, "unavailable"},
		{-ETIMEDOUT, 503, "broken-off"},
		{-EUSERS, 503, "too-many-readers"},
		{-EIO, 500, "failed"},
		{0, 500, "failed"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct error error;
		const struct failure *failure;

		error_set(&error, cases[i].err, "it failed");
		failure = failure_of(cases[i].err, &error);

		if (failure->status != cases[i].status || strcmp(failure->code, cases[i].code))
			fail_msg("%d: %d %s", cases[i].err, failure->status, failure->code);
	}
	for (int code = ERROR_CODE_NONE + 1; code < ERROR_CODE_COUNT; code++) {
		struct error error;

		error_set(&error, -EIO, "it failed");
		error_code(&error, -EIO, code); /* counts more than the errno */
		assert_ptr_equal(failure_of(-EIO, &error), failure_of_code(code));
	}
	assert_int_equal(failure_of_status(405)->status, 405);
	assert_string_equal(failure_of_status(409)->code, "conflict"); /* the general one */
	assert_int_equal(failure_of_status(418)->status, 500);
}

static struct event_base *base;
static struct bufferevent *connection;

static int set_up(void **state)
{
	base = event_base_new();
	connection = failures_connection(base);
	return !connection;
}

static int tear_down(void **state)
{
	bufferevent_free(connection);
	event_base_free(base);
	return 0;
}

static const char *sent(const char *text)
{
	static char answer[4096];
	struct evbuffer *out = bufferevent_get_output(connection);
	ev_ssize_t n;

	/* libevent does so while it writes to a socket */
	evbuffer_unfreeze(out, 1);
	evbuffer_add(out, text, strlen(text));
	evbuffer_unfreeze(out, 1);
	n = evbuffer_copyout(out, answer, sizeof(answer) - 1);
	answer[n > 0 ? n : 0] = '\0';
	return answer;
}

#define PAGE(status)                                                              \
	"HTTP/1.1 " status "\r\nContent-Type: text/html\r\nConnection: close\r\n" \
	"Content-Length: 6\r\n\r\n<html>"

static void an_error_page_becomes_json_with_its_length(void **state)
{
	const char *answer = sent(PAGE("413 Request Entity Too Large"));
	const char *body = strstr(answer, "\r\n\r\n") + 4;

	assert_memory_equal(answer, "HTTP/1.1 413 Content Too Large\r\n", 32);
	assert_non_null(strstr(answer, "Content-Type: application/json"));
	assert_non_null(strstr(body, "\"code\":\"too-large\""));
	assert_int_equal(strtoul(strstr(answer, "Content-Length: ") + 16, NULL, 10), strlen(body));
	assert_int_equal(body[strlen(body) - 1], '\n');
}

static void a_page_of_an_unknown_status_is_a_failure_all_the_same(void **state)
{
	const char *answer = sent(PAGE("501 Not Implemented"));

	assert_memory_equal(answer, "HTTP/1.1 500 Internal Server Error\r\n", 36);
	assert_non_null(strstr(answer, "\"code\":\"failed\""));
}

static void answers_of_ours_and_pages_that_are_none_stay_as_they_are(void **state)
{
	static const char *const texts[] = {
		"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
		"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 6\r\n\r\n{\"a\":1",
		"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 7\r\n\r\n<html>",
		"something else",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_string_equal(sent(texts[i]), texts[i]);
		evbuffer_drain(bufferevent_get_output(connection), strlen(texts[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_errno_has_a_status_and_a_code, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_error_page_becomes_json_with_its_length, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			a_page_of_an_unknown_status_is_a_failure_all_the_same, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			answers_of_ours_and_pages_that_are_none_stay_as_they_are, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
