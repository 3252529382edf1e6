/* SPDX-License-Identifier: GPL-2.0-only */
/* A packet path with maps of its own, and frames for it. */
#ifndef SELFTESTS_DATAPATH_VERDICT_TEST_H
#define SELFTESTS_DATAPATH_VERDICT_TEST_H

#include <stdio.h>

#include "native.h"

#include "maps/local_addresses.h"
#include "maps/prefix_table.h"
#include "maps/blocklist.h"

#define ANY_SOURCE "2a00:1:2:3::4"
#define ANY_TARGET "2a00:9:9:9::1"

static struct blocklist blocklist;
static struct prefixes prefixes;

static inline int setup(void **state)
{
	struct error error;

	native_setup(state);
	assert_int_equal(sources_init(&blocklist, &native_maps, &error), 0);
	assert_int_equal(prefixes_init(&prefixes, &native_maps, &error), 0);
	source_index_open(&prefixes.source_index);
	return 0;
}

static inline int teardown(void **state)
{
	sources_free(&blocklist);
	prefixes_free(&prefixes);
	return native_teardown(state);
}

static inline struct prefix parsed(const char *text)
{
	struct prefix prefix;

	if (prefix_parse_whole(text, &prefix, NULL))
		fail_msg("'%s' is no prefix", text);
	return prefix;
}

static inline void expect_reason(const struct frame *f, int reason, const char *what)
{
	struct s64_packet packet;
	uint8_t got = process_frame(f, &packet);

	if (got != reason)
		fail_msg("%s: got %s; wanted %s", what, reason_name(got), reason_name(reason));
}

/* --- is a message valid? --- */

struct message {
	const char *what;
	int reason;
	uint8_t type, code, hop_limit;
	const char *src, *dst;
	enum { BARE, ALERT, FRAGMENT } chain;
	uint8_t bytes; /* behind the four of the header */
	uint8_t body[48];
};

static inline void build(struct frame *f, const struct message *m)
{
	static const uint8_t alert[] = {58, 0, 5, 2, 0, 0, 1, 0},
			     fragment[] = {58, 0, 0, 0, 0, 0, 0, 1};

	ethernet(f, 0x86dd);
	ipv6(f,
	     m->chain == ALERT	  ? 0 :
	     m->chain == FRAGMENT ? 44 :
				    58,
	     m->hop_limit, m->src, m->dst);
	if (m->chain == ALERT)
		put(f, alert, sizeof(alert));
	if (m->chain == FRAGMENT)
		put(f, fragment, sizeof(fragment));
	put_icmpv6(f, m->type, m->code, 0);
	put(f, m->body, m->bytes);
	finish(f);
}

#define LINK		     "fe80::1"
#define ALL		     "ff02::1"
#define SOLICITED	     "ff02::1:ff00:1"
#define NS		     135, 0, 255, LINK, SOLICITED, BARE
#define FROM_NONE(type, dst) type, 0, 255, "::", dst, BARE
#define PASS		     S64_REASON_POLICY
#define WITHIN		     S64_REASON_WITHIN_LIMIT

static const struct message messages[] = {
	{"an echo request", WITHIN, 128, 0, 64, ANY_SOURCE, ANY_TARGET, BARE, 4, {0}},
	{"too short a one", S64_REASON_TOO_SHORT, 128, 0, 64, ANY_SOURCE, ANY_TARGET, BARE, 3, {0}},
	{"one to the link", WITHIN, 128, 0, 64, LINK, ALL, BARE, 4, {0}},
	{"one to a source's group",
	 S64_REASON_ECHO_MULTICAST,
	 128,
	 0,
	 64,
	 ANY_SOURCE,
	 "ff05::1",
	 BARE,
	 4,
	 {0}},
	{"packet too big", WITHIN, 2, 0, 64, ANY_SOURCE, ANY_TARGET, BARE, 44, {0, 0, 5, 0}},
	{"for 1279 bytes",
	 S64_REASON_PTB_MTU_BELOW_1280,
	 2,
	 0,
	 64,
	 ANY_SOURCE,
	 ANY_TARGET,
	 BARE,
	 44,
	 {0, 0, 4, 255}},
	{"unreachable, code 8", WITHIN, 1, 8, 64, ANY_SOURCE, ANY_TARGET, BARE, 44, {0}},
	{"unreachable, code 255", WITHIN, 1, 255, 64, ANY_SOURCE, ANY_TARGET, BARE, 44, {0}},
	{"a parameter problem nobody assigned",
	 WITHIN,
	 4,
	 11,
	 64,
	 ANY_SOURCE,
	 ANY_TARGET,
	 BARE,
	 44,
	 {0}},
	{"a solicitation", PASS, NS, 20, {0}},
	/* hostile 5: nobody beyond the link can send it, so no table decides whether the target is
	 * ours
	 */
	{"one to an address nobody knows", PASS, 135, 0, 255, LINK, ANY_TARGET, BARE, 20, {0}},
	{"an advertisement to one", PASS, 136, 0, 255, ANY_SOURCE, ANY_TARGET, BARE, 20, {0}},
	{"a redirect to one", WITHIN, 137, 0, 255, LINK, ANY_TARGET, BARE, 36, {0}},
	{"inverse discovery of one", PASS, 141, 0, 255, ANY_SOURCE, ANY_TARGET, BARE, 20, {0}},
	{"a certification path for one", PASS, 149, 0, 255, LINK, ANY_TARGET, BARE, 20, {0}},
	{"a listener beyond its link",
	 S64_REASON_LINK_SCOPE,
	 131,
	 0,
	 1,
	 LINK,
	 ANY_TARGET,
	 ALERT,
	 20,
	 {0}},
	{"through a router",
	 S64_REASON_HOP_LIMIT_NOT_255,
	 135,
	 0,
	 254,
	 LINK,
	 SOLICITED,
	 BARE,
	 20,
	 {0}},
	{"in a fragment", S64_REASON_ND_FRAGMENT, 135, 0, 255, LINK, SOLICITED, FRAGMENT, 20, {0}},
	{"of code 1", S64_REASON_BAD_CODE, 135, 1, 255, LINK, SOLICITED, BARE, 20, {0}},
	{"of a group", S64_REASON_ND_TARGET, NS, 20, {[4] = 0xff}},
	{"with an option", PASS, NS, 28, {[20] = 1, 1}},
	{"of length 0", S64_REASON_ND_OPTION, NS, 28, {[20] = 1, 0}},
	{"that runs past the end", S64_REASON_ND_OPTION, NS, 28, {[20] = 1, 2}},
	{"of one byte", S64_REASON_ND_OPTION, NS, 21, {[20] = 1}},
	{"DAD", PASS, FROM_NONE(135, SOLICITED), 20, {0}},
	{"DAD, to all", S64_REASON_ND_UNSPECIFIED, FROM_NONE(135, ALL), 20, {0}},
	{"DAD with a source",
	 S64_REASON_ND_UNSPECIFIED,
	 FROM_NONE(135, SOLICITED),
	 28,
	 {[20] = 1, 1}},
	{"an advertisement from ::", S64_REASON_SOURCE_UNSPECIFIED, FROM_NONE(136, ALL), 20, {0}},
	{"an advertisement", PASS, 136, 0, 255, LINK, ALL, BARE, 20, {0}},
	{"that was asked for",
	 S64_REASON_NA_SOLICITED_MULTICAST,
	 136,
	 0,
	 255,
	 LINK,
	 ALL,
	 BARE,
	 20,
	 {0x40}},
	{"to who asked", PASS, 136, 0, 255, LINK, LINK, BARE, 20, {0x40}},
	{"a router", PASS, 134, 0, 255, LINK, ALL, BARE, 12, {0}},
	{"that is far",
	 S64_REASON_SOURCE_NOT_LINK_LOCAL,
	 134,
	 0,
	 255,
	 ANY_SOURCE,
	 ALL,
	 BARE,
	 12,
	 {0}},
	{"a group's report", PASS, 131, 0, 1, LINK, "ff05::5", ALERT, 20, {0}},
	{"from ::", PASS, 131, 0, 1, "::", "ff05::5", ALERT, 20, {0}},
	{"of hop limit 2", S64_REASON_HOP_LIMIT_NOT_1, 131, 0, 2, LINK, "ff05::5", ALERT, 20, {0}},
	{"without an alert", S64_REASON_NO_ROUTER_ALERT, 131, 0, 1, LINK, "ff05::5", BARE, 20, {0}},
	{"from a group",
	 S64_REASON_SOURCE_MULTICAST,
	 128,
	 0,
	 64,
	 "ff0e::1",
	 ANY_TARGET,
	 BARE,
	 4,
	 {0}},
};

static inline void tcp_frame(struct frame *f, const char *src, const char *dst)
{
	ethernet(f, 0x86dd);
	ipv6(f, S64_PROTO_TCP, 64, src, dst);
	put_tcp(f, S64_TCP_ACK);
	finish(f);
}

static inline void expect_tcp(const char *src, int reason)
{
	struct frame f;

	tcp_frame(&f, src, ANY_TARGET);
	expect_reason(&f, reason, src);
}

/* --- features --- */

static inline void put_option(struct frame *f, uint8_t next, uint8_t option)
{
	packet_start(f, next);
	put8(f, S64_PROTO_TCP);
	put8(f, 0);
	put8(f, option);
	put8(f, 4);
	put_zeros(f, 4);
	put_tcp(f, S64_TCP_ACK);
	finish(f);
}

/* --- listed sources --- */

static inline void list(const char *text, uint8_t info)
{
	struct prefix prefix = parsed(text);

	assert_int_equal(prefixes_put(&prefixes, &prefix, info), 0);
}

static inline void set_throttle(int i, uint32_t rate, uint32_t burst)
{
	struct policy_limit limit = {rate, burst, 0, 0};

	assert_int_equal(policy_compile_limit(&limit, S64_LIMIT_THROTTLE + i, NATIVE_TICK_NS,
					      &s64_native->limits[S64_LIMIT_THROTTLE + i]),
			 0);
}

/* --- the fast path of plain packets: every frame of these tests takes it too, if possible (native.h) ---
 */

static inline void build_udp(struct frame *f, const char *src, uint16_t payload_length)
{
	ethernet(f, 0x86dd);
	ipv6(f, S64_PROTO_UDP, 64, src, "2a00:9:9:9::1");
	put_udp(f);
	f->data[f->ipv6 + 5] = payload_length;
}

static inline uint8_t process_plainly(const struct frame *f)
{
	s64_frame frame = {f->data, f->data + f->bytes, f->bytes};

	return process_fast(&frame).reason;
}

static inline void set_own(const char *first, const char *second)
{
	struct prefix own[] = {parsed(first), parsed(second)};
	struct local_count counted;

	assert_int_equal(local_set(&native_maps, own, 2, false, &counted), 0);
	assert_int_equal(counted.left_out, 0);
}

#endif
