// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c user/maps/limiter_sweep.c */
/* The limiter's map: full or not, in whatever slot a source is, and swept. */

#include "rate_limit_test.h"

static void a_full_table_charges_the_wider_limit(void **state)
{
	uint64_t none = 0;

	(void)state;
	set_limit(100, 200, 1000, 2000);
	/* fill every slot with words of others that stay live */
	for (uint32_t i = 0; i < s64_native->config.limiter_lines; i++)
		for (int j = 0; j < S64_LIMITER_SLOTS; j++)
			s64_native->limiter[i].slot[j] =
				((i * 8ULL + j + 1) << S64_TAT_BITS) |
				((s64_native->now + 100 * SECOND) & S64_TAT_MASK);
	for (int i = 0; i < 1000; i++) {
		uint32_t reason = limit_charge(SITE(i), s64_site_wider(SITE(i), 0), LIMIT_ID);

		assert_true(reason == S64_REASON_WITHIN_WIDER_LIMIT ||
			    reason == S64_REASON_WITHIN_LIMIT);
		none += reason == S64_REASON_WITHIN_WIDER_LIMIT;
	}
	assert_true(none > 990); /* a tag may collide */
	/* and that one holds too */
	assert_in_range(offer(SITE(5), 10000, 0), 1, 2000);
	assert_int_equal(limit_charge(SITE(5), s64_site_wider(SITE(5), 0), LIMIT_ID),
			 S64_REASON_OVER_WIDER_LIMIT);
}

static void memory_stays_the_same_for_any_number_of_sites(void **state)
{
	uint64_t passed = 0;

	(void)state;
	set_limit(100, 200, 1000, 2000);
	/* four times as many as there are slots, each once: all pass */
	for (uint64_t i = 0; i < NATIVE_LIMITER * 4ULL; i++) {
		passed += charge(SITE(i));
		s64_native->now += NS(1000000);
	}
	assert_true(passed > NATIVE_LIMITER * 4ULL * 999 / 1000);
}

static void a_rejected_packet_writes_nothing(void **state)
{
	size_t bytes =
		(s64_native->config.limiter_lines + S64_WIDER_LINES) * sizeof(*s64_native->limiter);
	void *before = malloc(bytes);

	(void)state;
	set_limit(100, 200, 1000, 2000);
	offer(SITE(1), 1000, 0);
	memcpy(before, s64_native->limiter, bytes);
	assert_int_equal(offer(SITE(1), 1000, 0), 0);
	assert_memory_equal(before, s64_native->limiter, bytes);
	free(before);
}

static void a_site_never_has_the_slot_of_its_48(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 1 << 16; i++) {
		uint64_t site = s64_hash64(i, &s64_native->config.seed),
			 wider = s64_hash64(~i, &s64_native->config.seed);

		assert_true(own_slot_site(site) > own_slot_wider(wider));
		assert_true(own_slot_site(site) < S64_LIMITER_SLOTS);
	}
}

/* It lies in another slot, as its own was taken, and is found there when its own is free again. */
static void a_site_that_lies_elsewhere_gets_no_second_burst(void **state)
{
	uint64_t first = 0x2a01000000010001ULL, second;

	(void)state;
	set_limit(1, 100, 1000, 2000);
	second = same_slot_as(first);
	assert_int_equal(offer(first, 1, 0), 1);
	assert_int_equal(offer(second, 200, 0), 100);
	s64_native->now += 2 * SECOND; /* the first is over, the second is not */
	/* two seconds' worth, and no burst */
	assert_int_equal(offer_quickly(second, 200), 2);
}

/* The slot of the /48 is taken by somebody else: its word is searched for by each of its sites. */
static void a_48_that_lies_elsewhere_is_held_all_the_same(void **state)
{
	const struct s64_limit *limit = &s64_native->limits[LIMIT_ID];
	uint64_t site = 0x2a01000000010000ULL;
	struct limit_hashes hashes;
	unsigned int passed = 0;

	(void)state;
	set_limit(100, 200, 1000, 2000);
	hashes = limit_hashes(limit, site, s64_site_wider(site, 0));
	line_of(hashes.wider)->slot[own_slot_wider(hashes.wider)] =
		tag_of(~hashes.wider) | ((s64_native->now + 100 * SECOND) & S64_TAT_MASK);
	for (int i = 0; i < 5000; i++)
		passed += offer_quickly(site + i, 1);
	assert_int_equal(passed, 2000);
}

/* To the unit: a slot is somebody else's when it has been over for the margin. */
static void a_slot_is_free_when_it_has_been_over_for_the_margin(void **state)
{
	const struct s64_limit *limit = &s64_native->limits[LIMIT_ID];
	uint64_t site = SITE(1), time;
	__u64 *own;
	struct limit_hashes hashes;

	(void)state;
	set_limit(100, 200, 1000, 2000);
	hashes = limit_hashes(limit, site, s64_site_wider(site, 0));
	own = &line_of(hashes.wider)->slot[own_slot_site(hashes.site)];
	for (int quickly = 0; quickly < 2; quickly++) {
		for (int left = 0; left < 2; left++) {
			uint64_t other = tag_of(~hashes.site);

			memset(line_of(hashes.wider), 0, sizeof(struct s64_limiter_line));
			s64_native->now += 100 * SECOND;
			time = s64_native->now - S64_TAT_MARGIN + left;
			*own = other | (time & S64_TAT_MASK);
			assert_int_equal(quickly ? offer_quickly(site, 1) : charge(site), 1);
			assert_true((*own & S64_TAG_MASK) == (left ? other : tag_of(hashes.site)));
		}
	}
}

/* Where the time wraps, a word of 0 would lie ahead: it is nobody's all the same. */
static void an_empty_table_charges_nobody_where_the_time_wraps(void **state)
{
	(void)state;
	set_limit(1, 100, 1000, 2000);
	s64_native->now = (s64_native->now | S64_TAT_MASK) - 50 * SECOND;
	assert_int_equal(offer(SITE(1), 200, 0), 100);
	assert_int_equal(offer_quickly(SITE(2), 200), 100);
}

static void the_quick_way_and_the_search_charge_the_same_word(void **state)
{
	(void)state;
	set_limit(100, 200, 1000, 2000);
	for (int i = 0; i < 10000; i++) {
		assert_int_equal(offer_quickly(SITE(i), 100), 100);
		assert_int_equal(offer(SITE(i), 150, 0), 100);
		assert_int_equal(offer_quickly(SITE(i), 10), 0);
		s64_native->now += NS(100000000);
	}
}

/* The kernel's time, as slash64d takes it for. */
static void now_is_the_kernels(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	s64_native->now = ((uint64_t)time.tv_sec * 1000000000 + time.tv_nsec) >> S64_TAT_NS_SHIFT;
}

/* Of three words, one of which is not in its own slot. */
static void charge_three(void)
{
	uint64_t first = 0x2a01000000010001ULL;

	set_limit(1, 100, 1000, 2000);
	offer(first, 1, 0);
	offer(same_slot_as(first), 200, 0);
}

/* All words are over. */
static void let_end(void)
{
	for (uint32_t i = 0; i < s64_native->config.limiter_lines; i++)
		for (int j = 0; j < S64_LIMITER_SLOTS; j++) {
			__u64 *word = &s64_native->limiter[i].slot[j];

			if (*word)
				*word = (*word & ~S64_TAT_MASK) |
					((s64_native->now - 400 * SECOND) & S64_TAT_MASK);
		}
}

static void a_sweep_leaves_what_is_live_and_clears_what_is_over(void **state)
{
	(void)state;
	now_is_the_kernels();
	charge_three();
	assert_int_equal(limiter_sweep(&native_tables), 3);
	let_end();
	assert_int_equal(limiter_sweep(&native_tables), 0);
	assert_true(limiter_hash() == 0);
}

static void a_turn(struct limiter_count *count)
{
	for (int i = 0; i < LIMITER_STEPS; i++)
		limiter_count_step(count, &native_tables);
}

static void age(struct limiter_count *count)
{
	for (int i = 0; i < LIMITER_AGE_TURNS; i++)
		a_turn(count);
}

static void a_turn_of_steps_counts_as_a_sweep_does(void **state)
{
	struct limiter_count count = {};

	(void)state;
	now_is_the_kernels();
	charge_three();
	a_turn(&count);
	assert_int_equal(count.live, 3);
	let_end();
	a_turn(&count);
	assert_int_equal(count.live, 0);
	assert_int_equal(count.turn, 2);
}

/* A line whose slots are somebody else's for a while: what is put beside it lies in its second
 * line. */
static void fill_line(struct s64_limiter_line *line, uint64_t live_for)
{
	for (int i = 0; i < S64_LIMITER_SLOTS; i++)
		line->slot[i] = (0xabc000ULL + i) << S64_TAT_BITS |
				((s64_native->now + live_for) & S64_TAT_MASK);
}

static struct s64_limiter_line *line_of_48(uint64_t site)
{
	return line_of(
		limit_hashes(&s64_native->limits[LIMIT_ID], site, s64_site_wider(site, 0)).wider);
}

/* hostile 1, its kind: room in the first line is no second burst for who lies in the second. */
static void a_site_in_its_second_line_gets_no_second_burst(void **state)
{
	uint64_t site = 0x2a01000000010001ULL;

	(void)state;
	set_limit(1, 100, 0, 0);
	fill_line(line_of_48(site), SECOND);
	assert_int_equal(offer(site, 200, 0), 100);
	assert_true(line_of_48(site)->control == S64_LINE_FAR);
	s64_native->now += 2 * SECOND;
	assert_int_equal(offer(site, 200, 0), 2);
}

/* A line forgets in two ages that somebody lies in its second one, and not while he is charged. */
static void a_line_forgets_its_second_one_after_two_ages(void **state)
{
	struct limiter_count count = {};
	uint64_t site = 0x2a01000000010001ULL;

	(void)state;
	now_is_the_kernels();
	set_limit(1, 100, 0, 0);
	fill_line(line_of_48(site), 1);
	assert_int_equal(offer(site, 1, 0), 1);
	age(&count);
	assert_true(line_of_48(site)->control == S64_LINE_WAS_FAR);
	assert_int_equal(offer(site, 1, 0), 1);
	age(&count);
	assert_true(line_of_48(site)->control == S64_LINE_WAS_FAR);
	age(&count);
	assert_true(line_of_48(site)->control == 0);
}

/* hostile 12: where a /48 has no word of its own, what it shares with others holds it. */
static void a_48_without_a_word_is_held_by_the_shared_limit(void **state)
{
	uint64_t site = 0x2a01000000010000ULL;
	struct s64_limiter_line *line;
	unsigned int passed = 0;

	(void)state;
	set_limit(100, 200, 1000, 2000);
	line = line_of_48(site);
	for (int i = 0; i < 5000; i++) {
		fill_line(line, 100 * SECOND);
		passed += charge(site + i);
	}
	assert_int_equal(passed, 2000);
}

static __u64 *shared_word_of(uint64_t site, uint64_t wide, int id)
{
	return shared_word(limit_hashes(&s64_native->limits[id], site, wide).wider);
}

/* hostile 12, its kind: two limits whose words fall on the same one. Neither takes back what the other charged, however
 * long its burst is, nor waits for longer than its own.
 */
static void limits_that_share_a_word_keep_their_bounds(void **state)
{
	const int slow = S64_LIMIT_THROTTLE + 3;
	struct policy_limit limit = {1, 200, 0, 0};
	uint64_t throttled = 0x2a00000100020003ULL, site = SITE(1);
	unsigned int passed = 0;

	(void)state;
	set_limit(100, 200, 1000, 2000);
	assert_int_equal(policy_compile_limit(&limit, slow, NATIVE_TICK_NS,
					      &s64_native->limits[slow]),
			 0);
	while (shared_word_of(site, s64_site_wider(site, 0), LIMIT_ID) !=
	       shared_word_of(throttled, throttled, slow))
		site += 0x10000;
	for (uint32_t i = 0; i < s64_native->config.limiter_lines; i++)
		fill_line(&s64_native->limiter[i], 200 * SECOND);
	for (int i = 0; i < 10000; i++) {
		passed += !reason_drops(limit_charge(throttled, throttled, slow));
		charge(site);
	}
	assert_in_range(passed, 1, 200);
	s64_native->now += 2 * SECOND;
	assert_true(charge(site));
}

/* hostile 12: sites alone cannot fill a line against the /48s. */
static void a_48_finds_room_beside_any_number_of_sites(void **state)
{
	uint64_t site = 0x2a01000000010000ULL;
	struct s64_limiter_line *line;
	unsigned int passed = 0;

	(void)state;
	set_limit(100, 200, 100, 200);
	line = line_of_48(site);
	fill_line(line, 100 * SECOND);
	line->slot[0] = 0;
	for (int i = 0; i < 1000; i++)
		passed += charge(site + i);
	assert_int_equal(passed, 200);
}

/* A line that is held, for as long as it is: nobody waits, and nobody passes who has no word yet. One that is held for
 * ever is freed.
 */
static void a_line_that_is_busy_keeps_nobody_waiting(void **state)
{
	uint64_t site = 0x2a01000000010000ULL;
	struct limiter_count count = {};

	(void)state;
	now_is_the_kernels();
	set_limit(100, 200, 1000, 2000);
	assert_int_equal(offer(site, 1, 0), 1);
	line_of_48(site)->control |= S64_LINE_BUSY;
	assert_int_equal(offer(site, 50, 0), 50);
	assert_int_equal(offer(site + 1, 50, 0), 0);
	a_turn(&count);
	assert_int_equal(offer(site + 1, 50, 0), 0);
	a_turn(&count);
	assert_int_equal(offer(site + 1, 50, 0), 50);
	assert_true(line_of_48(site)->control == 0);
}

static void who_puts_in_leaves_the_line(void **state)
{
	(void)state;
	set_limit(100, 200, 1000, 2000);
	assert_int_equal(offer(SITE(1), 300, 0), 200);
	assert_true(line_of_48(SITE(1))->control == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, native_setup, native_teardown)
		TEST(a_full_table_charges_the_wider_limit),
		TEST(memory_stays_the_same_for_any_number_of_sites),
		TEST(a_rejected_packet_writes_nothing),
		TEST(a_site_never_has_the_slot_of_its_48),
		TEST(a_site_that_lies_elsewhere_gets_no_second_burst),
		TEST(a_48_that_lies_elsewhere_is_held_all_the_same),
		TEST(a_slot_is_free_when_it_has_been_over_for_the_margin),
		TEST(an_empty_table_charges_nobody_where_the_time_wraps),
		TEST(the_quick_way_and_the_search_charge_the_same_word),
		TEST(a_sweep_leaves_what_is_live_and_clears_what_is_over),
		TEST(a_turn_of_steps_counts_as_a_sweep_does),
		TEST(a_site_in_its_second_line_gets_no_second_burst),
		TEST(a_line_forgets_its_second_one_after_two_ages),
		TEST(a_48_without_a_word_is_held_by_the_shared_limit),
		TEST(limits_that_share_a_word_keep_their_bounds),
		TEST(a_48_finds_room_beside_any_number_of_sites),
		TEST(a_line_that_is_busy_keeps_nobody_waiting),
		TEST(who_puts_in_leaves_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
