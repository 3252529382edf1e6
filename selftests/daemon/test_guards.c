// SPDX-License-Identifier: GPL-2.0-only
/* The guards, in a network namespace of their own: real addresses, neighbours, routes and TCP sessions. The
 * router has wan0; at its other end, in another namespace, a peer connects to what the router serves.
 */
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
#include "daemon/guards/kernel_dump.h"

#define ROUTES	    40000
#define NOTICED_MS  5000 /* a change of addresses, at the latest; 100 are usual */
#define FUZZ_ROUNDS 20000
#define TURN_NS	    500000 /* what a turn of the loop may take, about */

static struct event_base *base;
static struct guards *guards;
static struct site_rules standard;
static char utmp[64];
static struct error why;
static bool ready;

/* --- the network --- */

static void shell(const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command))
		fail_msg("failed: %s", command);
}

static int listen_on(uint16_t port)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	int fd = socket(AF_INET6, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (void *)&address, sizeof(address)) || listen(fd, 16))
		fail_msg("cannot listen on port %u", port);
	return fd;
}

static bool connect_once(const struct sockaddr_in6 *local, const struct sockaddr_in6 *remote)
{
	int fd = socket(AF_INET6, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (!bind(fd, (const void *)local, sizeof(*local)) &&
	    !connect(fd, (const void *)remote, sizeof(*remote)))
		return true; /* and stays */
	close(fd);
	return false;
}

/* The link needs a moment until it carries anything. */
static bool connect_from(const char *from, uint16_t from_port, const char *to, uint16_t port)
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

/* The other namespace. Its sources are behind its own address, so that they are nobody's neighbour here. */
static int far_side(int wait_fd, int done_fd)
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
	/* strangers, and one of them from the port of BGP */
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

static void await(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		fail_msg("the other namespace is not there");
}

/* Who is logged in, as login(1) writes it; and who was. */
static void log_in(void)
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
	guards_set_utmp(guards, utmp);
}

static int make_network(void **state)
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
	/* half of the Internet is there: what lies behind wan0 is none of our networks (test_guards_networks.c) */
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
	site_rules_init(&standard);
	snprintf(utmp, sizeof(utmp), "/tmp/s64-%d-utmp", getpid());
	if (guards_start(&guards, base, &why))
		fail_msg("%s", why.text);
	log_in();
	ready = true;
	return 0;
}

static int end_network(void **state)
{
	(void)state;
	guards_stop(guards);
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

static struct prefix whole(const char *text)
{
	struct prefix prefix;

	if (prefix_parse_whole(text, &prefix, NULL))
		fail_msg("%s is not taken", text);
	return prefix;
}

static enum guard check_from(const char *text, const char *source)
{
	struct prefix prefix = whole(text), from = whole(source ? source : "::");

	why.text[0] = '\0';
	return guards_check(guards, &prefix, &from.address, source ? 1 : 0, &why);
}

static void passes(const char *text)
{
	enum guard guard = check_from(text, NULL);

	if (guard != GUARD_NONE)
		fail_msg("%s: %s", text, why.text);
}

static void refuses_from(const char *text, const char *source, enum guard expected,
			 const char *line)
{
	enum guard guard = check_from(text, source);

	assert_string_equal(why.text, line);
	assert_int_equal(guard, expected);
}

static void refuses(const char *text, enum guard expected, const char *line)
{
	refuses_from(text, NULL, expected, line);
}

static void set_peers(const struct site_rules *rules, const struct prefix *peers, size_t count)
{
	struct config_prefix entry[2] = {};
	struct config_prefixes list = {entry, count}, none = {};
	struct guards_before *before;

	for (size_t i = 0; i < count; i++)
		entry[i].prefix = peers[i];
	assert_int_equal(guards_configure(guards, rules, &list, &none, &before), 0);
	guards_forget(before);
}

/* What was read before is not used: the rules are said to have changed. */
static void forget(void)
{
	set_peers(&standard, NULL, 0);
}

static void run_loop(int ms)
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

/* --- lengths --- */

static void all_there_is_is_refused_even_with_force(void **state)
{
	NEEDS_NETWORK();
	refuses("::/0", GUARD_EVERYTHING,
		"::/0 is not blocked: it is every IPv6 or IPv4 source there is; --force does not block that either, and 'slash64 top' shows the sites that send most");
	refuses("0.0.0.0/0", GUARD_EVERYTHING,
		"0.0.0.0/0 is not blocked: it is every IPv4 source there is; --force does not block that either, and 'slash64 top' shows the sites that send most");
	assert_int_equal(check_from("::/8", NULL), GUARD_EVERYTHING); /* all of IPv4 is in it */
	assert_int_equal(check_from("::/80", NULL), GUARD_EVERYTHING);
}

static void what_is_more_than_a_network_is_refused(void **state)
{
	const struct prefix longer = whole("172.16.0.0/13"), shorter = whole("3fff::/28");

	NEEDS_NETWORK();
	refuses("3fff::/28", GUARD_SHORT,
		"3fff::/28 is not blocked: it is shorter than /29, so it is more than one network; block the parts that are meant, or --force blocks it all the same");
	assert_int_equal(check_from("8000::/1", NULL), GUARD_SHORT);
	refuses("172.16.0.0/12", GUARD_SHORT,
		"172.16.0.0/12 is not blocked: it is shorter than /13, so it is more than one network; block the parts that are meant, or --force blocks it all the same");
	assert_int_equal(check_from("0.0.0.0/1", NULL), GUARD_SHORT);
	passes("3fff::/29");
	passes("172.16.0.0/13");
	assert_true(guards_is_short(&shorter));
	assert_false(guards_is_short(&longer));
}

/* --- addresses --- */

static void own_addresses_are_refused(void **state)
{
	NEEDS_NETWORK();
	refuses("2001:db8:1::2/128", GUARD_OWN_ADDRESS,
		"2001:db8:1::2/128 is not blocked: it covers 2001:db8:1::2 (this router's own address on wan0); --force blocks it all the same");
	refuses("192.0.2.2", GUARD_OWN_ADDRESS,
		"192.0.2.2/32 is not blocked: it covers 192.0.2.2 (this router's own address on wan0); --force blocks it all the same");
	refuses("::1", GUARD_OWN_ADDRESS,
		"::1/128 is not blocked: it covers ::1 (this router's own address on lo); --force blocks it all the same");
	refuses("10.7.0.1", GUARD_OWN_ADDRESS,
		"10.7.0.1/32 is not blocked: it covers 10.7.0.1 (this router's own address on tun7); --force blocks it all the same");
	passes("2001:db8:1::3/128");
	passes("192.0.2.3");
}

static bool becomes(const char *text, enum guard expected)
{
	for (int i = 0; i < NOTICED_MS / 20; i++) {
		if (check_from(text, NULL) == expected)
			return true;
		usleep(20000);
	}
	return false;
}

static void an_address_that_comes_or_goes_is_noticed(void **state)
{
	NEEDS_NETWORK();
	passes("2001:db8:77::1/128");
	shell("ip addr add 2001:db8:77::1/128 dev wan0 nodad");
	assert_true(becomes("2001:db8:77::/64", GUARD_OWN_ADDRESS));
	shell("ip addr del 2001:db8:77::1/128 dev wan0");
	assert_true(becomes("2001:db8:77::/64", GUARD_NONE));
}

static void the_far_end_of_a_link_is_refused(void **state)
{
	NEEDS_NETWORK();
	refuses("10.7.0.2", GUARD_NEIGHBOUR,
		"10.7.0.2/32 is not blocked: it covers 10.7.0.2 (the far end of tun7); --force blocks it all the same");
}

/* --- neighbours --- */

/* hostile 4: others come of one ARP, or one neighbour solicitation */
static void
neighbours_that_were_written_are_refused_and_those_that_were_learned_are_not(void **state)
{
	NEEDS_NETWORK();
	shell("ip neigh add 2001:db8:1::a lladdr 02:00:00:00:00:0a dev wan0 nud stale");
	shell("ip neigh add 2001:db8:1::c lladdr 02:00:00:00:00:0a dev wan0 nud reachable router");
	shell("ip neigh add 192.0.2.14 lladdr 02:00:00:00:00:0a dev wan0 nud reachable");
	shell("ip neigh add fe80::b lladdr 02:00:00:00:00:0b dev wan0 nud permanent router");
	shell("ip neigh add 192.0.2.12 lladdr 02:00:00:00:00:0c dev wan0 nud permanent");
	shell("ip neigh add 2001:db8:1::d dev wan0 nud failed");
	shell("ip neigh add 2001:db8:1::e lladdr 02:00:00:00:00:0e dev wan0 nud noarp");
	forget();
	passes("2001:db8:1::a/128");
	passes("2001:db8:1::c/128");
	passes("192.0.2.14/32");
	refuses("fe80::b/128", GUARD_NEIGHBOUR,
		"fe80::b/128 is not blocked: it covers fe80::b (neighbouring router on wan0); --force blocks it all the same");
	refuses("192.0.2.12/31", GUARD_NEIGHBOUR,
		"192.0.2.12/31 is not blocked: it covers 192.0.2.12 (neighbour on wan0); --force blocks it all the same");
	passes("2001:db8:1::d/128");
	passes("2001:db8:1::e/128");
	assert_int_equal(check_from("fe80::/64", NULL), GUARD_OWN_ADDRESS);
	shell("ip neigh flush dev wan0 nud stale && ip neigh del 192.0.2.12 dev wan0 && ip neigh del fe80::b dev wan0");
}

/* --- next hops --- */

static void next_hops_are_refused_however_a_route_has_them(void **state)
{
	NEEDS_NETWORK();
	shell("ip route add default via 2001:db8:1::91");
	shell("ip route add 2001:db8:92::/48 nexthop via 2001:db8:1::92 dev wan0 nexthop via fe80::93 dev wan0");
	shell("ip route add 203.0.113.0/26 via 192.0.2.94");
	shell("ip route add 203.0.113.64/26 nexthop via 192.0.2.95 dev wan0 nexthop via 192.0.2.96 dev wan0");
	shell("ip route add 203.0.113.128/26 via inet6 fe80::97 dev wan0");
	shell("ip nexthop add id 98 via 2001:db8:1::98 dev wan0");
	shell("ip route add default via 2001:db8:1::99 table 99");
	run_loop(20); /* the notices */
	refuses("2001:db8:1::91/128", GUARD_NEXT_HOP,
		"2001:db8:1::91/128 is not blocked: it covers 2001:db8:1::91 (next hop of the default route via wan0); --force blocks it all the same");
	refuses("2001:db8:1::92/128", GUARD_NEXT_HOP,
		"2001:db8:1::92/128 is not blocked: it covers 2001:db8:1::92 (next hop via wan0); --force blocks it all the same");
	assert_int_equal(check_from("fe80::93", NULL), GUARD_NEXT_HOP);
	refuses("192.0.2.94", GUARD_NEXT_HOP,
		"192.0.2.94/32 is not blocked: it covers 192.0.2.94 (next hop via wan0); --force blocks it all the same");
	assert_int_equal(check_from("192.0.2.95", NULL), GUARD_NEXT_HOP);
	assert_int_equal(check_from("192.0.2.96", NULL), GUARD_NEXT_HOP);
	assert_int_equal(check_from("fe80::97", NULL), GUARD_NEXT_HOP);
	assert_int_equal(check_from("2001:db8:1::98", NULL), GUARD_NEXT_HOP);
	assert_int_equal(check_from("2001:db8:1::99", NULL), GUARD_NEXT_HOP);
}

static void the_dump_knows_the_same_next_hops(void **state)
{
	static const char *const hops[] = {"2001:db8:1::91", "2001:db8:1::92", "fe80::93",
					   "192.0.2.94",     "192.0.2.95",     "192.0.2.96",
					   "fe80::97",	     "2001:db8:1::98", "2001:db8:1::99"};
	struct guards *watching = guards;

	NEEDS_NETWORK();
	assert_int_equal(guards_start(&guards, base, &why), 0);
	for (size_t i = 0; i < sizeof(hops) / sizeof(hops[0]); i++)
		if (check_from(hops[i], NULL) != GUARD_NEXT_HOP)
			fail_msg("%s is not known: %s", hops[i], why.text);
	guards_stop(guards);
	guards = watching;
}

static void a_next_hop_that_is_gone_is_forgotten(void **state)
{
	NEEDS_NETWORK();
	shell("ip -6 route del default && ip -6 route del 2001:db8:92::/48");
	shell("ip route del 203.0.113.0/26 && ip route del 203.0.113.64/26");
	shell("ip route del 203.0.113.128/26 && ip nexthop del id 98 && ip -6 route flush table 99");
	assert_int_equal(check_from("2001:db8:1::91", NULL), GUARD_NEXT_HOP);
	run_loop(5500);
	passes("2001:db8:1::91");
	passes("fe80::93");
	passes("192.0.2.95");
	passes("2001:db8:1::98");
}

/* --- peers and sessions --- */

static void configured_peers_are_refused(void **state)
{
	const struct prefix peers[2] = {whole("2001:db8:70::1"), whole("203.0.113.200")};

	NEEDS_NETWORK();
	set_peers(&standard, peers, 2);
	refuses("2001:db8:70::/64", GUARD_PEER,
		"2001:db8:70::/64 is not blocked: it covers 2001:db8:70::1 (configured peer); --force blocks it all the same");
	refuses("203.0.113.200", GUARD_PEER,
		"203.0.113.200/32 is not blocked: it covers 203.0.113.200 (configured peer); --force blocks it all the same");
	passes("2001:db8:70::2/128");
	set_peers(&standard, peers, 1);
	passes("203.0.113.200");
	set_peers(&standard, NULL, 0);
	passes("2001:db8:70::/64");
}

static void a_bgp_session_is_refused(void **state)
{
	NEEDS_NETWORK();
	refuses("2001:db8:55:2::/64", GUARD_PEER,
		"2001:db8:55:2::/64 is not blocked: it covers 2001:db8:55:2::1 (BGP peer); --force blocks it all the same");
}

/* A peer that is under attack does not answer; the router tries all the same. */
static void a_bgp_session_that_is_only_tried_is_refused(void **state)
{
	struct sockaddr_in6 remote = {.sin6_family = AF_INET6, .sin6_port = htons(179)};
	int fd;

	NEEDS_NETWORK();
	shell("ip route add 2001:db8:66::/48 via 2001:db8:1::66");
	shell("ip neigh replace 2001:db8:1::66 lladdr 02:00:00:00:00:66 dev wan0 nud permanent");
	fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
	inet_pton(AF_INET6, "2001:db8:66::1", &remote.sin6_addr);
	connect(fd, (void *)&remote, sizeof(remote));
	forget();
	assert_int_equal(check_from("2001:db8:66::/64", NULL), GUARD_PEER);
	close(fd);
	shell("ip route del 2001:db8:66::/48 via 2001:db8:1::66 && ip neigh del 2001:db8:1::66 dev wan0");
	forget();
	passes("2001:db8:66::/64");
}

/* hostile 4: to port 22, to port 179, and from port 179 */
static void whoever_holds_a_connection_can_be_blocked(void **state)
{
	NEEDS_NETWORK();
	passes("2001:db8:55:3::/64");
	passes("2001:db8:55:4::/64");
	passes("2001:db8:55:5::/64"); /* was logged in */
}

static void a_user_who_is_logged_in_is_not_locked_out(void **state)
{
	NEEDS_NETWORK();
	refuses("2001:db8:55:1::/64", GUARD_SSH,
		"2001:db8:55:1::/64 is not blocked: it covers 2001:db8:55:1::1 (a user is logged in from there); --force blocks it all the same");
	refuses("198.51.100.7", GUARD_SSH,
		"198.51.100.7/32 is not blocked: it covers 198.51.100.7 (a user is logged in from there); --force blocks it all the same");
}

static void the_source_that_the_client_tells_is_refused(void **state)
{
	NEEDS_NETWORK();
	refuses_from(
		"2001:db8:88::/64", "2001:db8:88::5", GUARD_SSH,
		"2001:db8:88::/64 is not blocked: it covers 2001:db8:88::5 (from where you are logged in over SSH); --force blocks it all the same");
	refuses_from(
		"198.51.100.0/24", "198.51.100.7", GUARD_SSH,
		"198.51.100.0/24 is not blocked: it covers 198.51.100.7 (from where you are logged in over SSH) and 1 more; --force blocks it all the same");
	assert_int_equal(check_from("fe80::77", "fe80::77"), GUARD_SSH);
	assert_int_equal(check_from("2001:db8:88::/64", "2001:db8:89::5"), GUARD_NONE);
}

/* --- forms, and several reasons at once --- */

static void an_ipv4_block_covers_its_translated_forms(void **state)
{
	NEEDS_NETWORK();
	refuses("198.51.100.9", GUARD_SSH,
		"198.51.100.9/32 is not blocked: it covers 64:ff9b::c633:6409 (a user is logged in from there); --force blocks it all the same");
	refuses("64:ff9b::c633:6407/128", GUARD_SSH,
		"64:ff9b::c633:6407/128 is not blocked: it covers 198.51.100.7 (a user is logged in from there); --force blocks it all the same");
	refuses("2002:c633:6407::/48", GUARD_SSH,
		"2002:c633:6407::/48 is not blocked: it covers 198.51.100.7 (a user is logged in from there); --force blocks it all the same");
	/* Teredo has the address inverted (RFC 4380 4) */
	assert_int_equal(check_from("2001:0:1:1::39cc:9bf8/128", NULL), GUARD_SSH);
	passes("2001:0:1:1::39cc:9bf9/128");
	/* many clients: not a form */
	assert_int_equal(check_from("2002:c633:6400::/40", NULL), GUARD_NONE);
	assert_int_equal(check_from("203.0.113.77", "64:ff9b::203.0.113.77"), GUARD_SSH);
}

static void a_configured_translator_is_seen_through(void **state)
{
	const struct prefix translator = whole("2001:db8:64::/48");
	struct site_rules rules;

	NEEDS_NETWORK();
	assert_int_equal(check_from("203.0.113.78", "2001:db8:64:cb00:71:4e00::"), GUARD_NONE);
	site_rules_init(&rules);
	assert_int_equal(site_rules_add(&rules, &translator, S64_SITE_NAT64, 0, &why), 0);
	set_peers(&rules, NULL, 0);
	assert_int_equal(check_from("203.0.113.78", "2001:db8:64:cb00:71:4e00::"), GUARD_SSH);
	forget();
}

static void all_guarded_addresses_are_told_for_who_has_many_prefixes(void **state)
{
	static const char *const wanted[] = {"2001:db8:1::2",	 "2001:db8:1::1",    "10.7.0.2",
					     "2001:db8:55:1::1", "2001:db8:55:2::1", "198.51.100.9",
					     "2001:db8:70::1"};
	const struct prefix peer = whole("2001:db8:70::1");
	const struct in6_addr *addresses;
	size_t count;

	NEEDS_NETWORK();
	set_peers(&standard, &peer, 1);
	count = guards_addresses(guards, &addresses);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const struct in6_addr address = whole(wanted[i]).address;
		bool found = false;

		for (size_t j = 0; j < count; j++)
			found = found || !memcmp(&addresses[j], &address, sizeof(address));
		if (!found)
			fail_msg("%s is not among them", wanted[i]);
	}
	set_peers(&standard, NULL, 0);
}

static void all_reasons_are_named_the_first_guard_first(void **state)
{
	NEEDS_NETWORK();
	shell("ip neigh replace 2001:db8:1::1 lladdr 02:00:00:00:00:01 dev wan0 nud permanent router");
	forget();
	refuses_from(
		"2001:db8::/32", "2001:db8:88::5", GUARD_OWN_ADDRESS,
		"2001:db8::/32 is not blocked: it covers 2001:db8:1::2 (this router's own address on wan0), 2001:db8:1::1 (next hop via wan0, neighbouring router on wan0), 2001:db8:55:2::1 (BGP peer) and 2 more; --force blocks it all the same");
	shell("ip neigh del 2001:db8:1::1 dev wan0");
}

static void the_line_is_whole_however_much_is_covered(void **state)
{
	NEEDS_NETWORK();
	for (int i = 0; i < 200; i++)
		shell("ip neigh replace 2001:db8:1::%x lladdr 02:00:00:00:01:%02x dev wan0 nud permanent",
		      0x1000 + i, i);
	forget();
	check_from("2001:db8:1::/64", "2001:db8:1:0:ffff:ffff:ffff:ffff");
	assert_non_null(strstr(why.text, "; --force blocks it all the same"));
	check_from("2001:db8:1:0::/112", NULL);
	assert_non_null(strstr(why.text, " more; --force blocks it all the same"));
	for (int i = 0; i < 200; i++)
		shell("ip neigh del 2001:db8:1::%x dev wan0", 0x1000 + i);
	forget();
}

/* --- when the kernel does not answer, or nonsense --- */

static void what_was_known_counts_where_the_kernel_does_not_answer(void **state)
{
	struct rlimit limit, none;

	NEEDS_NETWORK();
	passes("2001:db8:1::3/128");
	forget();
	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	for (int i = 0; i < 2; i++) {
		enum guard own = check_from("2001:db8:1::2/128", NULL);
		enum guard nothing = check_from("2001:db8:1::3/128", NULL);

		if (own != GUARD_OWN_ADDRESS || nothing != GUARD_NONE) {
			setrlimit(RLIMIT_NOFILE, &limit);
			fail_msg("%d, %d", own, nothing);
		}
		forget();
	}
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_int_equal(check_from("2001:db8:1::2/128", NULL), GUARD_OWN_ADDRESS);
}

static size_t random_message(unsigned char *bytes, size_t room)
{
	struct nlmsghdr header = {.nlmsg_seq = 1};
	size_t length = sizeof(header) + rand() % (room - sizeof(header));

	for (size_t i = 0; i < length; i++)
		bytes[i] = rand() % 4 ? rand() % 32 : rand();
	header.nlmsg_len = rand() % 8 ? length : (size_t)rand() % (room * 2);
	header.nlmsg_type = 16 + rand() % 100;
	memcpy(bytes, &header, sizeof(header));
	/* attributes that look right, after a header of any length */
	for (size_t at = sizeof(header) + rand() % 80 / 4 * 4; at + 8 < length;) {
		struct nlattr attribute = {.nla_len = rand() % 4 ? 4 + rand() % 24 : rand(),
					   .nla_type = rand() % 4 ? rand() % 32 : rand()};

		memcpy(bytes + at, &attribute, sizeof(attribute));
		at += (attribute.nla_len + 4) / 4 * 4;
	}
	return length;
}

static void nonsense_from_the_kernel_does_no_harm(void **state)
{
	_Alignas(struct nlmsghdr) unsigned char bytes[512];
	struct networks networks = {};
	struct known_set set = {};
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	srand(64);
	for (int i = 0; i < FUZZ_ROUNDS; i++) {
		struct kernel_dump dump = {.netlink = {.socket = mnl_socket_fdopen(pair[0]),
						       .sequence = 1},
					   .table = i % KERNEL_TABLE_COUNT,
					   .networks = &networks};
		size_t length = random_message(bytes, sizeof(bytes));

		assert_int_equal(send(pair[1], bytes, length, 0), length);
		kernel_dump_read(&dump, &set, false);
		kernel_take_notices(bytes, length, &set, &networks);
		free(dump.netlink.socket);
		set.count = set.count > 1000 ? 0 : set.count;
	}
	assert_true(set.room > 0); /* some of it was taken for something */
	known_free(&set);
	assert_int_equal(networks_seal(&networks, &networks), 0);
	networks_free(&networks);
	close(pair[0]);
	close(pair[1]);
}

/* --- what it costs --- */

static void many_routes_with_few_next_hops_take_little_memory(void **state)
{
	struct in6_addr hop = whole("fe80::").address;
	struct known_set set = {};

	(void)state;
	for (int i = 0; i < 200000; i++) {
		hop.s6_addr[15] = i % 16;
		assert_int_equal(known_add(&set, &hop, 1, KNOWN_NEXT_HOP), 0);
	}
	known_seal(&set);
	assert_int_equal(set.count, 16);
	assert_true(set.room <= 512);
	known_free(&set);
}

/* 16 next hops, in rows, so that the notices that are read do not have them all. */
static void add_routes(int count)
{
	FILE *batch = popen("ip -6 -batch -", "w");

	assert_non_null(batch);
	for (int i = 0; i < count; i++)
		fprintf(batch, "route add 2001:db9:%x:%x::/64 via 2001:db8:1::%x\n", i >> 16,
			i & 0xffff, 0x4000 + i / (count / 16));
	assert_int_equal(pclose(batch), 0);
}

static int64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Processor time, as the machine is shared. */
static void many_routes_are_read_in_parts_and_leave_their_next_hops(void **state)
{
	int64_t longest = 0, end, spent;
	int busy = 0;

	NEEDS_NETWORK();
	add_routes(ROUTES);
	end = now_ns(CLOCK_MONOTONIC) + 8000000000;
	while (now_ns(CLOCK_MONOTONIC) < end) {
		spent = now_ns(CLOCK_THREAD_CPUTIME_ID);
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		spent = now_ns(CLOCK_THREAD_CPUTIME_ID) - spent;
		busy += spent > TURN_NS / 2;
		longest = spent > longest ? spent : longest;
		usleep(100);
	}
	print_message("%d routes in %d turns, the longest %.2f ms\n", ROUTES, busy, longest / 1e6);
	for (int i = 0; i < 16; i++) {
		char hop[INET6_ADDRSTRLEN];

		snprintf(hop, sizeof(hop), "2001:db8:1::%x", 0x4000 + i);
		assert_int_equal(check_from(hop, NULL), GUARD_NEXT_HOP);
	}
	assert_true(busy >= 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_there_is_is_refused_even_with_force),
		cmocka_unit_test(what_is_more_than_a_network_is_refused),
		cmocka_unit_test(own_addresses_are_refused),
		cmocka_unit_test(an_address_that_comes_or_goes_is_noticed),
		cmocka_unit_test(the_far_end_of_a_link_is_refused),
		cmocka_unit_test(
			neighbours_that_were_written_are_refused_and_those_that_were_learned_are_not),
		cmocka_unit_test(whoever_holds_a_connection_can_be_blocked),
		cmocka_unit_test(next_hops_are_refused_however_a_route_has_them),
		cmocka_unit_test(the_dump_knows_the_same_next_hops),
		cmocka_unit_test(a_next_hop_that_is_gone_is_forgotten),
		cmocka_unit_test(configured_peers_are_refused),
		cmocka_unit_test(a_bgp_session_is_refused),
		cmocka_unit_test(a_bgp_session_that_is_only_tried_is_refused),
		cmocka_unit_test(a_user_who_is_logged_in_is_not_locked_out),
		cmocka_unit_test(the_source_that_the_client_tells_is_refused),
		cmocka_unit_test(an_ipv4_block_covers_its_translated_forms),
		cmocka_unit_test(a_configured_translator_is_seen_through),
		cmocka_unit_test(all_guarded_addresses_are_told_for_who_has_many_prefixes),
		cmocka_unit_test(all_reasons_are_named_the_first_guard_first),
		cmocka_unit_test(the_line_is_whole_however_much_is_covered),
		cmocka_unit_test(what_was_known_counts_where_the_kernel_does_not_answer),
		cmocka_unit_test(nonsense_from_the_kernel_does_no_harm),
		cmocka_unit_test(many_routes_with_few_next_hops_take_little_memory),
		cmocka_unit_test(many_routes_are_read_in_parts_and_leave_their_next_hops),
	};

	return cmocka_run_group_tests(tests, make_network, end_network);
}
