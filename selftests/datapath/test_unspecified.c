// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c user/maps/blocklist.c user/maps/prefix_table.c user/net/prefix_set.c user/net/block_target.c user/base/array.c */
/* The unspecified address, and others in ::/64 (hostile 2): 0 marks an empty slot in the maps, so
 * no key may be 0, whatever the address.
 */
#include "native.h"

#include "maps/prefix_table.h"
#include "maps/blocklist.h"
#include "net/block_target.h"

#define SOLICITED   "ff02::1:ff00:1"
#define ALL_ROUTERS "ff02::2"

static struct blocklist blocklist;
static struct prefixes prefixes;

static int setup(void **state)
{
	struct error error;

	native_setup(state);
	assert_int_equal(sources_init(&blocklist, &native_maps, &error), 0);
	assert_int_equal(prefixes_init(&prefixes, &native_maps, &error), 0);
	source_index_open(&prefixes.source_index);
	return 0;
}

static int teardown(void **state)
{
	sources_free(&blocklist);
	prefixes_free(&prefixes);
	return native_teardown(state);
}

static void message(struct frame *f, uint8_t type, uint8_t hop_limit, const char *dst, size_t body,
		    bool alert)
{
	static const uint8_t option[] = {58, 0, 5, 2, 0, 0, 1, 0};

	ethernet(f, 0x86dd);
	ipv6(f, alert ? 0 : 58, hop_limit, "::", dst);
	if (alert)
		put(f, option, sizeof(option));
	put_icmpv6(f, type, 0, body);
	finish(f);
}

/* Messages that a host without an address sends to its link, and those that require an address. */
static const struct {
	const char *what;
	uint8_t type, hop_limit;
	const char *dst;
	uint8_t body;
	bool alert, passes;
} messages[] = {
	{"duplicate address detection", 135, 255, SOLICITED, 20, false, true},
	{"a router solicitation", 133, 255, ALL_ROUTERS, 4, false, true},
	{"a report of a group", 131, 1, SOLICITED, 20, true, true},
	{"an MLDv2 report", 143, 1, "ff02::16", 4, true, true},
	/* hostile 22: RFC 3971 6.4.1 */
	{"a certification path solicitation", 148, 255, ALL_ROUTERS, 8, false, true},
	{"a certification path advertisement", 149, 255, "ff02::1", 8, false, false},
	{"a neighbour advertisement", 136, 255, "ff02::1", 20, false, false},
	{"an echo request", 128, 64, "2a00:9:9:9::1", 4, false, false},
};

static void each_message_is_decided_as_it_should_be(const char *while_what)
{
	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		struct s64_packet packet;
		struct frame f;
		uint8_t reason;

		message(&f, messages[i].type, messages[i].hop_limit, messages[i].dst,
			messages[i].body, messages[i].alert);
		reason = process_frame(&f, &packet);
		if (messages[i].passes ? reason_is_drop(reason) :
					 reason != S64_REASON_SOURCE_UNSPECIFIED)
			fail_msg("%s from ::, %s: %s", messages[i].what, while_what,
				 reason_name(reason));
	}
}

/* In buckets with empty slots. */
static void who_has_no_address_is_never_blocked(void **state)
{
	struct s64_cpu_state *cpu_state = &s64_native->counters->cpu_state;

	(void)state;
	each_message_is_decided_as_it_should_be("in calm");
	for (int i = 0; i < 64; i++) {
		*cpu_state = (struct s64_cpu_state){.blocked_lately = S64_BLOCKED_LATELY_MAX,
						    .block_cache_score = i % 16,
						    .left = i};
		each_message_is_decided_as_it_should_be("while nearly everything is blocked");
	}
	*cpu_state = (struct s64_cpu_state){};
	memset(s64_native->bloom, 0xff,
	       s64_native->config.bloom_lines * sizeof(*s64_native->bloom));
	each_message_is_decided_as_it_should_be(
		"where the filter says that there may be something");
}

static void what_is_said_of_a_prefix_around_it_is_not_about_who_has_no_address(void **state)
{
	static const char *const around[] = {"::/16", "::/64", "::/128"};

	(void)state;
	for (size_t i = 0; i < sizeof(around) / sizeof(*around); i++) {
		struct prefix prefix;

		assert_int_equal(prefix_parse_whole(around[i], &prefix, NULL), 0);
		assert_int_equal(prefixes_put(&prefixes, &prefix, 0), 0);
		each_message_is_decided_as_it_should_be(around[i]);
	}
}

/* ::1 and IPv4-like addresses in an IPv6 header have the same upper half; passing or dropping them
 * is up to `bogons:`.
 */
static void its_neighbours_are_not_blocked_by_an_empty_place(void **state)
{
	static const char *const sources[] = {"::1", "::ffff:198.51.100.7", "::198.51.100.7",
					      "::dead:beef:1:1"};

	(void)state;
	for (int lately = 0; lately <= S64_BLOCKED_LATELY_MAX; lately += S64_BLOCKED_LATELY_MAX) {
		for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++) {
			struct frame f;

			ethernet(&f, 0x86dd);
			ipv6(&f, S64_PROTO_UDP, 64, sources[i], "2a00:9:9:9::1");
			put_udp(&f);
			finish(&f);
			s64_native->counters->cpu_state =
				(struct s64_cpu_state){.blocked_lately = lately, .left = 1};
			expect(&f, S64_CLASS_UDP, S64_REASON_POLICY);
		}
	}
}

static void no_address_has_the_source_that_says_empty(void **state)
{
	static const uint64_t bits[] = {0, 1, 0xffff, 1ULL << 32, 1ULL << 48, 0xffff00000000ULL};
	struct source_rules rules;
	struct prefix prefix;
	struct error error;
	uint32_t length;

	(void)state;
	source_rules_init(&rules);
	for (int i = 16; i <= 128; i++) {
		prefix = prefix_of_bits(0, 0, i < 96 ? i : 96);
		source_rules_init(&rules);
		assert_int_equal(source_rules_add(&rules, &prefix, S64_SOURCE_KIND_LENGTH, i,
						  &error),
				 0);
		source_rules_stage(&rules, &native_maps);
		source_index_open(&prefixes.source_index);
		source_rules_switch(&native_maps);
		for (size_t j = 0; j < 36; j++) {
			uint64_t hi = bits[j / 6], lo = bits[j % 6];
			struct s64_packet packet = {.src_hi = hi, .src_lo = lo};
			struct prefix address = prefix_of_bits(hi, lo, 128);
			struct source source =
				source_rules_identify(&rules, &s64_native->config.seed, &address);

			identify_source(&packet);
			assert_true(packet.src_key != 0 && source.src_key != 0);
			assert_true(src_key_by_rules(hi, lo, &length) != 0);
			if (!prefix_is_v4(&address))
				assert_true(packet.src_key == source.src_key);
		}
	}
	/* without a rule, or without the table of rules */
	for (int looks = 1; looks < 6; looks++) {
		struct s64_packet packet = {};

		s64_native->looks = looks;
		identify_source(&packet);
		assert_true(packet.src_key != 0);
	}
	s64_native->looks = 0;
}

static void nothing_of_it_can_be_put_among_the_blocks(void **state)
{
	static const char *const refused[] = {"::",	"::1",	  "::/64", "::/96",	"::1/128",
					      "::/127", "::/128", "::/16", "::1:0:0/96"};
	struct source_rules rules;
	struct error error;
	struct block_target target;

	(void)state;
	source_rules_init(&rules);
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		enum prefix_note note;
		struct prefix prefix;

		assert_int_equal(prefix_parse_whole(refused[i], &prefix, &note), 0);
		if (block_target_of(&rules, &s64_native->config.seed, &prefix, note, &target, NULL,
				    &error) != -EINVAL)
			fail_msg("%s is taken", refused[i]);
	}
	assert_int_equal(sources_put(&blocklist, 0, 0), -EINVAL);
	assert_int_equal(sources_put(&blocklist, S64_SRC_KEY_OF_ZERO, 0), -EINVAL);
	assert_int_equal(sources_count(&blocklist), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(who_has_no_address_is_never_blocked),
		TEST(what_is_said_of_a_prefix_around_it_is_not_about_who_has_no_address),
		TEST(its_neighbours_are_not_blocked_by_an_empty_place),
		TEST(no_address_has_the_source_that_says_empty),
		TEST(nothing_of_it_can_be_put_among_the_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
