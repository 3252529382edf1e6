// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c user/maps/blocklist.c user/maps/prefix_table.c user/net/prefix_set.c user/maps/local_addresses.c user/base/array.c */
/* From class to reason: upper layers, features, counters and samples, and a map lookup that fails.
 */

#include "verdict_test.h"

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

static void the_stricter_of_class_and_feature_counts(void **state)
{
	struct frame f;

	(void)state;
	put_option(&f, S64_PROTO_DESTINATION, 0x8a);
	expect_reason(&f, S64_REASON_FEATURE + S64_FEATURE_OPTION_DEPRECATED,
		      "an endpoint identification");
	put_option(&f, S64_PROTO_HOP_BY_HOP, 0x07);
	expect_reason(&f, WITHIN, "a hop-by-hop header");
	s64_native->limits[S64_LIMIT_FEATURE + S64_FEATURE_HOP_BY_HOP].source.tolerance = 0;
	expect_reason(&f, S64_REASON_OVER_SOURCE_LIMIT, "one too many");
	put_option(&f, S64_PROTO_DESTINATION, 0x05);
	expect_reason(&f, WITHIN, "an alert in the wrong place is an unknown option");
	assert_int_equal(feature_first(0), 0);
}

/* --- for replay and the benchmark --- */

static void it_stops_where_it_is_told(void **state)
{
	struct s64_packet packet;
	struct frame f;

	(void)state;
	sources_put(&blocklist, 0x2a00000100020003ULL, 0);
	tcp_frame(&f, ANY_SOURCE, ANY_TARGET);
	s64_native->step = S64_STEP_PARSE;
	expect(&f, S64_CLASS_MALFORMED, PASS);
	s64_native->step = S64_STEP_CLASSIFY;
	expect(&f, S64_CLASS_TCP, PASS);
	s64_native->step = S64_STEP_ALL;
	expect(&f, S64_CLASS_TCP, S64_REASON_BLOCKED);
	s64_native->config.skip = S64_SKIP_BLOCKS | S64_SKIP_LIMIT;
	s64_native->policy->action[S64_CLASS_TCP][S64_TRANSIT] = S64_ACTION_LIMIT;
	expect(&f, S64_CLASS_TCP, PASS);
	s64_native->config.skip = S64_SKIP_BLOCKS;
	assert_int_equal(process_frame(&f, &packet), WITHIN);
	s64_native->limits[S64_CLASS_TCP] = s64_native->limits[S64_CLASS_ECHO_REQUEST];
	s64_native->limits[S64_CLASS_TCP].source.tolerance = 0;
	assert_int_equal(process_frame(&f, &packet), S64_REASON_OVER_SOURCE_LIMIT);
}

/* --- counters and samples --- */

static void each_reason_is_counted_by_packets_and_bytes(void **state)
{
	struct s64_counters *counters = s64_native->counters;

	(void)state;
	for (int i = 0; i < 2; i++) {
		count(counters, S64_CLASS_UDP, S64_REASON_BLOCKED, S64_OUTCOME_MONITORED, 100);
		count(counters, S64_CLASS_MALFORMED, S64_REASON_BAD_JUMBO, S64_OUTCOME_ENFORCED,
		      60);
	}
	assert_int_equal(
		counters->of_class[S64_OUTCOME_MONITORED][S64_CLASS_UDP][S64_REASON_BLOCKED]
			.packets,
		2);
	assert_int_equal(
		counters->of_class[S64_OUTCOME_MONITORED][S64_CLASS_UDP][S64_REASON_BLOCKED].bytes,
		200);
	assert_int_equal(
		counters->of_parse[S64_OUTCOME_ENFORCED][S64_REASON_BAD_JUMBO - S64_REASON_PARSE]
			.packets,
		2);
}

static void samples_stand_for_every_packet(void **state)
{
	struct s64_cpu_state *cpu_state = &s64_native->counters->cpu_state;
	struct s64_sample sample = {.src_key = 1, .reason = S64_REASON_BLOCKED};
	uint64_t sum = 0, packets = 0, samples = 0;

	(void)state;
	/* calm, a flood, calm again */
	for (int tick = 0; tick < 300; tick++) {
		s64_native->now++;
		for (int i = 0; i < (tick / 100 == 1 ? 10000 : 3); i++) {
			uint32_t weight = sampler_take(cpu_state);

			packets++;
			sum += weight;
			if (!weight)
				continue;
			samples++;
			sample.weight = weight;
			sample_put(0, &sample);
			assert_int_equal(sum, packets);
		}
	}
	assert_int_equal(sum + cpu_state->skip - cpu_state->left, packets);
	assert_in_range(samples, 100 * S64_SAMPLES_PER_TICK / 4, 100 * S64_SAMPLES_PER_TICK * 4);
	assert_int_equal(cpu_state->mask, 0);
	assert_int_equal(s64_native->samples->head, samples);
	assert_int_equal(s64_native->samples->slot[0].src_key, 1);
}

/* --- failing lookups --- */

/* Each map lookup of a frame, one after the other, finds nothing. */
static void fail_each_look(struct frame *f)
{
	for (uint32_t n = 1; n < 1000; n++) {
		struct s64_packet packet;
		uint8_t reason;

		s64_native->looks = n;
		reason = process_frame(f, &packet);
		assert_string_not_equal(reason_name(reason), "undefined");
		if (s64_native->looks)
			break; /* it takes no more */
	}
	s64_native->looks = 0;
}

static void fill_limiter(void)
{
	for (uint32_t i = 0; i < s64_native->config.limiter_buckets; i++)
		for (uint64_t j = 0; j < S64_LIMITER_SLOTS; j++)
			s64_native->limiter[i].slot[j] = (0xabc000 + j) << S64_TAT_BITS |
							 ((s64_native->now + 1000) & S64_TAT_MASK);
}

static void a_look_that_finds_nothing_still_ends_in_a_verdict(void **state)
{
	static const char *const sources[] = {
		ANY_SOURCE,	     "2a00:5:6::1", "64:ff9b::c633:6407",
		"2002:cb00:7101::1", "fc00::1",	    "2a00:1:2:3::5"};
	struct frame f;

	(void)state;
	set_throttle(1, 10, 2);
	s64_native->policy->flags = S64_IFACE_BOGON_ENFORCE;
	s64_native->policy->action[S64_CLASS_TCP][S64_TRANSIT] = S64_ACTION_LIMIT;
	s64_native->limits[S64_CLASS_TCP] = s64_native->limits[S64_CLASS_ECHO_REQUEST];
	sources_put(&blocklist, 0x2a00000100020003ULL, S64_BLOCK_FINER);
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
	sample_put(0, &(struct s64_sample){.reason = S64_REASON_POLICY, .weight = 1});
	assert_int_equal(s64_native->samples->head, 0);
}

/* An entry that another CPU wrote in between. */
static void who_loses_the_race_for_a_word_charges_nothing(void **state)
{
	struct s64_rate rate = {10, 100};
	__u64 word, now = s64_native->now, tag = 0x123456ULL << S64_TAT_BITS;
	struct charge charge = {.entry = &word, .tag = tag};

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
		TEST(every_upper_layer_has_its_class),
		TEST(the_stricter_of_class_and_feature_counts),
		TEST(it_stops_where_it_is_told),
		TEST(each_reason_is_counted_by_packets_and_bytes),
		TEST(samples_stand_for_every_packet),
		TEST(a_look_that_finds_nothing_still_ends_in_a_verdict),
		TEST(who_loses_the_race_for_a_word_charges_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
