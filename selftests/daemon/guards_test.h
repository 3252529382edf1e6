/* SPDX-License-Identifier: GPL-2.0-only */
/* The guards, and a network for them. The router has wan0; at its other end, in another namespace,
 * a peer connects to the router's services.
 */
#ifndef SELFTESTS_DAEMON_GUARDS_TEST_H
#define SELFTESTS_DAEMON_GUARDS_TEST_H

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>
#include <cmocka.h>

#include "daemon/guards/protected_addresses.h"
#include "kernel/kernel_dump.h"

#define ROUTES 40000
/* the latest time at which a change of addresses is noticed; 100 is usual */
#define NOTICED_MS  5000
#define FUZZ_ROUNDS 20000
#define TURN_NS	    500000 /* about what a turn of the loop may take */

static struct event_base *base;
static struct protected_addresses *protection;
static struct source_rules standard;
static char utmp[64];
static struct error why;
static bool ready;

/* --- the network --- */

static inline void shell(const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command))
		fail_msg("failed: %s", command);
}

static inline int listen_on(uint16_t port)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	int fd = socket(AF_INET6, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (void *)&address, sizeof(address)) || listen(fd, 16))
		fail_msg("cannot listen on port %u", port);
	return fd;
}

static inline bool connect_once(const struct sockaddr_in6 *local, const struct sockaddr_in6 *remote)
{
	int fd = socket(AF_INET6, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (!bind(fd, (const void *)local, sizeof(*local)) &&
	    !connect(fd, (const void *)remote, sizeof(*remote)))
		return true; /* and stays */
	close(fd);
	return false;
}

/* It takes a moment until the link carries traffic. */
static inline bool connect_from(const char *from, uint16_t from_port, const char *to, uint16_t port)
{
	struct sockaddr_in6 local = {.sin6_family = AF_INET6, .sin6_port = htons(from_port)};
	struct sockaddr_in6 remote = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	bool done = false;

	inet_pton(AF_INET6, from, &local.sin6_addr);
	inet_pton(AF_INET6, to, &remote.sin6_addr);
	for (int i = 0; i < 50 && !done; i++) {
		done = connect_once(&local, &remote);
		if (!done)
			usleep(100000);
	}
	return done;
}

/* The other namespace. Its sources are behind its own address, so they are nobody's neighbour here.
 */
static inline int far_side(int wait_fd, int done_fd)
{
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNET) || write(done_fd, "n", 1) != 1 || read(wait_fd, &byte, 1) != 1)
		return 1;
	if (system("ip link set lo up && ip link set far0 up &&"
		   "ip addr add 2001:db8:1::1/64 dev far0 nodad && ip addr add 192.0.2.1/24 dev far0 &&"
		   "ip addr add 2001:db8:55:1::1/128 dev lo && ip addr add 2001:db8:55:2::1/128 dev lo &&"
		   "ip addr add 2001:db8:55:3::1/128 dev lo && ip addr add 2001:db8:55:4::1/128 dev lo &&"
		   "ip addr add 64:ff9b::198.51.100.9/128 dev lo && ip addr add 198.51.100.7/32 dev lo"))
		return 1;
	/* strangers, one of them from the BGP port */
	if (!connect_from("2001:db8:55:3::1", 0, "2001:db8:1::2", 22) ||
	    !connect_from("2001:db8:55:3::1", 0, "2001:db8:1::2", 179) ||
	    !connect_from("2001:db8:55:4::1", 179, "2001:db8:1::2", 22))
		return 1;
	listen_on(179);
	if (write(done_fd, "c", 1) != 1)
		return 1;
	pause();
	return 0;
}

static inline void await(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		fail_msg("the other namespace is not there");
}

/* Users who are logged in, as login(1) records them, and users who were. */
static inline void log_in(void)
{
	static const char *const from[] = {"2001:db8:55:1::1", "64:ff9b::198.51.100.9",
					   "::ffff:198.51.100.7", "2001:db8:55:5::1"};
	FILE *file = fopen(utmp, "w");

	if (!file)
		fail_msg("cannot write %s", utmp);
	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		struct utmp record = {.ut_type = USER_PROCESS, .ut_pid = getpid()};
		struct in6_addr address;

		inet_pton(AF_INET6, from[i], &address);
		memcpy(record.ut_addr_v6, &address, sizeof(address));
		if (IN6_IS_ADDR_V4MAPPED(&address)) {
			memset(record.ut_addr_v6, 0, sizeof(record.ut_addr_v6));
			memcpy(record.ut_addr_v6, &address.s6_addr[12], 4);
		}
		if (i == 3)
			record.ut_type = DEAD_PROCESS;
		fwrite(&record, sizeof(record), 1, file);
	}
	fclose(file);
	protected_addresses_set_utmp(protection, utmp);
}

static inline int make_network(void **state)
{
	int to[2], from[2];
	pid_t child;

	(void)state;
	if (geteuid() || unshare(CLONE_NEWNET) || pipe(to) || pipe(from))
		return 0; /* every test is skipped */
	child = fork();
	if (child == 0)
		_exit(far_side(to[0], from[1]));
	close(from[1]);
	await(from[0]);
	shell("ip link set lo up && ip link add wan0 type veth peer name far0 netns %d", child);
	shell("ip link set wan0 up && ip addr add 2001:db8:1::2/64 dev wan0 nodad");
	shell("ip addr add 192.0.2.2/24 dev wan0 && ip route add 198.51.100.0/24 via 192.0.2.1");
	shell("ip route add 2001:db8:55::/48 via 2001:db8:1::1");
	/* half of the Internet is there: networks behind wan0 are not ours (test_networks.c) */
	shell("ip route add 128.0.0.0/1 via 192.0.2.1");
	shell("ip route add 64:ff9b::/96 via 2001:db8:1::1");
	shell("ip tuntap add tun7 mode tun && ip link set tun7 up");
	shell("ip addr add 10.7.0.1 peer 10.7.0.2 dev tun7");
	listen_on(22);
	listen_on(179);
	if (write(to[1], "g", 1) != 1)
		return -1;
	await(from[0]);
	if (!connect_from("2001:db8:1::2", 0, "2001:db8:55:2::1", 179))
		fail_msg("cannot connect to the peer");
	base = event_base_new();
	source_rules_init(&standard);
	snprintf(utmp, sizeof(utmp), "/tmp/s64-%d-utmp", getpid());
	if (protected_addresses_start(&protection, base, &why))
		fail_msg("%s", why.text);
	log_in();
	ready = true;
	return 0;
}

static inline int end_network(void **state)
{
	(void)state;
	protected_addresses_stop(protection);
	if (base)
		event_base_free(base);
	unlink(utmp);
	return 0;
}

#define NEEDS_NETWORK()         \
	do {                    \
		(void)state;    \
		if (!ready)     \
			skip(); \
	} while (0)

/* --- checks --- */

static inline struct prefix whole(const char *text)
{
	struct prefix prefix;

	if (prefix_parse_whole(text, &prefix, NULL))
		fail_msg("%s is not taken", text);
	return prefix;
}

static inline enum guard check_from(const char *text, const char *source)
{
	struct prefix prefix = whole(text), from = whole(source ? source : "::");

	why.text[0] = '\0';
	return protected_addresses_check(protection, &prefix,
					 &(struct guards_caller){&from.address, source ? 1 : 0},
					 &why);
}

static inline void passes(const char *text)
{
	enum guard guard = check_from(text, NULL);

	if (guard != GUARD_NONE)
		fail_msg("%s: %s", text, why.text);
}

static inline void refuses_from(const char *text, const char *source, enum guard expected,
				const char *line)
{
	enum guard guard = check_from(text, source);

	assert_string_equal(why.text, line);
	assert_int_equal(guard, expected);
}

static inline void refuses(const char *text, enum guard expected, const char *line)
{
	refuses_from(text, NULL, expected, line);
}

static inline void set_peers(const struct source_rules *rules, const struct prefix *peers,
			     size_t count)
{
	struct config_prefix entry[2] = {};
	struct config_prefixes list = {entry, count}, none = {};
	struct protected_addresses_before *before;

	for (size_t i = 0; i < count; i++)
		entry[i].prefix = peers[i];
	assert_int_equal(protected_addresses_configure(protection, rules, &list, &none, &before),
			 0);
	protected_addresses_forget(before);
}

/* Discards what was read before: the rules are declared changed. */
static inline void forget(void)
{
	set_peers(&standard, NULL, 0);
}

static inline void run_loop(int ms)
{
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		if (event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK))
			break;
		usleep(1000);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < ms);
}

#endif
