// SPDX-License-Identifier: GPL-2.0-only
/* Proposals that are applied or dismissed, by a person, or by their rule. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "daemon/blocks/blocks_internal.h"
#include "daemon/store/log/audit_log.h"
#include "daemon/store/tables/store_fuse.h"
#include "daemon/store/tables/store_proposals.h"
#include "ladder.h"
#include "net/limits.h"
#include "proposals_internal.h"

int proposals_check(const struct proposals *proposals, const struct proposal *proposal,
		    const struct actor *actor, struct error *error)
{
	const struct guard_rails guard_rails = {.allowed = blocks_allowed(proposals->blocks),
						.protection = proposals->protection,
						.caller = actor ? actor->caller : NULL};
	struct guard_rails_answer answer;
	struct block_target target;
	struct error unsafe;
	int err = block_target_of(&proposals->blocks->rules, &proposals->seed, &proposal->prefix,
				  PREFIX_EXACT, &target, NULL, &unsafe);

	if (err == -EINVAL) {
		*error = unsafe;
		return err;
	}
	return guard_rails_check(&guard_rails,
				 &(struct guard_rails_request){.prefix = &proposal->prefix,
							       .is_source = proposal->is_source,
							       .unsafe = err ? &unsafe : NULL},
				 &answer, error);
}

static int note(struct proposals *proposals, const struct proposal *proposal, bool is_applied,
		bool is_by_rule, int64_t until_ms, struct error *error)
{
	return store_proposal_put(
		proposals->blocks->store,
		&(struct store_proposal){.id = proposal->id,
					 .rule = proposal->rule.name,
					 .prefix = proposal->prefix,
					 .is_applied = is_applied,
					 .step = is_applied ? proposal->step :
							      proposal->applied_step,
					 .since_ms = proposal->since_ms,
					 .decided_ms = clock_wall_ms(),
					 .until_ms = until_ms,
					 .applied_until_ms =
						 is_applied ? until_ms : proposal->applied_until_ms,
					 .is_by_rule = is_by_rule,
					 .share = proposal->share},
		error);
}

/* --- applying --- */

static int64_t end_of(struct proposals *proposals, const struct proposal *proposal,
		      const struct proposal_terms *terms, int64_t now_ms)
{
	uint64_t random = s64_hash128(proposal->id, now_ms, &proposals->seed);

	return now_ms + (terms->for_ms ? terms->for_ms :
					 ladder_with_tenth(proposal_for_ms(proposal), random));
}

/* The row of an application names the proposal, whatever reason was given for the block. */
static int log_apply(struct proposals *proposals, const struct proposal *proposal,
		     const struct actor *actor, const struct store_block *block,
		     struct error *error)
{
	char detail[PROPOSAL_WORDS_MAX + 64], words[PROPOSAL_WORDS_MAX];

	snprintf(detail, sizeof(detail), "proposal %" PRIu64 ": %s", proposal->id,
		 proposal_words(proposal, words));
	return store_log_add(proposals->blocks->store, actor,
			     &(struct store_change){.action = "apply",
						    .has_prefix = true,
						    .prefix = block->prefix,
						    .origin = block->origin,
						    .reason = block->reason,
						    .ticket = block->ticket,
						    .detail = detail,
						    .until_ms = block->until_ms,
						    .is_nothing = true},
			     error);
}

static int count_action(struct proposals *proposals, int64_t now_ms, bool has_blown,
			struct error *error)
{
	return store_fuse_add(proposals->blocks->store, now_ms, has_blown, now_ms - FUSE_SPAN_MS,
			      error);
}

/* The block, its rows of the log, what was decided, and that a rule acted: all of them or none. */
static int put(struct proposals *proposals, const struct proposal *proposal,
	       const struct actor *actor, bool by_rule, const struct store_block *block,
	       struct error *error)
{
	struct blocks *blocks = proposals->blocks;
	int err = store_begin_idle(blocks->store, error);

	if (err)
		return err;
	if (!S64_MISTAKE(DECISION_UNWRITTEN))
		err = note(proposals, proposal, true, by_rule, block->until_ms, error);
	if (!err && by_rule && !S64_MISTAKE(FUSE_UNWRITTEN))
		err = count_action(proposals, block->start_ms, false, error);
	if (!err)
		err = log_apply(proposals, proposal, actor, block, error);
	if (!err)
		err = blocks_put(blocks, actor, block, error);
	err = blocks_store_end(blocks, err, error);
	if (!err)
		return 0;
	blocks_rolled_back(blocks);
	blocks_put_back(blocks, &block->prefix);
	throttles_reload(&blocks->throttles);
	return err;
}

static int apply(struct proposals *proposals, struct proposal *proposal, const struct actor *actor,
		 bool by_rule, const struct proposal_terms *terms, struct error *error)
{
	char origin[ORIGIN_TEXT_MAX], words[PROPOSAL_WORDS_MAX], reason[REASON_TEXT_MAX];
	int64_t now_ms = clock_wall_ms();
	bool throttles = detect_rule_throttles(&proposal->rule);
	struct store_block block = {
		.prefix = proposal->prefix,
		.origin = proposal_origin(proposal, origin),
		.reason = terms->reason ? terms->reason : reason,
		.ticket = terms->ticket,
		.start_ms = now_ms,
		.until_ms = end_of(proposals, proposal, terms, now_ms),
		.kind = throttles ? STORE_THROTTLE : STORE_BLOCK,
		.rate = throttles ? proposal->rule.rate : 0,
		.burst = throttles ? proposal->rule.rate * BURST_FACTOR : 0,
	};
	int err = proposals_check(proposals, proposal, actor, error);

	snprintf(reason, sizeof(reason), "proposal %" PRIu64 ": %s", proposal->id,
		 proposal_words(proposal, words));
	if (err)
		return err;
	proposal->is_decided = true;
	err = put(proposals, proposal, actor, by_rule, &block, error);
	proposal->is_decided = false;
	if (err) {
		proposal_end_unfollowed(proposal);
		return err;
	}
	proposal->state = PROPOSAL_APPLIED;
	proposal->was_applied = proposal->is_logged = true;
	proposal->is_by_rule = by_rule;
	proposal->applied_step = proposal->step;
	proposal->until_ms = proposal->applied_until_ms = block.until_ms;
	proposal->is_due = false;
	proposal->refused[0] = '\0';
	return 0;
}

static int find_decidable(struct proposals *proposals, uint64_t id, struct proposal **proposal,
			  struct error *error)
{
	*proposal = proposals_find(proposals, id);
	if (!*proposal)
		return error_set(error, -ENOENT, "there is no proposal %" PRIu64, id);
	if ((*proposal)->state == PROPOSAL_OVER)
		return error_set(error, -ESTALE,
				 "proposal %" PRIu64
				 " is over: the attack has ended, and nothing is done about it",
				 id);
	return 0;
}

int proposals_apply(struct proposals *proposals, uint64_t id, const struct actor *actor,
		    const struct proposal_terms *terms, struct error *error)
{
	struct proposal *proposal;
	int err = find_decidable(proposals, id, &proposal, error);

	if (err)
		return err;
	if (proposal->state == PROPOSAL_APPLIED)
		return error_set(error, -EEXIST,
				 "proposal %" PRIu64 " was applied: its block is in force", id);
	if (!proposal->is_followed)
		return error_set(error, -ESTALE,
				 "proposal %" PRIu64
				 " is over: the attack has ended, and nothing is done about it",
				 id);
	return apply(proposals, proposal, actor, false, terms, error);
}

/* --- dismissing --- */

int proposals_dismiss(struct proposals *proposals, uint64_t id, const struct actor *actor,
		      const struct proposal_terms *terms, struct error *error)
{
	struct store *store = proposals->blocks->store;
	int64_t until_ms = terms->for_ms ? clock_wall_ms() + terms->for_ms : 0;
	char origin[ORIGIN_TEXT_MAX], detail[PROPOSAL_WORDS_MAX + 64], words[PROPOSAL_WORDS_MAX];
	struct proposal *proposal;
	bool was_followed;
	int err = find_decidable(proposals, id, &proposal, error);

	if (err)
		return err;
	if (proposal->state == PROPOSAL_APPLIED)
		return error_set(error, -EEXIST,
				 "proposal %" PRIu64 " was applied: its block is in force", id);
	snprintf(detail, sizeof(detail), "proposal %" PRIu64 ": %s", id,
		 proposal_words(proposal, words));
	err = store_begin(store, error);
	if (err)
		return err;
	was_followed = proposal->is_followed;
	proposal->is_decided = true;
	err = note(proposals, proposal, false, false, until_ms, error);
	if (!err && !S64_MISTAKE(DISMISS_UNLOGGED))
		err = store_log_add(store, actor,
				    &(struct store_change){.action = "dismiss",
							   .has_prefix = true,
							   .prefix = proposal->prefix,
							   .origin = proposal_origin(proposal,
										     origin),
							   .reason = terms->reason,
							   .ticket = terms->ticket,
							   .detail = detail,
							   .until_ms = until_ms,
							   .stands = true},
				    error);
	err = blocks_store_end(proposals->blocks, err, error);
	proposal->is_decided = false;
	if (!err) {
		proposal->state = PROPOSAL_DISMISSED;
		proposal->is_logged = true;
		proposal->until_ms = until_ms;
		proposal->is_due = false;
	}
	if (was_followed)
		proposal_end_unfollowed(proposal);
	return err;
}

/* --- acting alone --- */

static double share_in_force(const struct proposals *proposals)
{
	double share = 0;

	for (int i = 0; i < PROPOSALS_MAX; i++) {
		const struct proposal *proposal = &proposals->entry[i];

		if (proposal->state == PROPOSAL_APPLIED && proposal->is_by_rule &&
		    (proposal->is_followed || proposal->is_recalled))
			share += proposal->share;
	}
	return share;
}

/* An alert: a row of the log, and a line, once for each time it blows. */
static void alert(struct proposals *proposals, const struct proposal *proposal,
		  enum fuse_answer answer)
{
	const struct detect_rules *rules = &proposals->detect.rules;
	struct store *store = proposals->blocks->store;
	char origin[ORIGIN_TEXT_MAX], detail[160];
	struct error error;
	bool has_begun;
	int err;

	if (answer == FUSE_BLOWS_BY_ACTIONS)
		snprintf(detail, sizeof(detail),
			 "%" PRIu32 " actions in an hour: rules only propose for an hour",
			 rules->fuse_actions);
	else
		snprintf(detail, sizeof(detail),
			 "more than %g of the traffic would be hit: rules only propose for an hour",
			 rules->fuse_share);
	log_error("the fuse has blown: %s; see 'slash64 proposals'", detail);
	err = store_begin(store, &error);
	has_begun = !err;
	if (!err)
		err = count_action(proposals, clock_wall_ms(), true, &error);
	if (!err)
		err = store_log_add(store, &actor_itself,
				    &(struct store_change){.action = "fuse",
							   .origin = proposal_origin(proposal,
										     origin),
							   .detail = detail,
							   .is_nothing = true},
				    &error);
	/* a restart would not know of it; until then it has blown */
	err = has_begun ? blocks_store_end(proposals->blocks, err, &error) : err;
	if (err)
		log_error("that is not in the log: %s", error.text);
}

/* Whoever forges packets of HEAVY_SIBLINGS sources has all that are in a wider prefix held to a
 * rate, most of whom he need not pretend to be. Proof does not change that: with a proven source of
 * his own that sends most of the packets, he can forge the others.
 */
static bool is_forgeable(const struct proposal *proposal)
{
	return !proposal->is_source && !proposal->rule.spoofable_accepted;
}

/* One at a time: each is a commit. */
void proposals_act(struct proposals *proposals)
{
	static const struct proposal_terms as_the_rule_says;
	const struct detect_rules *rules = &proposals->detect.rules;
	uint64_t now_ms = clock_monotonic_ms();
	struct proposal *proposal = NULL;
	char prefix[PREFIX_TEXT_MAX];
	enum fuse_answer answer;
	struct error error;
	struct actor actor;

	for (int i = 0; i < PROPOSALS_MAX; i++)
		if (proposals->entry[i].is_due && proposals->entry[i].state == PROPOSAL_OPEN &&
		    (!proposal || proposals->entry[i].id < proposal->id))
			proposal = &proposals->entry[i];
	if (!proposal)
		return;
	proposal->is_due = false;
	if (is_forgeable(proposal) && !S64_MISTAKE(RULE_FORGED)) {
		snprintf(proposal->refused, sizeof(proposal->refused),
			 "a few forged sources would be enough to hit all of %s: apply it, or set "
			 "spoofable: accepted",
			 prefix_format(&proposal->prefix, prefix));
		return;
	}
	if (proposals_check(proposals, proposal, NULL, &error)) {
		snprintf(proposal->refused, sizeof(proposal->refused), "%s", error.text);
		return;
	}
	answer = fuse_ask(&proposals->fuse, now_ms, rules->fuse_actions,
			  share_in_force(proposals) + proposal->share, rules->fuse_share);
	if (answer != FUSE_HOLDS && !S64_MISTAKE(RULE_UNFUSED)) {
		snprintf(proposal->refused, sizeof(proposal->refused),
			 "the fuse has blown: rules only propose for an hour");
		if (answer != FUSE_HAS_BLOWN)
			alert(proposals, proposal, answer);
		return;
	}
	actor = actor_from(&actor_itself, "rule ", proposal->rule.name);
	if (apply(proposals, proposal, &actor, true, &as_the_rule_says, &error)) {
		snprintf(proposal->refused, sizeof(proposal->refused), "%s", error.text);
		log_error("proposal %" PRIu64 " is not applied: %s", proposal->id, error.text);
		return;
	}
	proposals->applied_by_rule++;
	fuse_count(&proposals->fuse, now_ms);
}
