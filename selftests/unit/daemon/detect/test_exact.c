// SPDX-License-Identifier: GPL-2.0-only
/* Exact counts, over the native datapath and maps in plain memory. */
#include "native.h"

#include "../../../../bpf/extras/exact.h"

#include "daemon/detect/exact.h"

#define A	    0x20010db800010001ULL
#define B	    0x20010db800010002ULL
#define NET_48	    0x20010db800010000ULL
#define ECHO	    (1ULL << S64_CLASS_ECHO_REQUEST)
#define ALL_CLASSES (~0ULL)

static struct exact exact;
static struct detect_exact counts;

static int set_up(void **state)
{
	struct policy policy;
	struct detect_rules rules;

	(void)state;
	policy_init(&policy, PROFILE_EDGE);
	native_init(&policy);
	native_maps.meta->tick_ns = NATIVE_TICK_NS;
	detect_rules_init(&rules);
	memset(&exact, 0, sizeof(exact));
	exact_init(&exact, &native_maps);
	exact_levels(&exact, &rules);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	exact_stop(&exact);
	native_free();
	return 0;
}

static void packet(uint64_t key, uint64_t hi, enum s64_class class, enum s64_reason reason)
{
	struct s64_frame frame = {};

	exact_count(&frame, key, hi, EXACT_WHAT(class, reason, 64, 0), 100);
}

static uint32_t begin(unsigned int level, uint64_t key, uint64_t classes)
{
	uint32_t slot;

	assert_true(exact_begin(&exact, level, key, classes, &slot));
	/* the clock of a test stands still */
	native_maps.exact_asked->until = ~0ULL;
	return slot;
}

static void read_slot(uint32_t slot)
{
	exact_read(&exact, slot, &counts);
}

static void what_a_rule_asks_for_is_counted_of_that_prefix_only(void **state)
{
	uint32_t slot = begin(0, A, ECHO);

	packet(A, A, S64_CLASS_ECHO_REQUEST, S64_REASON_POLICY);
	packet(A, A, S64_CLASS_ECHO_REQUEST, S64_REASON_OVER_SOURCE_LIMIT);
	packet(A, A, S64_CLASS_ECHO_REQUEST, S64_REASON_BLOCKED);
	packet(A, A, S64_CLASS_UDP, S64_REASON_POLICY);
	packet(B, B, S64_CLASS_ECHO_REQUEST, S64_REASON_POLICY);
	read_slot(slot);
	assert_int_equal(counts.packets, 3);
	assert_int_equal(counts.bytes, 300);
	assert_int_equal(counts.dropped, 1);
	assert_int_equal(counts.blocked, 1);
	assert_int_equal(counts.all_packets, 4);
	assert_int_equal(counts.syn, 0);
	exact_end(&exact, slot);
}

static void wider_prefixes_and_several_rules_count_side_by_side(void **state)
{
	uint32_t of_48 = begin(2, NET_48, ALL_CLASSES), of_64 = begin(0, A, ALL_CLASSES);
	uint32_t echo = begin(0, A, ECHO);

	packet(A, A, S64_CLASS_TCP_SYN, S64_REASON_POLICY);
	packet(B, B, S64_CLASS_UDP, S64_REASON_POLICY);
	read_slot(of_48);
	assert_int_equal(counts.packets, 2);
	assert_int_equal(counts.syn, 1);
	read_slot(of_64);
	assert_int_equal(counts.packets, 1);
	read_slot(echo);
	assert_int_equal(counts.packets, 0);
	assert_int_equal(counts.all_packets, 1);
	/* one that goes leaves the others */
	exact_end(&exact, of_64);
	packet(A, A, S64_CLASS_ECHO_REQUEST, S64_REASON_POLICY);
	read_slot(echo);
	assert_int_equal(counts.packets, 1);
	read_slot(of_48);
	assert_int_equal(counts.packets, 3);
	exact_end(&exact, echo);
	exact_end(&exact, of_48);
}

static void the_same_bits_at_another_level_are_another_prefix(void **state)
{
	uint32_t of_64 = begin(0, NET_48, ALL_CLASSES), of_48 = begin(2, NET_48, ALL_CLASSES);

	packet(A, A, S64_CLASS_UDP, S64_REASON_POLICY);
	read_slot(of_64);
	assert_int_equal(counts.packets, 0);
	read_slot(of_48);
	assert_int_equal(counts.packets, 1);
}

static void an_ipv4_address_is_counted_as_it_is_and_in_no_prefix(void **state)
{
	uint64_t key = s64_src_key_of_v4(0xc6336401);
	uint32_t slot = begin(0, key, ALL_CLASSES);
	uint32_t wider = begin(2, key & s64_mask_hi(48), ALL_CLASSES);

	packet(key, 0x0064ff9b00000000ULL, S64_CLASS_UDP, S64_REASON_POLICY);
	read_slot(slot);
	assert_int_equal(counts.packets, 1);
	read_slot(wider);
	assert_int_equal(counts.packets, 0);
}

static void a_slot_that_is_used_again_starts_at_nothing(void **state)
{
	uint32_t slot = begin(0, A, ALL_CLASSES);

	for (int i = 0; i < 5; i++)
		packet(A, A, S64_CLASS_UDP, S64_REASON_POLICY);
	exact_end(&exact, slot);
	assert_int_equal(begin(0, A, ALL_CLASSES), slot);
	packet(A, A, S64_CLASS_UDP, S64_REASON_POLICY);
	read_slot(slot);
	assert_int_equal(counts.packets, 1);
}

static void room_is_bounded_and_comes_back(void **state)
{
	static uint32_t slot[S64_EXACT_SLOTS];
	unsigned int count = 0;

	for (uint64_t i = 0; i < 4 * S64_EXACT_SLOTS && count < S64_EXACT_SLOTS; i++)
		count += exact_begin(&exact, 0, A + (i << 16), ALL_CLASSES, &slot[count]);
	assert_int_equal(count, S64_EXACT_SLOTS);
	assert_false(exact_begin(&exact, 0, B, ALL_CLASSES, &slot[0]));
	assert_int_equal(exact.used, S64_EXACT_SLOTS);
	for (unsigned int i = 0; i < count; i++)
		exact_end(&exact, slot[i] ? slot[i] : 0);
	assert_int_equal(exact.used, 0);
	for (int i = 0; i < S64_EXACT_FILTER_WORDS; i++)
		assert_int_equal(native_maps.exact_asked->filter[i], 0);
}

/* Words are read one after the other while another CPU writes: a part may come out as more than the whole. */
static void no_part_is_more_than_the_whole(void **state)
{
	uint32_t slot = begin(0, 0x20010db800000001, ~0ULL);
	struct s64_exact *written = &native_maps.exact[0].slot[slot];

	written->packets += 10;
	written->blocked += 12;
	written->dropped += 3;
	written->syn += 11;
	written->proven += 20;
	read_slot(slot);
	assert_int_equal(counts.blocked, 10);
	assert_int_equal(counts.dropped, 0);
	assert_int_equal(counts.syn, 10);
	assert_int_equal(counts.proven, 10);
	assert_int_equal(counts.all_packets, 10);
	exact_end(&exact, slot);
}

static void it_is_on_only_while_something_is_counted(void **state)
{
	const struct s64_cpu_state *cpu_state = &native_maps.counters->cpu_state;
	uint32_t slot;

	assert_int_equal(cpu_state->extras, 0);
	slot = begin(0, A, ALL_CLASSES);
	assert_int_equal(cpu_state->extras, S64_EXTRA_EXACT);
	exact_tick(&exact);
	assert_int_equal(cpu_state->extras, S64_EXTRA_EXACT);
	/* if slash64d stops, it ends by itself */
	assert_true(native_maps.exact_asked->until && native_maps.exact_asked->until != ~0ULL);
	native_maps.exact_asked->until = 0;
	packet(A, A, S64_CLASS_UDP, S64_REASON_POLICY);
	read_slot(slot);
	assert_int_equal(counts.packets, 0);
	exact_end(&exact, slot);
	exact_tick(&exact);
	assert_int_equal(cpu_state->extras, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_a_rule_asks_for_is_counted_of_that_prefix_only),
		TEST(wider_prefixes_and_several_rules_count_side_by_side),
		TEST(the_same_bits_at_another_level_are_another_prefix),
		TEST(an_ipv4_address_is_counted_as_it_is_and_in_no_prefix),
		TEST(a_slot_that_is_used_again_starts_at_nothing),
		TEST(room_is_bounded_and_comes_back),
		TEST(no_part_is_more_than_the_whole),
		TEST(it_is_on_only_while_something_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
