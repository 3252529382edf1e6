// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/base/error.c */
/* Both ways to name the protocols: that of this libcurl, and the bits of one before 7.85, which this one still knows. */
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define CURL_DISABLE_DEPRECATION
#include "service/protocols.h"

#define protocols_allow	   by_names
#define PROTOCOLS_ARE_BITS 0
#include "service/protocols.c"
#undef protocols_allow
#undef PROTOCOLS_ARE_BITS
#define protocols_allow	   by_bits
#define PROTOCOLS_ARE_BITS 1
#include "service/protocols.c"

typedef CURLcode (*allow_t)(CURL *curl, const char *protocols, const char *redirects);

static const allow_t ways[] = {by_names, by_bits};

static size_t ignore(char *data, size_t size, size_t count, void *user)
{
	return size * count;
}

static CURLcode transfer(allow_t allow, const char *url, const char *protocols,
			 const char *redirects)
{
	CURL *curl = curl_easy_init();
	CURLcode code;

	assert_non_null(curl);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 10000L);
	assert_int_equal(allow(curl, protocols, redirects), CURLE_OK);
	code = curl_easy_perform(curl);
	curl_easy_cleanup(curl);
	return code;
}

static void a_protocol_that_is_not_named_is_refused(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(transfer(ways[i], "file:///dev/null", "http,https,smtp,smtps",
					  "https"),
				 CURLE_UNSUPPORTED_PROTOCOL);
		assert_int_equal(transfer(ways[i], "http://127.0.0.1:1/", "https", "https"),
				 CURLE_UNSUPPORTED_PROTOCOL);
		/* allowed: it gets as far as to connect, to a port where nobody listens */
		assert_int_equal(transfer(ways[i], "http://127.0.0.1:1/", "http,https", "https"),
				 CURLE_COULDNT_CONNECT);
		assert_int_equal(transfer(ways[i], "https://127.0.0.1:1/", "http,https", "https"),
				 CURLE_COULDNT_CONNECT);
		assert_int_equal(transfer(ways[i], "smtps://127.0.0.1:1/", "smtp,smtps", "https"),
				 CURLE_COULDNT_CONNECT);
	}
}

/* Redirects two clients to a file. */
static void *redirect(void *data)
{
	static const char answer[] =
		"HTTP/1.1 302 Found\r\nLocation: file:///dev/null\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
	const int *listener = data;
	char request[1024];

	for (size_t i = 0; i < 2; i++) {
		int fd = accept(*listener, NULL, NULL);

		if (read(fd, request, sizeof(request)) > 0 && write(fd, answer, strlen(answer)) < 0)
			perror("write");
		close(fd);
	}
	return NULL;
}

static void a_redirection_leads_only_to_what_is_named_for_it(void **state)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	pthread_t thread;
	char url[64];

	assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(listener, 2), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", ntohs(address.sin_port));
	assert_int_equal(pthread_create(&thread, NULL, redirect, &listener), 0);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(transfer(ways[i], url, "http", "http,https"),
				 CURLE_UNSUPPORTED_PROTOCOL);
	pthread_join(thread, NULL);
	close(listener);
}

static void bits_of_an_unknown_name_allow_nothing(void **state)
{
	assert_int_equal(bits("http,https"), CURLPROTO_HTTP | CURLPROTO_HTTPS);
	assert_int_equal(bits("smtps"), CURLPROTO_SMTPS);
	assert_int_equal(bits("http,htt"), 0);
	assert_int_equal(bits("gopher"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_protocol_that_is_not_named_is_refused),
		cmocka_unit_test(a_redirection_leads_only_to_what_is_named_for_it),
		cmocka_unit_test(bits_of_an_unknown_name_allow_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
