// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c user/net/block_target.c */
/* The source of an address: every form of an IPv4 host is one source, and no native address has it.
 * And which prefixes are a whole source, a part of one, or unsafe to block.
 */
#include <stdio.h>

#include "native.h"
#include "net/block_target.h"

#define ROUNDS 100000

static const struct s64_seed seed = {0x1234, {0x9e3779b97f4a7c15ULL, 0xbf58476d1ce4e5b9ULL}};

static const char *const translators[] = {"2001:db8::/32",	"2a00:1:1200::/40", "2a00:2:3::/48",
					  "2a00:2:4:5600::/56", "2a00:3:4:5::/64",  "2a00:4::/96"};

static struct source_rules rules;

static uint64_t random64(void)
{
	static uint64_t state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 0x2545f4914f6cdd1dULL;
}

static struct prefix parsed(const char *text)
{
	struct prefix prefix;

	if (prefix_parse_whole(text, &prefix, NULL))
		fail_msg("'%s' is no prefix", text);
	return prefix;
}

static void add(const char *text, enum s64_source_kind kind, uint8_t length)
{
	struct prefix prefix = parsed(text);
	struct error error;

	if (source_rules_add(&rules, &prefix, kind, length, &error))
		fail_msg("%s", error.text);
}

static int setup(void **state)
{
	native_setup(state);
	source_rules_init(&rules);
	for (size_t i = 0; i < sizeof(translators) / sizeof(translators[0]); i++)
		add(translators[i], S64_SOURCE_KIND_NAT64, 0);
	add("2a00:56::/32", S64_SOURCE_KIND_LENGTH, 56);
	add("2a00:48::/32", S64_SOURCE_KIND_LENGTH, 48);
	add("2a00:128::/32", S64_SOURCE_KIND_LENGTH, 128);
	add("2a00:5efe::/48", S64_SOURCE_KIND_ISATAP, 0);
	return 0;
}

static uint64_t source_at(uint64_t hi, uint64_t lo)
{
	struct prefix address = prefix_of_bits(hi, lo, 128);

	return source_rules_identify(&rules, &seed, &address).src_key;
}

static uint64_t source_of(const char *text)
{
	struct prefix address = parsed(text);

	return source_rules_identify(&rules, &seed, &address).src_key;
}

/* --- the source --- */

static void every_form_of_an_ipv4_address_is_one_source(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		uint32_t v4 = random64();
		uint64_t src_key = s64_src_key_of_v4(v4);
		struct prefix whole = prefix_of_v4(v4, 32), known = parsed("64:ff9b::/96");

		assert_int_equal(source_rules_identify(&rules, &seed, &whole).src_key, src_key);
		/* 6to4: any subnet and host of the source; Teredo: any server, flags and port */
		assert_int_equal(source_at(0x2002ULL << 48 | (uint64_t)v4 << 16 |
						   (random64() & 0xffff),
					   random64()),
				 src_key);
		assert_int_equal(source_at(0x20010000ULL << 32 | (random64() & 0xffffffff),
					   random64() << 32 | (uint32_t)~v4),
				 src_key);
		whole = nat64_address(&known, v4);
		assert_int_equal(source_rules_identify(&rules, &seed, &whole).src_key, src_key);
		for (size_t j = 0; j < sizeof(translators) / sizeof(translators[0]); j++) {
			struct prefix translator = parsed(translators[j]);

			whole = nat64_address(&translator, v4);
			assert_int_equal(source_rules_identify(&rules, &seed, &whole).src_key,
					 src_key);
		}
	}
}

/* A host on the link can choose any address. If its source were the gateway's, blocking it would
 * cut off the gateway, and no guard rail would notice.
 */
static void no_neighbour_has_the_source_of_another(void **state)
{
	const uint64_t link = 0xfe80ULL << 48, gateway = 0x0200000000000001ULL;
	uint64_t src_key = source_at(link, gateway);

	(void)state;
	assert_int_equal(src_key >> 48, 0xfe80);
	for (uint64_t i = 1; i < 0x10000; i++) {
		/* bits in fe80 and the 48 bits behind it: what is added above is subtracted below,
		 * above that, or not at all
		 */
		assert_true(source_at(link, gateway ^ i << 48 ^ i) != src_key);
		assert_true(source_at(link, gateway ^ i << 48 ^ i << 32) != src_key);
		assert_true(source_at(link, gateway ^ i << 48) != src_key);
		assert_true(source_at(link | i << 32, gateway) != src_key);
		assert_true(source_at(link | i, gateway) != src_key);
	}
	assert_true(source_of("febf::200:0:0:1") != src_key);
	assert_int_equal(source_of("fe80::200:0:0:1"), src_key);
}

/* RFC 6052 2.4, the table of examples: 192.0.2.33 */
static void ipv4_lies_where_rfc_6052_says(void **state)
{
	static const struct {
		const char *prefix, *address;
	} examples[] = {
		{"2001:db8::/32", "2001:db8:c000:221::"},
		{"2001:db8:100::/40", "2001:db8:1c0:2:21::"},
		{"2001:db8:122::/48", "2001:db8:122:c000:2:2100::"},
		{"2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"},
		{"2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::"},
		{"2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct prefix translator = parsed(examples[i].prefix),
			      address = parsed(examples[i].address);
		struct prefix made = nat64_address(&translator, 0xc0000221);

		assert_int_equal(prefix_compare(&made, &address), 0);
		assert_int_equal(s64_nat64_v4(prefix_hi(&address), prefix_lo(&address),
					      translator.length),
				 0xc0000221);
	}
}

static void the_bits_between_change_nothing(void **state)
{
	(void)state;
	/* bits 64 to 71 are zero behind a translator; setting them does not change the source */
	assert_int_equal(source_of("2a00:3:4:5:c0:2:2100::"), source_of("192.0.2.33"));
	assert_int_equal(source_of("2a00:3:4:5:ffc0:2:2100::"), source_of("192.0.2.33"));
}

static void no_native_64_is_the_source_of_an_ipv4_address(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS * 10; i++) {
		uint64_t hi = 0x2000000000000000ULL | random64() >> 3, lo = random64();
		const struct s64_source_rule *rule = source_rules_find(&rules, hi, lo);

		if (rule && rule->kind != S64_SOURCE_KIND_LENGTH)
			continue;
		assert_false(s64_src_key_is_v4(source_at(hi, lo)));
		if (!rule)
			assert_int_equal(source_at(hi, lo), hi);
	}
}

static void sources_of_other_lengths_hold_what_they_should(void **state)
{
	(void)state;
	assert_int_equal(source_of("2a00:56:1:ab00::1"), source_of("2a00:56:1:abff:ffff::"));
	assert_int_not_equal(source_of("2a00:56:1:ab00::1"), source_of("2a00:56:1:ac00::1"));
	assert_int_equal(source_of("2a00:48:1::1"), source_of("2a00:48:1:ffff::2"));
	assert_int_not_equal(source_of("2a00:128:1:1::1"), source_of("2a00:128:1:1::2"));
	assert_int_equal(source_of("2a00:128:1:1::1"), source_of("2a00:128:1:1::1"));
}

static void isatap_hosts_of_a_64_are_told_apart_where_that_is_configured(void **state)
{
	(void)state;
	assert_int_not_equal(source_of("2a00:5efe:0:1:0:5efe:192.0.2.1"),
			     source_of("2a00:5efe:0:1:0:5efe:192.0.2.2"));
	assert_int_not_equal(source_of("2a00:5efe:0:1:200:5efe:192.0.2.1"),
			     source_of("2a00:5efe:0:1::1"));
	assert_int_equal(source_of("2a00:5efe:0:1::1"), source_of("2a00:5efe:0:1:1:2:3:4"));
	/* elsewhere it is an ordinary interface identifier */
	assert_int_equal(source_of("2a00:9:0:1:0:5efe:192.0.2.1"), source_of("2a00:9:0:1::1"));
}

static void the_fast_path_agrees_with_the_controller(void **state)
{
	(void)state;
	source_rules_stage(&rules, &native_maps);
	{
		struct source_index source_index;

		source_index_init(&source_index, &native_maps);
		source_index_open(&source_index);
		source_index_free(&source_index);
	}
	source_rules_switch(&native_maps);
	for (int i = 0; i < ROUNDS; i++) {
		const struct s64_source_rule *rule = &rules.rule[random64() % rules.count];
		struct s64_packet packet = {.src_hi = random64(), .src_lo = random64()};
		struct prefix address;
		struct source source;

		if (i % 4) { /* most of them within the prefixes of rules */
			packet.src_hi = (packet.src_hi & ~rule->hi_mask) | rule->hi;
			packet.src_lo = (packet.src_lo & ~rule->lo_mask) | rule->lo;
		}
		if (rule->kind == S64_SOURCE_KIND_ISATAP && i % 2)
			packet.src_lo = 0x5efeULL << 32 | (uint32_t)packet.src_lo;
		address = prefix_of_bits(packet.src_hi, packet.src_lo, 128);
		if (prefix_is_v4(&address))
			continue;
		identify_source(&packet);
		source = source_rules_identify(&rules, &s64_native->config.seed, &address);
		assert_int_equal(packet.src_key, source.src_key);
		assert_int_equal(packet.source_length, source.length);
	}
}

static void rules_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		const char *prefix;
		enum s64_source_kind kind;
		uint8_t length;
	} bad[] = {
		{"2a00:7::/33", S64_SOURCE_KIND_NAT64, 0},
		{"2a00:7::/80", S64_SOURCE_KIND_NAT64, 0},
		{"2a00:7::/65", S64_SOURCE_KIND_ISATAP, 0},
		{"2a00:7::/48", S64_SOURCE_KIND_LENGTH, 40},
		{"2a00:7::/48", S64_SOURCE_KIND_LENGTH, 8},
		{"2a00:7::/48", S64_SOURCE_KIND_LENGTH, 129},
		{"2a00::/12", S64_SOURCE_KIND_LENGTH, 48},
		{"198.51.100.0/24", S64_SOURCE_KIND_LENGTH, 128},
		{"2002::/16", S64_SOURCE_KIND_LENGTH, 48},
	};
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct prefix prefix = parsed(bad[i].prefix);

		if (!source_rules_add(&rules, &prefix, bad[i].kind, bad[i].length, &error))
			fail_msg("%s was taken", bad[i].prefix);
	}
}

/* --- block targets --- */

static int target_at(const char *text, struct block_target *target)
{
	enum prefix_note note;
	struct prefix prefix;
	char said[BLOCK_TARGET_NOTE_MAX];
	struct error error;

	assert_int_equal(prefix_parse_whole(text, &prefix, &note), 0);
	return block_target_of(&rules, &seed, &prefix, note, target, said, &error);
}

static void what_somebody_writes_means_its_unit(void **state)
{
	static const struct {
		const char *text, *target;
		bool src_key;
	} cases[] = {
		{"2a00:9:0:1::/64", "2a00:9:0:1::/64", true},
		{"2a00:9:0:1::5", "2a00:9:0:1::/64", true},
		{"2a00:9:0:1::5/128", "2a00:9:0:1::5/128", false},
		{"2a00:9::/32", "2a00:9::/32", false},
		{"198.51.100.7", "198.51.100.7/32", true},
		{"198.51.100.0/24", "198.51.100.0/24", false},
		{"64:ff9b::198.51.100.7", "198.51.100.7/32", true},
		{"64:ff9b::198.51.100.7/128", "198.51.100.7/32", true},
		{"2002:c633:6407::/48", "198.51.100.7/32", true},
		{"2002:c633:6407:1::5", "198.51.100.7/32", true},
		{"2002:c633::/32", "2002:c633::/32", false},
		{"2001:0:1:2:3:4:39cc:9bf8", "198.51.100.7/32", true},
		{"2a00:3:4:5:c6:3364:700::", "198.51.100.7/32", true},
		{"2a00:3:4:5:c6:3364:700::/104", "198.51.100.7/32", true},
		{"fe80::1", "fe80::1/128", true},
		{"fe80::1/128", "fe80::1/128", true},
		{"2a00:56:1:ab12::1", "2a00:56:1:ab00::/56", true},
		{"2a00:56:1:ab00::/56", "2a00:56:1:ab00::/56", true},
		{"2a00:56:1::/48", "2a00:56:1::/48", false},
		{"2a00:128:1:1::7", "2a00:128:1:1::7/128", true},
		{"2a00:128:1::/48", "2a00:128:1::/48", false},
		/* its ISATAP hosts are sources of their own, and are blocked with it as parts of a
		 * prefix
		 */
		{"2a00:5efe:0:1::/64", "2a00:5efe:0:1::/64", false},
		{"2a00:5efe:0:1:0:5efe:192.0.2.1", "2a00:5efe:0:1:0:5efe:c000:201/128", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[PREFIX_TEXT_MAX];
		struct block_target target, stored;

		if (target_at(cases[i].text, &target))
			fail_msg("%s was refused", cases[i].text);
		assert_string_equal(prefix_format(&target.prefix, text), cases[i].target);
		if (target.is_source != cases[i].src_key)
			fail_msg("%s: is a source: %d", cases[i].text, target.is_source);
		/* reading it back from the store gives the same target */
		stored = block_target_of_stored(&rules, &seed, &target.prefix);
		assert_int_equal(stored.is_source, target.is_source);
		assert_int_equal(stored.src_key, target.src_key);
	}
}

static void what_nobody_can_mean_is_refused(void **state)
{
	static const struct {
		const char *text;
		int err;
	} cases[] = {
		{"64:ff9b::/64", -EDOM},
		{"64:ff9b::/96", -EDOM},
		{"64:ff9b::c633:6400/120", -EDOM},
		{"2001:0:1:2::/64", -EDOM},
		{"2001::/32", -EDOM},
		{"2001:0:1:2:3::/80", -EDOM},
		{"2002:c633:6407:1::/64", -EDOM},
		{"fe80::/64", -EDOM},
		{"fe80::/10", -EINVAL},
		{"2a00:56:1:ab12::/64", -EDOM},
		{"2a00:128:1:1::/64", -EDOM},
		{"2a00:4::/64", -EDOM},
		{"2a00:3:4:5::/64", -EDOM},
		{"2a00::/16", -EDOM},
		{"::/0", -EINVAL},
		{"0.0.0.0/0", -EINVAL},
		{"2000::/3", -EINVAL},
		{"ff02::1", -EINVAL},
		{"ff00::/16", -EINVAL},
		{"::/64", -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct block_target target;
		int err = target_at(cases[i].text, &target);

		if (err != cases[i].err)
			fail_msg("%s: %d, not %d", cases[i].text, err, cases[i].err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, native_teardown)
		TEST(every_form_of_an_ipv4_address_is_one_source),
		TEST(no_neighbour_has_the_source_of_another),
		TEST(ipv4_lies_where_rfc_6052_says),
		TEST(the_bits_between_change_nothing),
		TEST(no_native_64_is_the_source_of_an_ipv4_address),
		TEST(sources_of_other_lengths_hold_what_they_should),
		TEST(isatap_hosts_of_a_64_are_told_apart_where_that_is_configured),
		TEST(the_fast_path_agrees_with_the_controller),
		TEST(rules_that_make_no_sense_are_refused),
		TEST(what_somebody_writes_means_its_unit),
		TEST(what_nobody_can_mean_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
