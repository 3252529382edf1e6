// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c user/maps/limiter_sweep.c */
/* The limiter: what GCRA promises, and what happens when its table is full. */
#include <stdio.h>
#include <time.h>

#include "maps/limiter_sweep.h"
#include "native.h"

#define LIMIT_ID S64_CLASS_ECHO_REQUEST
#define NS(ns)	 ((uint64_t)(ns) >> S64_TAT_NS_SHIFT)
#define SECOND	 NS(1000000000ULL)
#define SITE(n)	 (0x2a00000000000000ULL + ((uint64_t)(n) << 16)) /* each in its own /48 */

static void set_limit(uint32_t rate, uint32_t burst, uint32_t wider_rate, uint32_t wider_burst)
{
	struct policy_limit limit = {rate, burst, wider_rate, wider_burst};

	assert_int_equal(policy_compile_limit(&limit, LIMIT_ID, NATIVE_TICK_NS,
					      &s64_native->limits[LIMIT_ID]),
			 0);
}

/* By the search; offer_quickly() by the way without one, where there is one. */
static bool charge(uint64_t site)
{
	uint64_t scope = limit_scope(site, site, 0);

	return !reason_drops(
		limit_search(site + scope, s64_site_wider(site, 0) + scope, LIMIT_ID, LEVEL_BOTH));
}

/* Packets that pass of `count`, evenly spread over `span` units. */
static unsigned int offer(uint64_t site, unsigned int count, uint64_t span)
{
	uint64_t start = s64_native->now;
	unsigned int passed = 0;

	for (unsigned int i = 0; i < count; i++) {
		s64_native->now = start + span * i / count;
		passed += charge(site);
	}
	s64_native->now = start + span;
	return passed;
}

static void the_burst_passes_at_once_and_no_more(void **state)
{
	(void)state;
	set_limit(100, 200, 1000, 2000);
	assert_int_equal(offer(SITE(1), 1000, 0), 200);
}

static void the_rate_is_kept_exactly(void **state)
{
	(void)state;
	set_limit(100, 200, 1000, 2000);
	offer(SITE(1), 1000, 0);
	/* 20,000 a second for 10 seconds: 1000 pass, one more or less at the edges */
	assert_in_range(offer(SITE(1), 200000, 10 * SECOND), 998, 1002);
}

static void who_is_within_the_rate_loses_nothing(void **state)
{
	(void)state;
	set_limit(100, 200, 1000, 2000);
	assert_int_equal(offer(SITE(1), 99 * 60, 60 * SECOND), 99 * 60);
}

static void no_window_lets_through_twice_the_rate(void **state)
{
	(void)state;
	set_limit(100, 100, 1000, 2000);
	offer(SITE(1), 1000, 0);
	/* any span of a second from here on */
	for (int i = 0; i < 20; i++)
		assert_in_range(offer(SITE(1), 1000, SECOND), 99, 101);
}

static void sites_do_not_charge_each_other(void **state)
{
	(void)state;
	set_limit(100, 200, 1000, 2000);
	offer(SITE(1), 100000, SECOND);
	assert_int_equal(offer(SITE(2), 200, 0), 200);
}

static void a_48_is_held_to_its_own_limit(void **state)
{
	unsigned int passed = 0;

	(void)state;
	set_limit(100, 200, 1000, 2000);
	/* an attacker who rotates through his /48: each /64 is fresh */
	for (uint64_t i = 0; i < 65536; i++)
		passed += charge(0x2a01000000010000ULL + i);
	assert_int_equal(passed, 2000);
	assert_int_equal(limit_charge(0x2a01000000010000ULL + 65000,
				      s64_site_wider(0x2a01000000010000ULL + 65000, 0), LIMIT_ID),
			 S64_REASON_OVER_48_LIMIT);
}

static void over_the_48_costs_the_site_nothing(void **state)
{
	(void)state;
	set_limit(100, 200, 200, 200);
	/* one neighbour takes all of the /48 */
	assert_int_equal(offer(0x2a01000000010001ULL, 500, 0), 200);
	assert_int_equal(offer(0x2a01000000010002ULL, 500, 0), 0);
	/* a second later the /48 has 200 again, and this site its whole burst */
	s64_native->now += SECOND;
	assert_int_equal(offer(0x2a01000000010002ULL, 500, 0), 200);
}

static void an_idle_site_has_its_burst_back_hours_later(void **state)
{
	unsigned int held = 0;

	(void)state;
	set_limit(100, 200, 1000, 2000);
	/* The word's time wraps after 4.9 hours. Where slash64d has not cleared it by then, it is
	 * taken for live in five minutes of them, and is out of the way a window later, the /48's
	 * behind the site's.
	 */
	for (int minutes = 1; minutes < 720; minutes += 7) {
		assert_int_equal(offer(SITE(minutes), 300, 0), 200);
		s64_native->now += 60 * minutes * SECOND;
		if (offer(SITE(minutes), 300, 0) >= 199)
			continue;
		held++;
		s64_native->now += 2 * SECOND; /* the site's */
		offer(SITE(minutes), 300, 0);
		s64_native->now += 2 * SECOND; /* its /48's */
		assert_true(offer(SITE(minutes), 300, 0) >= 199);
	}
	assert_true(held <= 2);
}

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

static unsigned int offer_quickly(uint64_t site, unsigned int count)
{
	unsigned int passed = 0;

	while (count--)
		passed += !reason_drops(limit_charge(site, s64_site_wider(site, 0), LIMIT_ID));
	return passed;
}

/* Two sites of one /48 with one own slot. */
static uint64_t same_slot_as(uint64_t site)
{
	const struct s64_limit *limit = &s64_native->limits[LIMIT_ID];
	struct limit_hashes first = limit_hashes(limit, site, s64_site_wider(site, 0));

	for (uint64_t other = site + 1;; other++) {
		struct limit_hashes hashes = limit_hashes(limit, other, s64_site_wider(other, 0));

		if (own_slot_site(hashes.site) == own_slot_site(first.site))
			return other;
	}
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

/* A limit that is lowered holds at once, and a word it does not reach is out of the way within the
 * new window. */
static void a_lowered_limit_holds_at_once(void **state)
{
	(void)state;
	set_limit(10, 1000, 0, 0);
	assert_int_equal(offer(SITE(1), 2000, 0), 1000); /* its time is 100 s ahead */
	set_limit(10, 20, 0, 0);
	assert_int_equal(offer(SITE(1), 1000, 0), 0);
	s64_native->now += SECOND;
	assert_int_equal(offer(SITE(1), 1000, 0), 10);
}

/* Who has read the time later than others leaves a word that seems to them beyond the window: they take nothing back. */
static void a_word_of_a_later_clock_is_let_alone(void **state)
{
	uint64_t now;

	(void)state;
	set_limit(100, 200, 0, 0);
	assert_int_equal(offer(SITE(1), 300, 0), 200);
	now = s64_native->now;
	s64_native->now -= NS(10000000);
	assert_int_equal(offer(SITE(1), 300, 0), 0);
	s64_native->now = now;
	assert_int_equal(offer(SITE(1), 300, 0), 0);
}

/* The same where the window is the longest there is. */
static void a_full_word_of_a_later_clock_is_not_taken_for_over(void **state)
{
	(void)state;
	set_limit(1, S64_WINDOW_SECONDS, 0, 0);
	assert_int_equal(offer(SITE(1), 400, 0), S64_WINDOW_SECONDS);
	s64_native->now -= NS(10000000);
	assert_int_equal(offer(SITE(1), 400, 0), 0);
	assert_int_equal(offer_quickly(SITE(1), 400), 0);
}

static uint64_t neighbour(uint64_t interface_id)
{
	return s64_site_link_local(0xfe80ULL << 48, interface_id, &s64_native->config.seed);
}

/* hostile 11: what a neighbour on one link does is not charged to those on another, nor to him of
 * that name there. */
static void neighbours_are_charged_by_their_interface(void **state)
{
	uint64_t site = neighbour(0x0200000000000001ULL), wide = s64_site_wider(site, 0), scope;

	(void)state;
	set_limit(100, 200, 100, 200);
	assert_int_equal(offer(site, 1000, 0), 200);
	s64_native->config.iface_slot = 1;
	scope = limit_scope(site, site, 0);
	assert_false(reason_drops(limit_charge(site + scope, wide + scope, LIMIT_ID)));
	assert_int_equal(offer(site, 1000, 0), 199);
	assert_int_equal(offer(SITE(1), 100, 0), 100);
	s64_native->config.iface_slot = 0;
	assert_int_equal(offer(SITE(1), 1000, 0), 100);
}

/* Behind the VLANs, up to the first that is negative. */
static unsigned int solicit(const char *source, uint32_t iface_slot, const int *vlans)
{
	struct s64_packet packet;
	unsigned int passed = 0;
	struct frame f;

	ethernet(&f, *vlans < 0 ? 0x86dd : 0x8100);
	for (; *vlans >= 0; vlans++) {
		put16(&f, 0xe000 | *vlans);
		put16(&f, vlans[1] < 0 ? 0x86dd : 0x8100);
	}
	ipv6(&f, S64_PROTO_ICMPV6, 255, source, "ff02::1:ff00:1");
	put_icmpv6(&f, 135, 0, 20);
	finish(&f);
	s64_native->config.iface_slot = iface_slot;
	for (int i = 0; i < 1000; i++)
		passed += !reason_drops(judge_frame(&f, &packet));
	s64_native->config.iface_slot = 0;
	return passed;
}

/* In a session, behind a VLAN if it is not 0. */
static unsigned int solicit_in_session(const char *source, uint16_t vlan, uint16_t session)
{
	struct s64_packet packet;
	unsigned int passed = 0;
	struct frame f;

	ethernet(&f, vlan ? 0x8100 : 0x8864);
	if (vlan) {
		put16(&f, vlan);
		put16(&f, 0x8864);
	}
	put16(&f, 0x1100);
	put16(&f, session);
	put16(&f, 2 + 40 + 24);
	put16(&f, 0x0057);
	ipv6(&f, S64_PROTO_ICMPV6, 255, source, "ff02::1:ff00:1");
	put_icmpv6(&f, 135, 0, 20);
	finish(&f);
	for (int i = 0; i < 1000; i++)
		passed += !reason_drops(judge_frame(&f, &packet));
	return passed;
}

static void each_neighbour_is_a_site_by_himself(void)
{
	struct site_rules rules;
	struct prefix prefix;
	struct error error;
	struct gate gate;

	site_rules_init(&rules);
	assert_int_equal(prefix_parse_whole("fe80::/64", &prefix, NULL), 0);
	assert_int_equal(site_rules_add(&rules, &prefix, S64_SITE_LENGTH, 128, &error), 0);
	site_rules_stage(&rules, &native_tables);
	gate_init(&gate, &native_tables);
	gate_open(&gate);
	site_rules_switch(&native_tables);
	gate_free(&gate);
}

/* hostile 11, its kind: who has no address yet is of one link as well (duplicate address detection on it is not to fail
 * for what somebody does on another), and a rule about the sites of neighbours takes nothing of that away.
 */
static void whatever_is_of_the_link_is_charged_by_its_interface(void **state)
{
	static const char *const sources[] = {"::", "fe80::1"};
	static const int untagged[] = {-1};
	struct policy_limit limit = {100, 200, 1000, 2000};
	const int id = S64_CLASS_NEIGHBOR_SOLICITATION;

	(void)state;
	s64_native->policy.action[id][S64_TRANSIT] = s64_native->policy.action[id][S64_LOCAL] =
		S64_ACTION_LIMIT;
	assert_int_equal(policy_compile_limit(&limit, id, NATIVE_TICK_NS, &s64_native->limits[id]),
			 0);
	for (size_t i = 0; i < 2; i++)
		for (uint32_t slot = 0; slot < 3; slot++)
			assert_int_equal(solicit(sources[i], slot, untagged), 200);
	each_neighbour_is_a_site_by_himself();
	for (uint32_t slot = 0; slot < 3; slot++)
		assert_int_equal(solicit("fe80::2", slot, untagged), 200);
}

/* hostile 11, its kind: the VLANs of a trunk are links, too. Priority tags are of none, and who is in a VLAN gets out of
 * it by no tag of his own.
 */
static void a_vlan_is_a_link_by_itself(void **state)
{
	static const struct {
		int vlans[8];
		unsigned int passes;
	} cases[] = {
		{{-1}, 200},
		{{10, -1}, 200},
		{{20, -1}, 200},
		{{10, 20, -1}, 200},
		{{20, 10, -1}, 200},
		{{4095, -1}, 200},
		{{4095, 4095, -1}, 200},
		{{0, -1}, 0},
		{{0, 10, -1}, 0},
		{{10, 0, 20, -1}, 0},
		{{10, 20, 5, -1}, 0},
		{{0, 0, 20, -1}, 0},
		{{10, 20, 20, 10, -1}, 0},
	};
	struct policy_limit limit = {100, 200, 1000, 2000};
	const int id = S64_CLASS_NEIGHBOR_SOLICITATION;

	(void)state;
	s64_native->policy.action[id][S64_TRANSIT] = s64_native->policy.action[id][S64_LOCAL] =
		S64_ACTION_LIMIT;
	assert_int_equal(policy_compile_limit(&limit, id, NATIVE_TICK_NS, &s64_native->limits[id]),
			 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(solicit("fe80::1", 0, cases[i].vlans), cases[i].passes);
}

/* hostile 11, its kind: so are the sessions of PPPoE, as an access concentrator has thousands on an interface. */
static void a_session_is_a_link_by_itself(void **state)
{
	static const uint16_t sessions[] = {1, 2, 3, 0x0100, 0x1234, 0xfffe};
	struct policy_limit limit = {100, 200, 100, 200};
	const int id = S64_CLASS_NEIGHBOR_SOLICITATION;
	static const int untagged[] = {-1};

	(void)state;
	s64_native->policy.action[id][S64_TRANSIT] = s64_native->policy.action[id][S64_LOCAL] =
		S64_ACTION_LIMIT;
	assert_int_equal(policy_compile_limit(&limit, id, NATIVE_TICK_NS, &s64_native->limits[id]),
			 0);
	for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++) {
		assert_int_equal(solicit_in_session("fe80::1", 0, sessions[i]), 200);
		/* over that of all neighbours */
		assert_int_equal(solicit_in_session("fe80::2", 0, sessions[i]), 0);
		assert_int_equal(solicit_in_session("fe80::1", 20, sessions[i]), 200);
	}
	assert_int_equal(solicit("fe80::1", 0, untagged), 200);
}

static void neighbours_share_the_wider_limit_of_the_link(void **state)
{
	unsigned int passed = 0;

	(void)state;
	set_limit(100, 200, 1000, 2000);
	for (uint64_t i = 0; i < 10000; i++)
		passed += charge(neighbour(0x0200000000000000ULL + i));
	assert_int_equal(passed, 2000);
}

/* HZ=300, of which a jiffy is 3333333 ns in the kernel: after a year of them, both clocks tell the same. */
static void the_clock_of_ticks_does_not_drift(void **state)
{
	const uint64_t jiffies = 300ULL * 86400 * 365, tick_ns = 3333333,
		       ahead_ns = 300 * 1000000000ULL;

	(void)state;
	assert_true(s64_time_of_jiffies(jiffies + 300 * 300, tick_ns, 300 * 300 * tick_ns) ==
		    NS(jiffies * tick_ns));
	assert_true(s64_time_of_jiffies(0, tick_ns, -(int64_t)ahead_ns) == NS(ahead_ns));
}

static void a_fast_limit_asks_for_the_exact_clock(void **state)
{
	struct policy_limit limit = {10000, 10, 100000, 100};
	struct s64_limit compiled;

	(void)state;
	assert_int_equal(policy_compile_limit(&limit, 1, 4000000, &compiled), 0);
	assert_int_equal(compiled.exact_clock, 1);
	limit.burst = limit.wider_burst = 20000;
	assert_int_equal(policy_compile_limit(&limit, 1, 4000000, &compiled), 0);
	assert_int_equal(compiled.exact_clock, 0);
}

static void a_burst_beyond_the_window_is_refused(void **state)
{
	struct policy_limit limit = {1, S64_WINDOW_SECONDS + 1, 10, 20};
	struct s64_limit compiled;

	(void)state;
	assert_int_equal(policy_compile_limit(&limit, 1, 1000000, &compiled), -ERANGE);
	limit.burst = S64_WINDOW_SECONDS;
	assert_int_equal(policy_compile_limit(&limit, 1, 1000000, &compiled), 0);
}

/* Whatever comes of rounding to 16 ns. */
static void a_burst_as_long_as_the_window_is_taken_at_any_rate(void **state)
{
	struct s64_limit compiled;

	(void)state;
	for (uint32_t rate = 1; rate < 100000; rate++) {
		struct policy_limit limit = {rate, rate * S64_WINDOW_SECONDS, rate,
					     rate * S64_WINDOW_SECONDS};

		assert_int_equal(policy_compile_limit(&limit, 1, 1000000, &compiled), 0);
		assert_true(compiled.site.window <= S64_WINDOW_MAX);
		assert_true(compiled.site.window > S64_WINDOW_MAX - S64_WINDOW_MAX / 500);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, native_setup, native_teardown)
		T(the_burst_passes_at_once_and_no_more),
		T(the_rate_is_kept_exactly),
		T(who_is_within_the_rate_loses_nothing),
		T(no_window_lets_through_twice_the_rate),
		T(sites_do_not_charge_each_other),
		T(a_48_is_held_to_its_own_limit),
		T(over_the_48_costs_the_site_nothing),
		T(an_idle_site_has_its_burst_back_hours_later),
		T(a_full_table_charges_the_wider_limit),
		T(memory_stays_the_same_for_any_number_of_sites),
		T(a_rejected_packet_writes_nothing),
		T(a_site_never_has_the_slot_of_its_48),
		T(a_site_that_lies_elsewhere_gets_no_second_burst),
		T(a_48_that_lies_elsewhere_is_held_all_the_same),
		T(a_slot_is_free_when_it_has_been_over_for_the_margin),
		T(an_empty_table_charges_nobody_where_the_time_wraps),
		T(the_quick_way_and_the_search_charge_the_same_word),
		T(a_sweep_leaves_what_is_live_and_clears_what_is_over),
		T(a_turn_of_steps_counts_as_a_sweep_does),
		T(a_site_in_its_second_line_gets_no_second_burst),
		T(a_line_forgets_its_second_one_after_two_ages),
		T(a_48_without_a_word_is_held_by_the_shared_limit),
		T(limits_that_share_a_word_keep_their_bounds),
		T(a_48_finds_room_beside_any_number_of_sites),
		T(a_line_that_is_busy_keeps_nobody_waiting),
		T(who_puts_in_leaves_the_line),
		T(a_lowered_limit_holds_at_once),
		T(a_word_of_a_later_clock_is_let_alone),
		T(a_full_word_of_a_later_clock_is_not_taken_for_over),
		T(neighbours_are_charged_by_their_interface),
		T(whatever_is_of_the_link_is_charged_by_its_interface),
		T(a_vlan_is_a_link_by_itself),
		T(a_session_is_a_link_by_itself),
		T(neighbours_share_the_wider_limit_of_the_link),
		T(the_clock_of_ticks_does_not_drift),
		T(a_fast_limit_asks_for_the_exact_clock),
		T(a_burst_beyond_the_window_is_refused),
		T(a_burst_as_long_as_the_window_is_taken_at_any_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
