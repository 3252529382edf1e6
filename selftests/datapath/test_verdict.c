// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c user/maps/blocklist.c user/maps/prefix_table.c user/net/prefix_set.c user/maps/local_addresses.c */
/* From class to reason: what is valid, what is listed, who it is for; what is counted; and that a look into a table
 * that finds nothing harms nobody.
 */
#include <stdio.h>

#include "native.h"

#include "maps/local_addresses.h"
#include "maps/prefix_table.h"
#include "maps/blocklist.h"

#define ANY_SOURCE "2a00:1:2:3::4"
#define ANY_TARGET "2a00:9:9:9::1"

static struct sites sites;
static struct prefixes prefixes;

static int setup(void **state)
{
	struct error error;

	native_setup(state);
	assert_int_equal(sites_init(&sites, &native_tables, &error), 0);
	assert_int_equal(prefixes_init(&prefixes, &native_tables, &error), 0);
	gate_open(&prefixes.gate);
	return 0;
}

static int teardown(void **state)
{
	sites_free(&sites);
	prefixes_free(&prefixes);
	return native_teardown(state);
}

static struct prefix parsed(const char *text)
{
	struct prefix prefix;

	if (prefix_parse_whole(text, &prefix, NULL))
		fail_msg("'%s' is no prefix", text);
	return prefix;
}

static void expect_reason(const struct frame *f, int reason, const char *what)
{
	struct s64_packet packet;
	uint8_t got = judge_frame(f, &packet);

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

static void build(struct frame *f, const struct message *m)
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
	{"one to a site's group",
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
	 S64_REASON_PTB_MTU,
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
	/* hostile 5: nobody beyond the link can send it, so no table is asked whether the target is ours */
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
	{"that was asked for", S64_REASON_NA_SOLICITED, 136, 0, 255, LINK, ALL, BARE, 20, {0x40}},
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

static void a_message_is_held_to_its_rfc(void **state)
{
	struct frame f;

	(void)state;
	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		build(&f, &messages[i]);
		expect_reason(&f, messages[i].reason, messages[i].what);
	}
}

/* Field P5: an advertisement with 33 routes was refused. */
static void a_message_may_hold_as_many_options_as_it_has_room_for(void **state)
{
	static const struct message solicitation = {"", PASS, NS, 20, {0}};
	struct frame f;

	(void)state;
	build(&f, &solicitation);
	while (f.bytes + 8 <= sizeof(f.data)) {
		put8(&f, 14);
		put8(&f, 1);
		put_zeros(&f, 6);
		finish(&f);
		expect_reason(&f, PASS, "options");
	}
	f.data[f.bytes - 7] = 2; /* the last of some 500 runs past the end */
	expect_reason(&f, S64_REASON_ND_OPTION, "the last");
	f.data[f.bytes - 7] = 0;
	expect_reason(&f, S64_REASON_ND_OPTION, "the last, of length 0");
}

/* The buffer ends, the packet goes on: what would have to be looked at is not there. */
static void a_message_beyond_the_buffer_is_dropped(void **state)
{
	static const struct message solicitation = {"", PASS, NS, 28, {[20] = 1, 1}},
				    advertisement = {"",   PASS, 136,  0,  255,
						     LINK, ALL,	 BARE, 28, {[20] = 2, 1}},
				    too_big = {"",	   WITHIN,     2,    0,	 64,
					       ANY_SOURCE, ANY_TARGET, BARE, 44, {0, 0, 5, 0}};
	static const struct message *const all[] = {&solicitation, &advertisement, &too_big};
	static const uint32_t needed[] = {54 + 24 + 2, 54 + 24 + 2, 54 + 8};
	struct s64_packet packet;
	struct s64_icmpv6_type type = {.checks = S64_CHECK_NA_SOLICITED};
	uint8_t bytes[4] = {};
	struct frame f;

	(void)state;
	for (int i = 0; i < 3; i++) {
		build(&f, all[i]);
		f.wire_bytes = f.bytes;
		for (uint32_t n = 58; n < f.bytes; n++)
			assert_int_equal(judge_bytes(&f, n, &packet),
					 n < needed[i] ? S64_REASON_HEADERS_BEYOND_BUFFER :
							 all[i]->reason);
	}
	/* a check of its own, where no other looks further; and options where a header is not whole */
	packet.dst_hi = 0xff02ULL << 48;
	assert_int_equal(validate_nd(NULL, bytes, bytes + 4, &type, &packet),
			 S64_REASON_HEADERS_BEYOND_BUFFER);
	assert_int_equal(STEP_REASON(
				 chain_options(bytes, bytes + 1, 0, 8, 8, S64_PROTO_HOP_BY_HOP)),
			 S64_REASON_HEADERS_BEYOND_BUFFER);
}

/* --- other upper layers --- */

static void every_upper_layer_has_its_class(void **state)
{
	static const struct {
		uint8_t next, class, reason;
	} layers[] = {
		{4, S64_CLASS_IPV4_TUNNEL, PASS},
		{41, S64_CLASS_IPV6_TUNNEL, PASS},
		{47, S64_CLASS_GRE, PASS},
		{50, S64_CLASS_ESP, PASS},
		{59, S64_CLASS_NO_NEXT_HEADER, PASS},
		{89, S64_CLASS_OTHER, PASS},
		{147, S64_CLASS_OTHER, PASS},
		{148, S64_CLASS_UNKNOWN_HEADER, WITHIN},
		{255, S64_CLASS_UNKNOWN_HEADER, WITHIN},
		{253, S64_CLASS_EXPERIMENTAL_HEADER, S64_REASON_POLICY_DROP},
		{254, S64_CLASS_EXPERIMENTAL_HEADER, S64_REASON_POLICY_DROP},
	};
	struct frame f;

	(void)state;
	for (size_t i = 0; i < sizeof(layers) / sizeof(*layers); i++) {
		packet_start(&f, layers[i].next);
		put_zeros(&f, 8);
		finish(&f);
		expect(&f, layers[i].class, layers[i].reason);
	}
}

static void tcp_frame(struct frame *f, const char *src, const char *dst)
{
	ethernet(f, 0x86dd);
	ipv6(f, S64_PROTO_TCP, 64, src, dst);
	put_tcp(f, S64_TCP_ACK);
	finish(f);
}

static void expect_tcp(const char *src, int reason)
{
	struct frame f;

	tcp_frame(&f, src, ANY_TARGET);
	expect_reason(&f, reason, src);
}

/* --- features --- */

static void put_option(struct frame *f, uint8_t next, uint8_t option)
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

static void the_stricter_of_class_and_feature_counts(void **state)
{
	struct frame f;

	(void)state;
	put_option(&f, S64_PROTO_DESTINATION, 0x8a);
	expect_reason(&f, S64_REASON_FEATURE + S64_FEATURE_OPTION_DEPRECATED,
		      "an endpoint identification");
	put_option(&f, S64_PROTO_HOP_BY_HOP, 0x07);
	expect_reason(&f, WITHIN, "a hop-by-hop header");
	s64_native->limits[S64_LIMIT_FEATURE + S64_FEATURE_HOP_BY_HOP].site.window = 0;
	expect_reason(&f, S64_REASON_OVER_SITE_LIMIT, "one too many");
	put_option(&f, S64_PROTO_DESTINATION, 0x05);
	expect_reason(&f, WITHIN, "an alert in the wrong place is an unknown option");
	assert_int_equal(feature_first(0), 0);
}

/* --- who is it for? --- */

static void own_addresses_are_local_in_either_bucket(void **state)
{
	static struct prefix own[10000];
	char text[INET6_ADDRSTRLEN];
	struct local_count counted;
	struct frame f;

	(void)state;
	s64_native->policy.action[S64_CLASS_TCP][S64_LOCAL] = S64_ACTION_DROP;
	for (int i = 0; i < 10000; i++)
		own[i] = prefix_of_bits(0x2a00000900090009ULL, 1000 + i, 128);
	assert_int_equal(local_set(&native_tables, own, 10000, false, &counted), 0);
	assert_int_equal(counted.left_out, 0);
	for (int i = 0; i < 10000; i++) {
		tcp_frame(&f, ANY_SOURCE, address_format(&own[i].address, text));
		expect_reason(&f, S64_REASON_POLICY_DROP, text);
	}
	tcp_frame(&f, ANY_SOURCE, ANY_TARGET);
	expect_reason(&f, PASS, "another");
	tcp_frame(&f, ANY_SOURCE, "ff0e::1");
	expect_reason(&f, PASS, "a group nobody joined");
	s64_native->direction = S64_GIVEN_LOCAL;
	expect_reason(&f, S64_REASON_POLICY_DROP, "what is said to be local");
	s64_native->direction = S64_GIVEN_TRANSIT;
	tcp_frame(&f, ANY_SOURCE, LINK);
	expect_reason(&f, PASS, "what is said to be in transit");
}

/* --- what is listed --- */

static void list(const char *text, uint8_t info)
{
	struct prefix prefix = parsed(text);

	assert_int_equal(prefixes_put(&prefixes, &prefix, info), 0);
}

static void set_throttle(int i, uint32_t rate, uint32_t burst)
{
	struct policy_limit limit = {rate, burst, 0, 0};

	assert_int_equal(policy_compile_limit(&limit, S64_LIMIT_THROTTLE + i, NATIVE_TICK_NS,
					      &s64_native->limits[S64_LIMIT_THROTTLE + i]),
			 0);
}

static void the_longest_listed_prefix_counts(void **state)
{
	(void)state;
	sites_put(&sites, 0x2a00000100020003ULL, S64_BLOCK_FINER);
	expect_tcp(ANY_SOURCE, S64_REASON_BLOCKED);
	list("2a00:1:2:3::4/128", S64_PREFIX_ALLOW);
	expect_tcp(ANY_SOURCE, PASS);
	expect_tcp("2a00:1:2:3::5", S64_REASON_BLOCKED);
	list("2a00:5::/32", 0);
	list("2a00:5:6::/48", S64_PREFIX_ALLOW);
	expect_tcp("2a00:5:7::1", S64_REASON_BLOCKED_PREFIX);
	expect_tcp("2a00:5:6::1", PASS);
	expect_tcp("2a00:6::1", PASS);
	list("2b00::/20", 0);
	expect_tcp("2b00:111::1", S64_REASON_BLOCKED_PREFIX);
	expect_tcp("2b00:1111::1", PASS);
	/* what is within a site is longer than it */
	sites_put(&sites, 0x2b00000011110001ULL, S64_BLOCK_FINER);
	expect_tcp("2b00:0:1111:1::1", S64_REASON_BLOCKED);
}

static void prefixes_are_found_in_either_bucket(void **state)
{
	char text[INET6_ADDRSTRLEN];
	struct prefix prefix;

	(void)state;
	for (uint64_t i = 0; i < NATIVE_PREFIXES; i++) {
		prefix = prefix_of_bits(0x2a10000000000000ULL | i << 16, 0, 48);
		assert_int_equal(prefixes_put(&prefixes, &prefix, 0), 0);
	}
	for (uint64_t i = 0; i < NATIVE_PREFIXES + 100; i++) {
		prefix = prefix_of_bits(0x2a10000000000000ULL | i << 16, 1, 128);
		expect_tcp(address_format(&prefix.address, text),
			   i < NATIVE_PREFIXES ? S64_REASON_BLOCKED_PREFIX : PASS);
	}
}

static void ipv4_is_the_same_in_any_form(void **state)
{
	(void)state;
	sites_put(&sites, s64_site_of_v4(0xc6336407), S64_BLOCK_FINER); /* 198.51.100.7 */
	expect_tcp("64:ff9b::c633:6407", S64_REASON_BLOCKED);
	list("64:ff9b::c633:6407/128", S64_PREFIX_ALLOW);
	expect_tcp("64:ff9b::c633:6407", PASS);
	expect_tcp("2002:c633:6407::1", S64_REASON_BLOCKED);
	list("::ffff:203.0.113.0/120", 0);
	expect_tcp("2002:cb00:7101::1", S64_REASON_BLOCKED_PREFIX);
	list("::ffff:203.0.113.1/128", S64_PREFIX_ALLOW);
	expect_tcp("2002:cb00:7101::1", PASS);
	list("2002:c000:200::/40", 0);
	expect_tcp("2002:c000:201::1", S64_REASON_BLOCKED_PREFIX);
}

static void native_ipv4_is_looked_up_where_asked_for(void **state)
{
	static const uint8_t ipv4[20] = {0x45, [12] = 198, 51, 100, 7};
	struct frame f;

	(void)state;
	sites_put(&sites, s64_site_of_v4(0xc6336407), 0);
	ethernet(&f, 0x0800);
	put(&f, ipv4, sizeof(ipv4));
	expect(&f, S64_CLASS_NOT_IPV6, S64_REASON_NOT_IPV6);
	s64_native->policy.flags |= S64_IFACE_IPV4_ENFORCE;
	expect(&f, S64_CLASS_IPV4, S64_REASON_BLOCKED);
	f.data[14 + 15] = 8;
	expect(&f, S64_CLASS_IPV4, S64_REASON_POLICY);
	f.data[14] = 0x44;
	expect(&f, S64_CLASS_NOT_IPV6, S64_REASON_NOT_IPV6);
}

static void a_throttle_lets_its_rate_through(void **state)
{
	(void)state;
	set_throttle(1, 100000, 2); /* less than two ticks of traffic: by the exact clock */
	assert_true(s64_native->limits[S64_LIMIT_THROTTLE + 1].exact_clock);
	sites_put(&sites, 0x2a00000100020003ULL, S64_BLOCK_THROTTLE | 1);
	list("2a00:5::/32", S64_BLOCK_THROTTLE | 1);
	sites_put(&sites, 0x2a00000700080009ULL, S64_BLOCK_FINER);
	list("2a00:7:8:9::/80", S64_BLOCK_THROTTLE | 1);
	for (int i = 0; i < 3; i++) {
		int reason = i < 2 ? PASS : S64_REASON_THROTTLED;

		expect_tcp(ANY_SOURCE, reason);
		expect_tcp("2a00:5:1::1", reason);
		expect_tcp("2a00:5:2::1", reason);
		expect_tcp("2a00:7:8:9::1", reason);
	}
}

/* A processor that meets little else asks the buckets at once. */
static void under_a_flood_the_answer_is_the_same(void **state)
{
	struct s64_memory *memory = &s64_native->counters.memory;

	(void)state;
	sites_put(&sites, 0x2a00000100020003ULL, 0);
	for (int i = 0; i < 100; i++)
		expect_tcp(ANY_SOURCE, S64_REASON_BLOCKED);
	assert_int_equal(memory->blocked_lately, S64_BLOCKED_LATELY_MAX);
	for (int i = 0; i < 16; i++)
		expect_tcp("2a00:6::1", PASS);
	assert_int_equal(memory->blocked_lately, 0);
}

/* --- the short way of plain packets: every frame of these tests takes it, too, where it can (native.h) --- */

static void build_udp(struct frame *f, const char *src, uint16_t payload_length)
{
	ethernet(f, 0x86dd);
	ipv6(f, S64_PROTO_UDP, 64, src, "2a00:9:9:9::1");
	put_udp(f);
	f->data[f->ipv6 + 5] = payload_length;
}

static uint8_t judge_plainly(const struct frame *f)
{
	s64_frame frame = {f->data, f->data + f->bytes, f->bytes};

	return judge_short(&frame).reason;
}

static void a_plain_packet_is_limited_on_the_short_way(void **state)
{
	struct s64_packet packet;
	struct frame f;
	int over = 0;

	(void)state;
	for (int direction = 0; direction < S64_DIRECTION_COUNT; direction++)
		s64_native->policy.action[S64_CLASS_UDP][direction] = S64_ACTION_LIMIT;
	s64_native->limits[S64_CLASS_UDP] = s64_native->limits[S64_CLASS_ECHO_REQUEST];
	build_udp(&f, ANY_SOURCE, 8);
	assert_int_equal(judge_plainly(&f), S64_REASON_WITHIN_LIMIT);
	for (int i = 0; i < 2000; i++)
		over += judge_frame(&f, &packet) == S64_REASON_OVER_SITE_LIMIT;
	assert_in_range(over, 1, 1999);
	assert_int_equal(judge_plainly(&f), S64_REASON_OVER_SITE_LIMIT);
}

/* In calm, where the limiter's line is asked for first, and where nearly everything is blocked. */
static void a_limited_class_asks_for_blocks_and_for_limits_either_way(void **state)
{
	static const uint32_t lately[] = {0, S64_BLOCKED_LATELY_MAX};
	const uint64_t site = 0x2a00000100020003ULL; /* of ANY_SOURCE */
	struct s64_packet packet;
	struct frame f;

	(void)state;
	for (int direction = 0; direction < S64_DIRECTION_COUNT; direction++)
		s64_native->policy.action[S64_CLASS_UDP][direction] = S64_ACTION_LIMIT;
	s64_native->limits[S64_CLASS_UDP] = s64_native->limits[S64_CLASS_ECHO_REQUEST];
	build_udp(&f, ANY_SOURCE, 8);
	for (size_t i = 0; i < sizeof(lately) / sizeof(lately[0]); i++) {
		int over = 0;

		s64_native->now += S64_WINDOW_MAX;
		sites_put(&sites, site, 0);
		s64_native->counters.memory.blocked_lately = lately[i];
		assert_int_equal(judge_plainly(&f), S64_REASON_BLOCKED);
		sites_remove(&sites, site);
		for (int n = 0; n < 2000; n++) {
			s64_native->counters.memory.blocked_lately = lately[i];
			over += judge_frame(&f, &packet) == S64_REASON_OVER_SITE_LIMIT;
		}
		assert_in_range(over, 1, 1999);
	}
}

static void what_is_not_plain_takes_the_long_way(void **state)
{
	static const char *const ruled[] = {"2002:c633:6407::1", "fe80::1", "64:ff9b::1", "ff02::1",
					    "::"};
	struct frame f;

	(void)state;
	build_udp(&f, ANY_SOURCE, 8);
	assert_int_equal(judge_plainly(&f), PASS);
	for (size_t i = 0; i < sizeof(ruled) / sizeof(ruled[0]); i++) {
		build_udp(&f, ruled[i], 8);
		assert_int_equal(judge_plainly(&f), S64_REASON_NONE);
	}
	/* a payload longer than the frame, or too short for its header */
	build_udp(&f, ANY_SOURCE, 9);
	assert_int_equal(judge_plainly(&f), S64_REASON_NONE);
	build_udp(&f, ANY_SOURCE, 7);
	assert_int_equal(judge_plainly(&f), S64_REASON_NONE);
	/* another action for each direction */
	build_udp(&f, ANY_SOURCE, 8);
	s64_native->policy.action[S64_CLASS_UDP][S64_LOCAL] = S64_ACTION_DROP;
	assert_int_equal(judge_plainly(&f), S64_REASON_NONE);
	/* but a blocked site is blocked whatever they are */
	sites_put(&sites, 0x2a00000100020003ULL, 0);
	assert_int_equal(judge_plainly(&f), S64_REASON_BLOCKED);
	sites_put(&sites, 0x2a00000100020003ULL, S64_BLOCK_THROTTLE);
	assert_int_equal(judge_plainly(&f), S64_REASON_NONE);
}

static void nothing_is_read_behind_a_frame_for_the_sample(void **state)
{
	struct s64_plain plain = {.site = 1, .class = S64_CLASS_UDP};
	struct s64_packet packet = {};
	struct frame f;
	s64_frame frame = {f.data, f.data + S64_PLAIN_UPPER - 1, S64_PLAIN_UPPER};

	(void)state;
	build_udp(&f, ANY_SOURCE, 8);
	packet_of_plain(&packet, &frame, &plain);
	assert_int_equal(packet.class, 0);
	frame.data_end++;
	packet_of_plain(&packet, &frame, &plain);
	assert_int_equal(packet.class, S64_CLASS_UDP);
}

/* --- bogons --- */

static void bogons_are_let_alone_counted_or_dropped(void **state)
{
	struct s64_iface_policy *policy = &s64_native->policy;

	(void)state;
	expect_tcp("fc00::1", PASS);
	policy->flags = S64_IFACE_BOGON_ENFORCE;
	expect_tcp("fc00::1", S64_REASON_SOURCE_BOGON);
	expect_tcp("4000::1", S64_REASON_SOURCE_BOGON);
	expect_tcp("2001:db9::1", PASS);
	expect_tcp(LINK, S64_REASON_SOURCE_BOGON);
	assert_false(reason_is_monitored(policy, S64_REASON_SOURCE_BOGON));
	policy->flags = S64_IFACE_BOGON_MONITOR;
	expect_tcp("fc00::1", S64_REASON_SOURCE_BOGON);
	assert_true(reason_is_monitored(policy, S64_REASON_SOURCE_BOGON));
	assert_false(reason_is_monitored(policy, S64_REASON_BLOCKED));
	sites_put(&sites, 0xfc00ULL << 48, 0);
	expect_tcp("fc00::1", S64_REASON_BLOCKED);
}

static void set_own(const char *first, const char *second)
{
	struct prefix own[] = {parsed(first), parsed(second)};
	struct local_count counted;

	assert_int_equal(local_set(&native_tables, own, 2, false, &counted), 0);
	assert_int_equal(counted.left_out, 0);
}

/* field P1: who has only a link-local address on this link, as many a provider's router, speaks to this one by it */
static void the_link_may_speak_to_the_router_by_its_link_local_addresses(void **state)
{
	struct s64_iface_policy *policy = &s64_native->policy;
	struct frame f;

	(void)state;
	policy->flags = S64_IFACE_BOGON_ENFORCE;
	set_own("2a00:9:9:9::2", "2a00:a::/48");
	tcp_frame(&f, LINK, "2a00:9:9:9::2");
	expect_reason(&f, PASS, "to an own address");
	tcp_frame(&f, LINK, "2a00:a:0:1::1");
	expect_reason(&f, PASS, "to an address of an own prefix");
	tcp_frame(&f, LINK, "fe80::2");
	expect_reason(&f, PASS, "to a link-local address");
	tcp_frame(&f, LINK, "ff05::2");
	expect_reason(&f, PASS, "to a group");
	tcp_frame(&f, LINK, ANY_TARGET);
	expect_reason(&f, S64_REASON_SOURCE_BOGON, "to who is beyond the link");
	/* an address the table does not know yet, and the kernel does */
	s64_native->keeps_all = true;
	expect_reason(&f, PASS, "to what the kernel would not forward");
	s64_native->keeps_all = false;
	s64_native->direction = S64_GIVEN_LOCAL;
	expect_reason(&f, PASS, "to what is said to be local");
	s64_native->direction = S64_GIVEN_BY_ADDRESS;
	policy->flags |= S64_IFACE_ONE_LINK;
	expect_reason(&f, PASS, "where nothing is forwarded");
	policy->flags = S64_IFACE_BOGON_MONITOR;
	expect_reason(&f, S64_REASON_SOURCE_BOGON, "monitored");
}

/* field P1: a hop limit of 255 proves that it comes from the link, whatever its source */
static void discovery_from_a_bogon_passes(void **state)
{
	static const struct message from_local = {"",	     PASS,	 135,  0,  255,
						  "fd00::1", ANY_TARGET, BARE, 20, {0}};
	static const struct message from_afar = {"",	    PASS,	135,  0,  254,
						 "fd00::1", ANY_TARGET, BARE, 20, {0}};
	struct frame f;

	(void)state;
	s64_native->policy.flags = S64_IFACE_BOGON_ENFORCE;
	build(&f, &from_local);
	expect_reason(&f, PASS, "a unique local neighbour");
	build(&f, &from_afar);
	expect_reason(&f, S64_REASON_HOP_LIMIT_NOT_255, "one beyond a router");
}

/* field P8 */
static void what_the_operator_configured_is_no_bogon(void **state)
{
	struct prefix translator = parsed("64:ff9b:1::/96");
	struct site_rules rules;
	struct error error;

	(void)state;
	s64_native->policy.flags = S64_IFACE_BOGON_ENFORCE;
	expect_tcp("64:ff9b:1::c633:6407", S64_REASON_SOURCE_BOGON);
	expect_tcp("fd00:1::1", S64_REASON_SOURCE_BOGON);
	site_rules_init(&rules);
	assert_int_equal(site_rules_add(&rules, &translator, S64_SITE_NAT64, 0, &error), 0);
	site_rules_stage(&rules, &native_tables);
	gate_open(&prefixes.gate);
	site_rules_switch(&native_tables);
	expect_tcp("64:ff9b:1::c633:6407", PASS);
	expect_tcp("64:ff9b:1:1::c633:6407", S64_REASON_SOURCE_BOGON);
	list("fd00:1::/32", S64_PREFIX_ALLOW);
	expect_tcp("fd00:1::1", PASS);
	expect_tcp("fd00:2::1", S64_REASON_SOURCE_BOGON);
	/* a block within it is not put in; one beside it does not make anything legitimate */
	list("fd00:2::/40", 0);
	expect_tcp("fd00:2::1", S64_REASON_SOURCE_BOGON);
}

/* hostile 10: AnyIP, SIDs */
static void own_prefixes_are_local(void **state)
{
	static const char *const inside[] = {"2a00:a::", "2a00:a:0:1::1", "2a00:b::8000:1"};
	static const char *const outside[] = {"2a00:a:1::", "2a00:b::7fff:1", "2a00:b::1:0:1"};
	struct frame f;

	(void)state;
	s64_native->policy.action[S64_CLASS_TCP][S64_LOCAL] = S64_ACTION_DROP;
	set_own("2a00:a::/48", "2a00:b::8000:0/113");
	for (int i = 0; i < 3; i++) {
		tcp_frame(&f, ANY_SOURCE, inside[i]);
		expect_reason(&f, S64_REASON_POLICY_DROP, inside[i]);
		tcp_frame(&f, ANY_SOURCE, outside[i]);
		expect_reason(&f, PASS, outside[i]);
	}
	set_own("2a00:9::1", "2a00:9::2");
	tcp_frame(&f, ANY_SOURCE, inside[0]);
	expect_reason(&f, PASS, "one that is gone");
	assert_int_equal(native_tables.lengths[S64_LOCAL_LENGTHS].mask[0], 0);
	assert_int_equal(native_tables.lengths[S64_LOCAL_LENGTHS].mask[1], 0);
}

static void compile(enum s64_class class, enum policy_profile profile, uint8_t transit,
		    uint8_t local)
{
	struct policy policy;

	policy_init(&policy, profile);
	policy.row[class].action[S64_TRANSIT] = transit;
	policy.row[class].action[S64_LOCAL] = local;
	policy_compile(&policy, NULL, 0, NATIVE_TICK_NS, &s64_native->policy, s64_native->limits);
}

/* The kind of hostile 5: what a host's own actions are for must not depend on whether the table has the address */
static void a_host_is_addressed_by_whatever_comes(void **state)
{
	(void)state;
	compile(S64_CLASS_TCP, PROFILE_EDGE, S64_ACTION_PASS, S64_ACTION_DROP);
	expect_tcp(ANY_SOURCE, PASS);
	compile(S64_CLASS_TCP, PROFILE_HOST, S64_ACTION_PASS, S64_ACTION_DROP);
	expect_tcp(ANY_SOURCE, S64_REASON_POLICY_DROP);
	compile(S64_CLASS_TCP, PROFILE_HOST, S64_ACTION_DROP, S64_ACTION_PASS);
	expect_tcp(ANY_SOURCE, PASS);
}

/* A guard against router advertisements through a bridge: whether to all nodes, or to one beyond it */
static void what_a_bridge_drops_of_the_link_is_dropped_to_everybody(void **state)
{
	static const struct message to_all = {"", PASS, 134, 0, 255, LINK, ALL, BARE, 12, {0}};
	static const struct message to_one = {"",   PASS,	134,  0,  255,
					      LINK, ANY_TARGET, BARE, 12, {0}};
	static const uint8_t actions[][2] = {{S64_ACTION_DROP, S64_ACTION_PASS},
					     {S64_ACTION_PASS, S64_ACTION_DROP}};
	struct frame f;

	(void)state;
	for (int i = 0; i < 3; i++) {
		int reason = i < 2 ? S64_REASON_POLICY_DROP : PASS;

		compile(S64_CLASS_ROUTER_ADVERTISEMENT, PROFILE_BRIDGE,
			i < 2 ? actions[i][0] : S64_ACTION_PASS,
			i < 2 ? actions[i][1] : S64_ACTION_PASS);
		build(&f, &to_all);
		expect_reason(&f, reason, "to all nodes");
		build(&f, &to_one);
		expect_reason(&f, reason, "to one");
	}
	/* what no profile of a router passes, two sides of a bridge may say to each other */
	compile(S64_CLASS_ROUTER_ADVERTISEMENT, PROFILE_BRIDGE, S64_ACTION_PASS, S64_ACTION_PASS);
	assert_int_equal(s64_native->policy.action[S64_CLASS_FMIPV6][S64_LOCAL], S64_ACTION_PASS);
	assert_int_equal(s64_native->policy.action[S64_CLASS_MPL][S64_TRANSIT], S64_ACTION_PASS);
}

/* --- what replay and the benchmark ask for --- */

static void it_stops_where_it_is_told(void **state)
{
	struct s64_packet packet;
	struct frame f;

	(void)state;
	sites_put(&sites, 0x2a00000100020003ULL, 0);
	tcp_frame(&f, ANY_SOURCE, ANY_TARGET);
	s64_native->step = S64_STEP_PARSE;
	expect(&f, S64_CLASS_MALFORMED, PASS);
	s64_native->step = S64_STEP_CLASSIFY;
	expect(&f, S64_CLASS_TCP, PASS);
	s64_native->step = S64_STEP_ALL;
	expect(&f, S64_CLASS_TCP, S64_REASON_BLOCKED);
	s64_native->config.skip = S64_SKIP_BLOCKS | S64_SKIP_LIMIT;
	s64_native->policy.action[S64_CLASS_TCP][S64_TRANSIT] = S64_ACTION_LIMIT;
	expect(&f, S64_CLASS_TCP, PASS);
	s64_native->config.skip = S64_SKIP_BLOCKS;
	assert_int_equal(judge_frame(&f, &packet), WITHIN);
	s64_native->limits[S64_CLASS_TCP] = s64_native->limits[S64_CLASS_ECHO_REQUEST];
	s64_native->limits[S64_CLASS_TCP].site.window = 0;
	assert_int_equal(judge_frame(&f, &packet), S64_REASON_OVER_SITE_LIMIT);
}

/* --- counters and samples --- */

static void each_reason_is_counted_by_packets_and_bytes(void **state)
{
	struct s64_counters *counters = &s64_native->counters;

	(void)state;
	for (int i = 0; i < 2; i++) {
		count(counters, S64_CLASS_UDP, S64_REASON_BLOCKED, S64_PLANE_WOULD, 100);
		count(counters, S64_CLASS_MALFORMED, S64_REASON_BAD_JUMBO, S64_PLANE_DONE, 60);
	}
	assert_int_equal(
		counters->of_class[S64_PLANE_WOULD][S64_CLASS_UDP][S64_REASON_BLOCKED].packets, 2);
	assert_int_equal(
		counters->of_class[S64_PLANE_WOULD][S64_CLASS_UDP][S64_REASON_BLOCKED].bytes, 200);
	assert_int_equal(
		counters->of_parse[S64_PLANE_DONE][S64_REASON_BAD_JUMBO - S64_REASON_PARSE].packets,
		2);
}

static void samples_stand_for_every_packet(void **state)
{
	struct s64_memory *memory = &s64_native->counters.memory;
	struct s64_packet packet = {.site = 1, .length = 100000};
	uint64_t sum = 0, packets = 0, samples = 0;

	(void)state;
	/* calm, a flood, calm again */
	for (int tick = 0; tick < 300; tick++) {
		s64_native->now++;
		for (int i = 0; i < (tick / 100 == 1 ? 10000 : 3); i++) {
			uint32_t weight = sampler_take(memory);

			packets++;
			sum += weight;
			if (!weight)
				continue;
			samples++;
			report(0, &packet, S64_REASON_BLOCKED, weight);
			assert_int_equal(sum, packets);
		}
	}
	assert_int_equal(sum + memory->skip - memory->left, packets);
	assert_in_range(samples, 100 * S64_SAMPLES_PER_TICK / 4, 100 * S64_SAMPLES_PER_TICK * 4);
	assert_int_equal(memory->mask, 0);
	assert_int_equal(s64_native->samples.head, samples);
	assert_int_equal(s64_native->samples.slot[0].length, 0xffff);
}

/* --- what is not there --- */

/* Every look that a frame leads to, one after the other, finds nothing. */
static void fail_each_look(struct frame *f)
{
	for (uint32_t n = 1; n < 1000; n++) {
		struct s64_packet packet;
		uint8_t reason;

		s64_native->looks = n;
		reason = judge_frame(f, &packet);
		assert_string_not_equal(reason_name(reason), "undefined");
		if (s64_native->looks)
			break; /* it takes no more */
	}
	s64_native->looks = 0;
}

static void fill_limiter(void)
{
	for (uint32_t i = 0; i < s64_native->config.limiter_lines; i++)
		for (uint64_t j = 0; j < S64_LIMITER_SLOTS; j++)
			s64_native->limiter[i].slot[j] = (0xabc000 + j) << S64_TAT_BITS |
							 ((s64_native->now + 1000) & S64_TAT_MASK);
}

static void a_look_that_finds_nothing_still_ends_in_a_verdict(void **state)
{
	static const char *const sources[] = {
		ANY_SOURCE,	     "2a00:5:6::1", "64:ff9b::c633:6407",
		"2002:cb00:7101::1", "fc00::1",	    "2a00:1:2:3::5"};
	struct s64_packet packet = {};
	struct frame f;

	(void)state;
	set_throttle(1, 10, 2);
	s64_native->policy.flags = S64_IFACE_BOGON_ENFORCE;
	s64_native->policy.action[S64_CLASS_TCP][S64_TRANSIT] = S64_ACTION_LIMIT;
	s64_native->limits[S64_CLASS_TCP] = s64_native->limits[S64_CLASS_ECHO_REQUEST];
	sites_put(&sites, 0x2a00000100020003ULL, S64_BLOCK_FINER);
	list("2a00:1:2:3::4/128", S64_PREFIX_ALLOW);
	list("2a00:5::/32", S64_BLOCK_THROTTLE | 1);
	list("::ffff:203.0.113.0/120", 0);
	for (int full = 0; full < 2; full++) {
		for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++) {
			tcp_frame(&f, sources[i], "ff0e::1");
			fail_each_look(&f);
		}
		for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
			build(&f, &messages[i]);
			fail_each_look(&f);
		}
		fill_limiter();
	}
	s64_native->looks = 1;
	report(0, &packet, S64_REASON_POLICY, 1);
	assert_int_equal(s64_native->samples.head, 0);
}

/* A word that another processor wrote in between. */
static void who_loses_the_race_for_a_word_charges_nothing(void **state)
{
	struct s64_rate rate = {10, 100};
	__u64 word, now = s64_native->now, tag = 0x123456ULL << S64_TAT_BITS;
	struct charge charge = {.word = &word, .tag = tag};

	(void)state;
	word = tag | ((now + 20) & S64_TAT_MASK);
	charge.old = tag | ((now + 10) & S64_TAT_MASK);
	charge.ahead = 10;
	assert_false(rate_commit(&rate, &charge, now));
	assert_int_equal(word, tag | ((now + 20) & S64_TAT_MASK));
	charge.old = word;
	charge.ahead = 20;
	assert_true(rate_commit(&rate, &charge, now));
	assert_int_equal(word, tag | ((now + 30) & S64_TAT_MASK));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(a_message_is_held_to_its_rfc),
		TEST(a_message_may_hold_as_many_options_as_it_has_room_for),
		TEST(a_message_beyond_the_buffer_is_dropped),
		TEST(every_upper_layer_has_its_class),
		TEST(the_stricter_of_class_and_feature_counts),
		TEST(own_addresses_are_local_in_either_bucket),
		TEST(the_longest_listed_prefix_counts),
		TEST(prefixes_are_found_in_either_bucket),
		TEST(ipv4_is_the_same_in_any_form),
		TEST(native_ipv4_is_looked_up_where_asked_for),
		TEST(a_throttle_lets_its_rate_through),
		TEST(under_a_flood_the_answer_is_the_same),
		TEST(a_plain_packet_is_limited_on_the_short_way),
		TEST(a_limited_class_asks_for_blocks_and_for_limits_either_way),
		TEST(what_is_not_plain_takes_the_long_way),
		TEST(nothing_is_read_behind_a_frame_for_the_sample),
		TEST(bogons_are_let_alone_counted_or_dropped),
		TEST(the_link_may_speak_to_the_router_by_its_link_local_addresses),
		TEST(discovery_from_a_bogon_passes),
		TEST(what_the_operator_configured_is_no_bogon),
		TEST(own_prefixes_are_local),
		TEST(a_host_is_addressed_by_whatever_comes),
		TEST(what_a_bridge_drops_of_the_link_is_dropped_to_everybody),
		TEST(it_stops_where_it_is_told),
		TEST(each_reason_is_counted_by_packets_and_bytes),
		TEST(samples_stand_for_every_packet),
		TEST(a_look_that_finds_nothing_still_ends_in_a_verdict),
		TEST(who_loses_the_race_for_a_word_charges_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
