// SPDX-License-Identifier: GPL-2.0-only
/* Messages of RFC 5424 over UDP (RFC 5426), TCP (RFC 6587, octet counting) and TLS (RFC 5425). libcurl
 * makes the connections of the last two. A receiver confirms nothing: a message counts as delivered
 * when its kernel has confirmed every byte.
 */
#include <errno.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "sender_internal.h"

#define URL_MAX	   (RECEIVER_TEXT_MAX + 32)
#define LENGTH_MAX 32
#define POLL_MS	   100
#define CONFIRM_NS 2000000L

/* --- UDP --- */

static int connect_udp(const struct receiver *receiver, struct error *error)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *list, *at;
	char port[8];
	int code, fd = -1;

	snprintf(port, sizeof(port), "%u", receiver->syslog.port);
	code = getaddrinfo(receiver->syslog.host, port, &hints, &list);
	if (code)
		return error_set(error, -ENOENT, "%s: %s", receiver->syslog.host,
				 gai_strerror(code));
	for (at = list; at && fd < 0; at = at->ai_next) {
		fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, 0);
		if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen)) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(list);
	if (fd < 0)
		return error_set(error, -errno, "%s: %s", receiver->syslog.host, strerror(errno));
	return fd;
}

static enum sent send_udp(struct sender *sender, const char *text, size_t bytes,
			  struct error *error)
{
	if (sender->udp < 0)
		sender->udp = connect_udp(sender->receiver, error);
	if (sender->udp < 0)
		return SENT_FAILED;
	if (send(sender->udp, text, bytes, MSG_NOSIGNAL) == (ssize_t)bytes)
		return SENT_DONE;
	error_set(error, 0, "%s port %u: %s", sender->receiver->syslog.host,
		  sender->receiver->syslog.port, strerror(errno));
	if (errno == EMSGSIZE)
		return SENT_REFUSED;
	syslog_close(sender);
	return SENT_FAILED;
}

/* --- TCP and TLS --- */

void syslog_close(struct sender *sender)
{
	if (sender->udp >= 0)
		close(sender->udp);
	sender->udp = -1;
	if (!sender->connected)
		return;
	sender->connected = false;
	/* a handle that has connected keeps its connection: a new one has none */
	curl_easy_cleanup(sender->curl);
	sender->curl = curl_easy_init();
}

static int failed(struct sender *sender, const char *what, struct error *error)
{
	error_set(error, 0, "%s port %u: %s", sender->receiver->syslog.host,
		  sender->receiver->syslog.port, what);
	syslog_close(sender);
	return -EIO;
}

static int socket_of(const struct sender *sender)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	curl_easy_getinfo(sender->curl, CURLINFO_ACTIVESOCKET, &fd);
	return fd;
}

static int connect_stream(struct sender *sender, struct error *error)
{
	const struct receiver *receiver = sender->receiver;
	bool is_v6 = strchr(receiver->syslog.host, ':');
	char url[URL_MAX];
	CURLcode code;

	if (!sender->curl)
		return error_set(error, -ENOMEM, "out of memory");
	snprintf(url, sizeof(url), "%s://%s%s%s:%u",
		 receiver->syslog.transport == SYSLOG_TLS ? "https" : "http", is_v6 ? "[" : "",
		 receiver->syslog.host, is_v6 ? "]" : "", receiver->syslog.port);
	sender_prepare(sender, url);
	curl_easy_setopt(sender->curl, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(sender->curl, CURLOPT_PROXY, "");
	code = curl_easy_perform(sender->curl);
	sender->connected = true; /* or half of it */
	if (code != CURLE_OK)
		return failed(sender, curl_easy_strerror(code), error);
	return 0;
}

/* Nobody writes to us: what can be read is the end. */
static bool has_hung_up(const struct sender *sender)
{
	struct pollfd at = {.fd = socket_of(sender), .events = POLLIN | POLLRDHUP};
	char byte;

	if (at.fd < 0)
		return true;
	if (poll(&at, 1, 0) <= 0)
		return false;
	if (at.revents & (POLLRDHUP | POLLERR | POLLHUP))
		return true;
	return recv(at.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static bool is_over(const struct sender *sender, int64_t until_ms)
{
	return clock_monotonic_ms() >= until_ms || sender->stop(sender->stop_data);
}

static int write_all(struct sender *sender, const char *text, size_t bytes, int64_t until_ms,
		     struct error *error)
{
	while (bytes) {
		size_t n = 0;
		CURLcode code = curl_easy_send(sender->curl, text, bytes, &n);
		struct pollfd at = {.fd = socket_of(sender), .events = POLLOUT};

		text += n;
		bytes -= n;
		if (code != CURLE_OK && code != CURLE_AGAIN)
			return failed(sender, curl_easy_strerror(code), error);
		if (bytes && is_over(sender, until_ms))
			return failed(sender, "it takes nothing", error);
		if (bytes)
			poll(&at, 1, POLL_MS);
	}
	return 0;
}

/* Until the other end's kernel has confirmed all of it. */
static int wait_confirmed(struct sender *sender, int64_t until_ms, struct error *error)
{
	const struct timespec pause = {.tv_nsec = CONFIRM_NS};
	int unconfirmed = 0;

	while (!ioctl(socket_of(sender), SIOCOUTQ, &unconfirmed) && unconfirmed) {
		if (is_over(sender, until_ms))
			return failed(sender, "it confirms nothing", error);
		nanosleep(&pause, NULL);
	}
	return has_hung_up(sender) ? failed(sender, "it has closed the connection", error) : 0;
}

static enum sent send_stream(struct sender *sender, const char *text, size_t bytes,
			     struct error *error)
{
	int64_t until_ms = clock_monotonic_ms() + SENDER_TOTAL_MS;
	char length[LENGTH_MAX];
	int n, err = 0;

	if (sender->connected && has_hung_up(sender))
		syslog_close(sender);
	if (!sender->connected)
		err = connect_stream(sender, error);
	n = snprintf(length, sizeof(length), "%zu ", bytes);
	if (!err)
		err = write_all(sender, length, n, until_ms, error);
	if (!err)
		err = write_all(sender, text, bytes, until_ms, error);
	if (!err)
		err = wait_confirmed(sender, until_ms, error);
	return err ? SENT_FAILED : SENT_DONE;
}

enum sent syslog_send(struct sender *sender, const char *text, size_t bytes, struct error *error)
{
	return sender->receiver->syslog.transport == SYSLOG_UDP ?
		       send_udp(sender, text, bytes, error) :
		       send_stream(sender, text, bytes, error);
}
