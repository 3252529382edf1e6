// SPDX-License-Identifier: GPL-2.0-only
/* Proposals over made up samples, a temporary store and maps in plain memory. */
#include <arpa/inet.h>
#include <event2/event.h>
#include <stdio.h>
#include <time.h>

#include "../blocks/blocks_test.h"
#include "daemon/loop/turns.h"
#include "daemon/detect/proposals_internal.h"
#include "daemon/store/log/audit_log.h"
#include "daemon/store/store_internal.h"
#include "daemon/store/tables/store_proposals.h"
#include "daemon/store/tables/store_fuse.h"

#define BAD   0x20010db800bad000ULL
#define TICKS 30 /* of 200 ms */

static struct proposals *proposals;
static struct protected_addresses *protection;
static struct event_base *base;
static struct turns *turns;
static struct changes *changes;
static struct detect_rules rules;
static uint64_t now_ms;

static int set_up(void **state)
{
	static const struct s64_seed seed = MEMORY_SEED;

	if (blocks_set_up(state))
		return -1;
	base = event_base_new();
	turns = turns_new(base);
	detect_rules_init(&rules);
	rules.count = 1;
	strcpy(rules.rule[0].name, "echo-flood");
	rules.rule[0].classes = 1ULL << S64_CLASS_ECHO_REQUEST;
	rules.rule[0].over = (struct detect_values){};
	rules.rule[0].over.of[DETECT_PACKETS] = 1000;
	rules.rule[0].until_ms = 2000;
	now_ms = clock_monotonic_ms();
	return !base || changes_start(&changes, turns, &error) ||
	       protected_addresses_start(&protection, base, &error) ||
	       proposals_start(&proposals, &blocks, protection, &seed, &error) ||
	       proposals_configure(proposals, &rules, &error);
}

static int tear_down(void **state)
{
	proposals_stop(proposals);
	protected_addresses_stop(protection);
	changes_stop(changes);
	turns_free(turns);
	event_base_free(base);
	return blocks_tear_down(state);
}

static void start_again(void)
{
	static const struct s64_seed seed = MEMORY_SEED;

	proposals_stop(proposals);
	done(proposals_start(&proposals, &blocks, protection, &seed, &error));
	done(proposals_configure(proposals, &rules, &error));
}

static bool siblings; /* within a /56 */

/* So many packets a second of each of `count` /64s, far apart. */
static void flood_of(unsigned int count, uint32_t packets, unsigned int ticks)
{
	for (unsigned int t = 0; t < ticks; t++) {
		for (unsigned int i = 0; i < count; i++) {
			uint64_t hi = BAD + ((uint64_t)i << (siblings ? 0 : 24));
			struct s64_sample sample = {.src_key = hi,
						    .src_hi = hi,
						    .src_lo = 1,
						    .weight = packets / 5,
						    .length = 100,
						    .class = S64_CLASS_ECHO_REQUEST,
						    .reason = S64_REASON_POLICY};

			detect_feed(&proposals->detect, &sample);
		}
		now_ms += 200;
		proposals_tick(proposals, now_ms, changes);
	}
}

static struct proposal *only(void)
{
	struct proposal *found = NULL;

	for (int i = 0; i < PROPOSALS_MAX; i++) {
		if (!proposals->entry[i].state)
			continue;
		assert_null(found);
		found = &proposals->entry[i];
	}
	assert_non_null(found);
	return found;
}

static unsigned int count_of(enum proposal_state state)
{
	unsigned int count = 0;

	for (int i = 0; i < PROPOSALS_MAX; i++)
		count += proposals->entry[i].state == state;
	return count;
}

static const struct proposal_terms plain;

/* Rows of the log with that action; the last one's origin and reason. */
static struct {
	const char *action;
	unsigned int count;
	char origin[ORIGIN_TEXT_MAX], reason[REASON_TEXT_MAX], detail[REASON_TEXT_MAX];
} logged;

static bool see_row(const struct store_change *change, void *data)
{
	if (strcmp(change->action, logged.action))
		return true;
	logged.count++;
	snprintf(logged.origin, sizeof(logged.origin), "%s", change->origin ? change->origin : "");
	snprintf(logged.reason, sizeof(logged.reason), "%s", change->reason ? change->reason : "");
	snprintf(logged.detail, sizeof(logged.detail), "%s", change->detail ? change->detail : "");
	return true;
}

static unsigned int rows_of(const char *action)
{
	logged.action = action;
	logged.count = 0;
	assert_true(store_log_after(store, 0, 100000, see_row, NULL, &error) >= 0);
	return logged.count;
}

/* --- */

static void a_flood_is_a_proposal_with_its_figures(void **state)
{
	char words[PROPOSAL_WORDS_MAX];

	flood_of(1, 3000, TICKS);
	assert_int_equal(only()->state, PROPOSAL_OPEN);
	assert_true(only()->is_followed);
	assert_string_equal(proposal_words(only(), words), "packets_per_second 3000 over 1000");
	assert_int_equal(proposal_for_ms(only()), 600000);
	assert_int_equal(only()->prefix.length, 64);
	assert_int_equal(rows_of("block"), 0);
}

static void it_is_over_with_the_attack_and_never_applied_after_that(void **state)
{
	flood_of(1, 3000, TICKS);
	flood_of(1, 0, TICKS);
	assert_int_equal(only()->state, PROPOSAL_OVER);
	assert_int_equal(proposals_apply(proposals, only()->id, &actor_itself, &plain, &error),
			 -ESTALE);
	assert_int_equal(proposals_dismiss(proposals, only()->id, &actor_itself, &plain, &error),
			 -ESTALE);
	assert_int_equal(proposals_apply(proposals, 999, &actor_itself, &plain, &error), -ENOENT);
	assert_int_equal(info_of("2001:db8:ba:d000::/64"), -1);
}

static void applied_it_is_a_block_with_the_rules_name_and_an_end_with_a_random_tenth(void **state)
{
	int64_t before;

	flood_of(1, 3000, TICKS);
	before = clock_wall_ms();
	done(proposals_apply(proposals, only()->id, &actor_itself, &plain, &error));
	assert_int_equal(only()->state, PROPOSAL_APPLIED);
	assert_in_range(only()->until_ms, before + 600000, clock_wall_ms() + 660000);
	assert_int_equal(info_of("2001:db8:ba:d000::/64"), 0);
	assert_int_equal(rows_of("block"), 1);
	assert_string_equal(logged.origin, "detect:echo-flood");
	assert_non_null(strstr(logged.reason, "packets_per_second 3000 over 1000"));
	assert_int_equal(proposals_apply(proposals, only()->id, &actor_itself, &plain, &error),
			 -EEXIST);
}

static void a_duration_that_was_given_is_exact(void **state)
{
	const struct proposal_terms terms = {.for_ms = 60000, .reason = "why"};
	int64_t before = clock_wall_ms();

	flood_of(1, 3000, TICKS);
	done(proposals_apply(proposals, only()->id, &actor_itself, &terms, &error));
	assert_in_range(only()->until_ms, before + 60000, clock_wall_ms() + 60000);
	rows_of("block");
	assert_string_equal(logged.reason, "why");
}

static struct in6_addr only_address(const char *text)
{
	struct in6_addr address;

	assert_int_equal(inet_pton(AF_INET6, text, &address), 1);
	return address;
}

static void guard_rails_and_allowed_prefixes_hold(void **state)
{
	allow("2001:db8:ba::/48");
	flood_of(1, 3000, TICKS);
	assert_int_equal(proposals_check(proposals, only(), NULL, &error), -EPERM);
	assert_int_equal(proposals_apply(proposals, only()->id, &actor_itself, &plain, &error),
			 -EPERM);
	assert_int_equal(only()->state, PROPOSAL_OPEN);
	assert_int_equal(info_of("2001:db8:ba:d000::/64"), -1);
	assert_int_equal(rows_of("block"), 0);
}

static void nobody_applies_what_would_lock_them_out(void **state)
{
	struct in6_addr from = only_address("2001:db8:ba:d000::5");
	const struct guards_caller caller = {.from = &from, .count = 1};
	struct actor actor = actor_itself;

	actor.caller = &caller;
	flood_of(1, 3000, TICKS);
	assert_int_equal(proposals_check(proposals, only(), NULL, &error), 0);
	assert_int_equal(proposals_apply(proposals, only()->id, &actor, &plain, &error), -EPERM);
	assert_int_equal(only()->state, PROPOSAL_OPEN);
	assert_int_equal(rows_of("block"), 0);
}

static void a_rule_that_acts_alone_is_held_by_an_allowed_prefix_too(void **state)
{
	rules.rule[0].then = DETECT_THROTTLE;
	rules.rule[0].rate = 50;
	done(proposals_configure(proposals, &rules, &error));
	allow("2001:db8:ba::/48");
	flood_of(1, 3000, TICKS);
	assert_int_equal(only()->state, PROPOSAL_OPEN);
	assert_non_null(strstr(only()->refused, "allowed prefix"));
}

static void dismissed_it_is_not_proposed_while_it_lasts_and_logged(void **state)
{
	const struct proposal_terms terms = {.reason = "ours"};

	flood_of(1, 3000, TICKS);
	done(proposals_dismiss(proposals, only()->id, &actor_itself, &terms, &error));
	assert_int_equal(rows_of("dismiss"), 1);
	assert_string_equal(logged.reason, "ours");
	flood_of(1, 3000, TICKS);
	assert_int_equal(only()->state, PROPOSAL_DISMISSED);
	flood_of(1, 0, TICKS);
	assert_int_equal(only()->state, PROPOSAL_OVER);
	/* the next attack is another */
	flood_of(1, 3000, TICKS);
	assert_int_equal(count_of(PROPOSAL_OPEN), 1);
}

static void on_commit_it_ends(void *data)
{
	(void)data;
	store_on_commit(store, NULL, NULL);
	flood_of(1, 0, TICKS * 2);
}

/* issue 13, line 9: others are served while a commit waits for the disk. It was dismissed without an
 * end then, and with it the next attack.
 */
static void the_attack_may_end_while_it_is_dismissed(void **state)
{
	flood_of(1, 3000, TICKS);
	store_on_commit(store, on_commit_it_ends, NULL);
	done(proposals_dismiss(proposals, 1, &actor_itself, &plain, &error));
	assert_int_equal(only()->state, PROPOSAL_OVER);
	flood_of(1, 3000, TICKS);
	assert_int_equal(count_of(PROPOSAL_OPEN), 1);
}

static void the_attack_may_end_while_it_is_applied(void **state)
{
	flood_of(1, 3000, TICKS);
	store_on_commit(store, on_commit_it_ends, NULL);
	done(proposals_apply(proposals, 1, &actor_itself, &plain, &error));
	assert_int_equal(only()->state, PROPOSAL_APPLIED);
	assert_false(only()->is_followed);
	assert_int_equal(only()->ended_ms, 0);
}

static void dismissed_for_a_time_the_next_attack_is_dismissed_too(void **state)
{
	const struct proposal_terms terms = {.for_ms = 3600000};

	flood_of(1, 3000, TICKS);
	done(proposals_dismiss(proposals, only()->id, &actor_itself, &terms, &error));
	flood_of(1, 0, TICKS);
	flood_of(1, 3000, TICKS);
	assert_int_equal(only()->state, PROPOSAL_DISMISSED);
	/* its time is over */
	only()->until_ms = clock_wall_ms() - 1;
	flood_of(1, 3000, TICKS);
	assert_int_equal(only()->state, PROPOSAL_OPEN);
}

static void a_start_loses_nothing_that_a_person_did_and_gives_no_number_twice(void **state)
{
	uint64_t id;

	flood_of(2, 3000, TICKS);
	assert_int_equal(count_of(PROPOSAL_OPEN), 2);
	done(proposals_apply(proposals, 1, &actor_itself, &plain, &error));
	done(proposals_dismiss(proposals, 2, &actor_itself, &plain, &error));
	start_again();
	assert_int_equal(proposals_find(proposals, 1)->state, PROPOSAL_APPLIED);
	assert_int_equal(proposals_find(proposals, 2)->state, PROPOSAL_DISMISSED);
	flood_of(2, 3000, TICKS);
	assert_int_equal(count_of(PROPOSAL_OPEN), 0);
	flood_of(3, 3000, TICKS);
	assert_int_equal(count_of(PROPOSAL_OPEN), 1);
	/* and as long as it lasts, no longer */
	assert_int_equal(proposals_find(proposals, 2)->until_ms, 0);
	for (id = 3; !proposals_find(proposals, id); id++)
		assert_true(id < 100);
	assert_true(id > 2);
}

/* issue 13, line 9: 16 numbers a write, each in the turn of the loop: 846 ms while another process
 * held the store
 */
static void three_hundred_at_once_write_nothing_in_their_turn(void **state)
{
	int64_t before, after;

	flood_of(1, 3000, 1);
	done(store_proposal_next(store, &before, &error));
	flood_of(300, 3000, TICKS);
	assert_int_equal(count_of(PROPOSAL_OPEN), 300);
	done(store_proposal_next(store, &after, &error));
	assert_int_equal(before, after);
}

static void what_is_found_without_numbers_left_gets_one_when_the_store_is_free(void **state)
{
	sqlite3 *other;

	flood_of(1, 3000, TICKS);
	assert_int_equal(count_of(PROPOSAL_OPEN), 1);
	proposals->next_id = proposals->ids_end;
	assert_int_equal(sqlite3_open(store->path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	flood_of(3, 3000, TICKS);
	assert_int_equal(count_of(PROPOSAL_OPEN), 1);
	sqlite3_close(other);
	flood_of(3, 3000, TICKS);
	assert_int_equal(count_of(PROPOSAL_OPEN), 3);
	assert_int_equal(proposals->no_room, 0);
}

/* The numbers that were taken and not given are gone then. */
static void a_kill_gives_no_number_twice(void **state)
{
	static const struct s64_seed seed = MEMORY_SEED;
	struct proposals *killed = proposals;

	flood_of(2, 3000, TICKS);
	assert_non_null(proposals_find(killed, 2));
	done(proposals_start(&proposals, &blocks, protection, &seed, &error));
	done(proposals_configure(proposals, &rules, &error));
	flood_of(1, 3000, TICKS);
	assert_true(only()->id > 2);
	proposals_stop(proposals);
	proposals = killed;
}

/* A person's word counts for more than the rule's. */
static void a_block_that_is_taken_back_does_not_return_while_it_lasts(void **state)
{
	struct prefix prefix;

	rules.rule[0].then = DETECT_BLOCK;
	rules.rule[0].spoofable_accepted = true;
	rules.fuse_share = 1;
	done(proposals_configure(proposals, &rules, &error));
	flood_of(1, 3000, TICKS);
	assert_int_equal(only()->state, PROPOSAL_APPLIED);
	assert_true(only()->is_by_rule);
	prefix = only()->prefix;
	done(blocks_remove(&blocks, &actor_itself, &prefix, "detect:echo-flood", NULL, &error));
	/* a few entries are looked up in a second */
	for (int i = 0; i < 10; i++)
		flood_of(1, 3000, TICKS);
	assert_int_equal(only()->state, PROPOSAL_DISMISSED);
	assert_int_equal(rows_of("block"), 1);
}

static void the_next_time_it_lasts_longer(void **state)
{
	flood_of(1, 3000, TICKS);
	done(proposals_apply(proposals, only()->id, &actor_itself, &plain, &error));
	/* its block ends while it goes on */
	only()->until_ms = only()->applied_until_ms = clock_wall_ms() - 1;
	flood_of(1, 3000, 6);
	assert_int_equal(only()->state, PROPOSAL_OPEN);
	assert_int_equal(proposal_for_ms(only()), 3600000);
	flood_of(1, 0, TICKS);
	assert_int_equal(only()->state, PROPOSAL_OVER);
}

static void ten_thousand_attackers_are_so_many_actions_and_one_alert(void **state)
{
	rules.rule[0].then = DETECT_THROTTLE;
	rules.rule[0].rate = 50;
	rules.fuse_actions = 5;
	rules.fuse_share = 1;
	done(proposals_configure(proposals, &rules, &error));
	flood_of(10000, 5000, TICKS);
	for (int i = 0; i < 100; i++)
		proposals_act(proposals);
	assert_int_equal(rows_of("throttle"), 5);
	assert_string_equal(logged.origin, "detect:echo-flood");
	assert_int_equal(rows_of("fuse"), 1);
	assert_int_equal(count_of(PROPOSAL_APPLIED), 5);
	assert_true(count_of(PROPOSAL_OPEN) > 100);
}

/* issue 17: opening, end, application and dismissal */
static void the_log_tells_what_became_of_a_proposal(void **state)
{
	flood_of(1, 3000, TICKS);
	assert_int_equal(rows_of("propose"), 1);
	assert_string_equal(logged.origin, "detect:echo-flood");
	assert_non_null(strstr(logged.reason, "packets_per_second 3000 over 1000"));
	done(proposals_apply(proposals, only()->id, &actor_itself,
			     &(struct proposal_terms){.reason = "customer asked"}, &error));
	assert_int_equal(rows_of("apply"), 1);
	assert_string_equal(logged.reason, "customer asked");
	assert_non_null(strstr(logged.detail, "proposal 1: packets_per_second "));
	/* its block ends while it goes on */
	only()->until_ms = only()->applied_until_ms = clock_wall_ms() - 1;
	flood_of(1, 3000, 6);
	assert_int_equal(rows_of("propose"), 2);
	assert_non_null(strstr(logged.detail, "block for 1h"));
	assert_int_equal(rows_of("over"), 0);
	flood_of(1, 0, TICKS);
	assert_int_equal(rows_of("over"), 1);
	assert_non_null(strstr(logged.detail, "proposal 1: over"));
	flood_of(1, 0, TICKS);
	assert_int_equal(rows_of("over"), 1);
}

static void an_attack_from_everywhere_is_a_few_rows(void **state)
{
	unsigned int rows;

	flood_of(1000, 5000, TICKS);
	assert_true(count_of(PROPOSAL_OPEN) > 500);
	rows = rows_of("propose");
	assert_in_range(rows, 1, 10);
	flood_of(1000, 0, TICKS);
	assert_int_equal(count_of(PROPOSAL_OPEN), 0);
	assert_int_equal(rows_of("over"), rows);
	/* and one for all the others, when the minute is over */
	proposals->told_ms -= 60000;
	flood_of(1, 0, 6);
	assert_int_equal(rows_of("propose"), rows + 1);
	assert_non_null(strstr(logged.detail, " more proposals within a minute"));
	flood_of(1, 0, 6);
	assert_int_equal(rows_of("propose"), rows + 1);
}

/* open-13, 11 */
static void a_restart_is_no_new_fuse(void **state)
{
	rules.rule[0].then = DETECT_THROTTLE;
	rules.rule[0].rate = 50;
	rules.fuse_actions = 2;
	rules.fuse_share = 1;
	done(proposals_configure(proposals, &rules, &error));
	flood_of(2, 5000, TICKS);
	assert_int_equal(rows_of("throttle"), 2);
	start_again();
	flood_of(4, 5000, TICKS);
	assert_int_equal(rows_of("throttle"), 2);
	assert_int_equal(rows_of("fuse"), 1);
	/* and it is not told again */
	start_again();
	flood_of(6, 5000, TICKS);
	assert_int_equal(rows_of("throttle"), 2);
	assert_int_equal(rows_of("fuse"), 1);
	assert_true(fuse_has_blown(&proposals->fuse, clock_monotonic_ms()));
}

/* What rules hit before a start counts as long as it is in force. */
static void a_restart_does_not_forget_the_share_of_the_traffic(void **state)
{
	rules.rule[0].then = DETECT_THROTTLE;
	rules.rule[0].rate = 50;
	rules.fuse_share = 0.6;
	done(proposals_configure(proposals, &rules, &error));
	flood_of(2, 5000, TICKS);
	assert_int_equal(rows_of("throttle"), 1);
	assert_int_equal(rows_of("fuse"), 1);
	proposals->fuse.blown_ms = 0;
	done(store_fuse_add(store, 1, false, INT64_MAX, &error));
	start_again();
	assert_int_equal(proposals->fuse.blown_ms, 0);
	flood_of(2, 5000, TICKS);
	assert_int_equal(rows_of("throttle"), 1);
	assert_int_equal(rows_of("fuse"), 2);
}

/* A dismissal between two blocks does not begin its ladder anew, with or without a restart. */
static void the_ladder_is_remembered_over_a_dismissal_and_a_restart(void **state)
{
	flood_of(1, 3000, TICKS);
	done(proposals_apply(proposals, only()->id, &actor_itself, &plain, &error));
	only()->until_ms = only()->applied_until_ms = clock_wall_ms() - 1;
	flood_of(1, 3000, 6);
	done(proposals_dismiss(proposals, only()->id, &actor_itself,
			       &(struct proposal_terms){.for_ms = 1}, &error));
	start_again();
	flood_of(1, 3000, TICKS);
	for (int i = 0; i < PROPOSALS_MAX; i++)
		if (proposals->entry[i].state == PROPOSAL_OPEN)
			assert_int_equal(proposal_for_ms(&proposals->entry[i]), 3600000);
	assert_int_equal(count_of(PROPOSAL_OPEN), 1);
}

/* open-13, 11: three forged sources are enough to be most of a /48 where nobody else speaks. */
static void forged_sources_do_not_throttle_all_that_are_around_them(void **state)
{
	rules.rule[0].then = DETECT_THROTTLE;
	rules.rule[0].rate = 50;
	rules.fuse_share = 1;
	done(proposals_configure(proposals, &rules, &error));
	siblings = true;
	flood_of(8, 3000, TICKS);
	siblings = false;
	assert_int_equal(rows_of("throttle"), 0);
	assert_non_null(strstr(only()->refused, "forged"));
	assert_false(only()->is_source);
	done(proposals_apply(proposals, only()->id, &actor_itself, &plain, &error));
	assert_int_equal(rows_of("throttle"), 1);
}

static void a_rule_that_waits_for_proof_neither_proposes_nor_acts(void **state)
{
	rules.rule[0].then = DETECT_BLOCK;
	rules.rule[0].needs_proof = true;
	done(proposals_configure(proposals, &rules, &error));
	flood_of(1, 3000, TICKS);
	for (int i = 0; i < PROPOSALS_MAX; i++)
		assert_int_equal(proposals->entry[i].state, PROPOSAL_FREE);
}

/* A datapath that counts as much as there is, all of it proven. */
static bool begin_count(struct detect_track *track, void *data)
{
	return true;
}

static void count_proven(const struct detect_track *track, struct detect_exact *exact, void *data)
{
	uint64_t ms = now_ms - track->counted_ms, packets = 24 * ms;

	*exact = (struct detect_exact){.packets = packets,
				       .bytes = packets * 100,
				       .proven = packets,
				       .all_packets = packets,
				       .us = ms * 1000};
}

static void end_count(const struct detect_track *track, void *data)
{
}

static void prove_all(void)
{
	rules.rule[0].then = DETECT_BLOCK;
	rules.rule[0].needs_proof = true;
	rules.fuse_share = 1;
	proposals->detect.events.count = begin_count;
	proposals->detect.events.counted = count_proven;
	proposals->detect.events.count_end = end_count;
	done(proposals_configure(proposals, &rules, &error));
}

static void a_rule_that_asks_for_proof_acts_on_a_source_that_is_proven(void **state)
{
	prove_all();
	flood_of(1, 3000, TICKS);
	assert_int_equal(rows_of("block"), 1);
	assert_true(only()->is_proven);
	assert_true(only()->proven_ms > 0);
}

/* Who has one source of his own that sends most of the packets can forge the others around it. */
static void a_wider_prefix_is_only_proposed_even_if_most_of_its_packets_are_proven(void **state)
{
	prove_all();
	siblings = true;
	flood_of(8, 3000, TICKS);
	siblings = false;
	assert_false(only()->is_source);
	assert_true(only()->is_proven);
	assert_int_equal(rows_of("block"), 0);
	assert_non_null(strstr(only()->refused, "forged"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* With more proposals than packets are kept of, each would have been captured five times, and the first packets of the others
 * lost.
 */
static void one_whose_packets_came_is_not_captured_again(void **state)
{
	struct packets *packets = &proposals->packets;
	static struct s64_meta meta;
	struct maps none = {.meta = &meta};
	struct proposal *proposal;

	flood_of(1, 3000, TICKS);
	proposal = only();
	assert_true(proposal->packets_tries > 0);
	packets->maps = &none; /* a capture that begins would write into it, which cannot be */
	packets->kept_id = proposal->id;
	proposals_keep_packets(proposals, now_ms, 1000);
	assert_int_equal(proposal->packets_tries, 0);
	assert_true(packets_are_free(packets));
	packets->maps = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_flood_is_a_proposal_with_its_figures),
		TEST(a_rule_that_asks_for_proof_acts_on_a_source_that_is_proven),
		TEST(a_wider_prefix_is_only_proposed_even_if_most_of_its_packets_are_proven),
		TEST(it_is_over_with_the_attack_and_never_applied_after_that),
		TEST(applied_it_is_a_block_with_the_rules_name_and_an_end_with_a_random_tenth),
		TEST(a_duration_that_was_given_is_exact),
		TEST(guard_rails_and_allowed_prefixes_hold),
		TEST(nobody_applies_what_would_lock_them_out),
		TEST(a_rule_that_acts_alone_is_held_by_an_allowed_prefix_too),
		TEST(dismissed_it_is_not_proposed_while_it_lasts_and_logged),
		TEST(the_attack_may_end_while_it_is_dismissed),
		TEST(the_attack_may_end_while_it_is_applied),
		TEST(dismissed_for_a_time_the_next_attack_is_dismissed_too),
		TEST(a_start_loses_nothing_that_a_person_did_and_gives_no_number_twice),
		TEST(three_hundred_at_once_write_nothing_in_their_turn),
		TEST(what_is_found_without_numbers_left_gets_one_when_the_store_is_free),
		TEST(a_kill_gives_no_number_twice),
		TEST(a_block_that_is_taken_back_does_not_return_while_it_lasts),
		TEST(the_next_time_it_lasts_longer),
		TEST(ten_thousand_attackers_are_so_many_actions_and_one_alert),
		TEST(the_log_tells_what_became_of_a_proposal),
		TEST(an_attack_from_everywhere_is_a_few_rows),
		TEST(a_restart_is_no_new_fuse),
		TEST(a_restart_does_not_forget_the_share_of_the_traffic),
		TEST(the_ladder_is_remembered_over_a_dismissal_and_a_restart),
		TEST(forged_sources_do_not_throttle_all_that_are_around_them),
		TEST(a_rule_that_waits_for_proof_neither_proposes_nor_acts),
		TEST(one_whose_packets_came_is_not_captured_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
