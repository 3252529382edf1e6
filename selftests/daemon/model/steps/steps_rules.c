// SPDX-License-Identifier: GPL-2.0-only
/* What detection writes by itself: rules that act, up to the fuse, and rows about proposals that come and go. How
 * detection finds one is not the model's concern.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/detect/proposals_internal.h"
#include "steps_proposals.h"

#define TURN_MS	   50
#define TURNS_MAX  600
#define BURST	   (FUSE_MAX + 4)
#define SLACK	   10 /* a tenth longer, by chance */
#define REASON_MAX 64

static const struct prefix none;

/* Rules act at the next look. */
static void acts(struct proposal *proposal)
{
	proposal->rule.then = proposal->rule.rate ? DETECT_THROTTLE : DETECT_BLOCK;
	proposal->is_due = true;
}

static enum refusal expect(const struct proposal *proposal)
{
	char words[PROPOSAL_WORDS_MAX], reason[REASON_MAX];
	enum ref_fuse fuse = ref_fuse(&model->next, now_ms());
	enum refusal refused;

	if (!proposal->is_source && !proposal->rule.spoofable_accepted)
		return REFUSED_FORGEABLE;
	if (fuse != REF_FUSE_HOLDS)
		return REFUSED_FUSE;
	snprintf(reason, sizeof(reason), "proposal %llu: %s", (unsigned long long)proposal->id,
		 proposal_words(proposal, words));
	refused = proposal_expect(proposal, reason, PROPOSAL_HOUR_MS, PROPOSAL_HOUR_MS / SLACK);
	if (refused == TAKEN)
		ref_act(&model->next, now_ms());
	return refused;
}

static bool any_is_due(void)
{
	for (int i = 0; i < PROPOSALS_MAX; i++)
		if (the_daemon->proposals->entry[i].is_due)
			return true;
	return false;
}

static void wait_for_rules(void)
{
	for (unsigned int turn = 0; turn < TURNS_MAX && any_is_due(); turn++)
		pass(TURN_MS);
	/* it is decided in a change, which may wait */
	pass(TURN_MS);
}

static bool run_rule(struct chance *chance)
{
	enum ref_fuse fuse = ref_fuse(&model->now, now_ms());
	struct proposal *proposal = proposal_draw(chance);
	char text[PREFIX_TEXT_MAX];
	struct answer answer = {};
	uint64_t id;

	if (!proposal || fuse == REF_FUSE_UNSURE || fuse == REF_FUSE_FULL) {
		if (proposal)
			memset(proposal, 0, sizeof(*proposal));
		return true;
	}
	id = proposal->id;
	proposal->rule.spoofable_accepted = chance_percent(chance, 70);
	acts(proposal);
	step_says("a rule acts on %s, %u a second%s", prefix_format(&proposal->prefix, text),
		  proposal->rule.rate,
		  proposal->rule.spoofable_accepted ? ", whoever may forge it" : "");
	model->expected = expect(proposal);
	step_arm(chance);
	wait_for_rules();
	answer.code = proposal->state == PROPOSAL_APPLIED ? 200 : 409;
	snprintf(answer.error, sizeof(answer.error), "%s", proposal->refused);
	proposal_check_decided(id, answer.code == 200, true);
	step_quiet(&answer);
	memset(proposal, 0, sizeof(*proposal));
	return true;
}

/* --- more than the fuse lets through --- */

struct burst {
	struct proposal *proposal;
	enum refusal expected;
};

static bool make_burst(struct chance *chance, struct burst burst[BURST])
{
	unsigned int first = chance_below(chance, 1000);
	struct prefix prefix, said;

	for (unsigned int i = 0; i < BURST; i++) {
		ref_target(model->now.config.sources, text_of_many(first + i), &prefix, &said);
		burst[i].proposal = proposal_make(&prefix, 0);
		if (!burst[i].proposal)
			return false;
	}
	return true;
}

static void expect_burst(struct burst burst[BURST])
{
	for (unsigned int i = 0; i < BURST; i++) {
		enum ref_fuse fuse = ref_fuse(&model->next, now_ms());

		acts(burst[i].proposal);
		burst[i].expected = expect(burst[i].proposal);
		if (burst[i].expected != REFUSED_FUSE || fuse != REF_FUSE_FULL)
			continue;
		model->next.blown_ms = now_ms();
		ref_note(&model->next, "fuse", &none, PROPOSAL_ORIGIN);
		step_covered("fuse blows")->done++;
	}
}

static void check_burst(const struct burst burst[BURST])
{
	for (unsigned int i = 0; i < BURST; i++) {
		const struct proposal *proposal = burst[i].proposal;
		bool taken = proposal->state == PROPOSAL_APPLIED;

		if (taken != (burst[i].expected == TAKEN))
			world_fail("rules",
				   "number %u, %s, is %s by its rule, and should be %s: %s", i,
				   text_of(&proposal->prefix), taken ? "applied" : "left alone",
				   refusal_names[burst[i].expected], proposal->refused);
		model->refusals[burst[i].expected] += !taken;
	}
}

/* Nothing fails meanwhile: the model would not know how far they have come. */
static bool run_burst(struct chance *chance)
{
	struct burst burst[BURST] = {};

	if (ref_fuse(&model->now, now_ms()) == REF_FUSE_UNSURE || filler_is_any(&model->now))
		return true;
	if (make_burst(chance, burst)) {
		step_says("rules act on %d sources at once", BURST);
		expect_burst(burst);
		wait_for_rules();
		check_burst(burst);
		step_commit();
		step_covered("rules act on many")->done++;
	}
	for (unsigned int i = 0; i < BURST && burst[i].proposal; i++)
		memset(burst[i].proposal, 0, sizeof(*burst[i].proposal));
	return true;
}

/* --- what is told of proposals --- */

/* The store takes no rows for a while; they are written later. */
static void let_rows_wait(struct chance *chance)
{
	static const enum fault faults[] = {FAULT_FULL, FAULT_EIO, FAULT_HELD};

	if (chance_percent(chance, 40))
		world_fault(faults[chance_below(chance, 3)], 0);
	step_says(" [%s]", fault_names[world->fault]);
	for (int turn = 0; turn < 6; turn++)
		pass(TURN_MS);
	world_fault(FAULT_NONE, 0);
}

/* Whatever the log tells the beginning of, it tells the end of. */
static bool run_told(struct chance *chance)
{
	struct proposals *proposals = the_daemon->proposals;
	struct proposal *proposal = proposal_draw(chance);
	const struct detect_track track = {.id = proposal ? proposal->id : 0,
					   .slot = proposal ? proposal - proposals->entry : 0};

	if (!proposal)
		return true;
	step_says("%s is proposed, and over", text_of(&proposal->prefix));
	proposal_tell_open(proposals, proposal);
	if (proposal->is_logged) {
		ref_note(&model->next, "propose", &proposal->prefix, PROPOSAL_ORIGIN);
		ref_note(&model->next, "over", &proposal->prefix, PROPOSAL_ORIGIN);
	}
	step_covered(proposal->is_logged ? "proposal comes and goes" :
					   "proposal that is only counted")
		->done++;
	let_rows_wait(chance);
	proposals->detect.events.on_end(&track, 0, proposals->detect.events.data);
	let_rows_wait(chance);
	for (int turn = 0; turn < 20; turn++)
		pass(TURN_MS);
	step_commit();
	memset(proposal, 0, sizeof(*proposal));
	return true;
}

const struct step_kind rules_steps[] = {
	{"rule", 4, run_rule, false},
	{"rules act on many", 1, run_burst, false},
	{"proposal comes and goes", 2, run_told, false},
	{},
};
