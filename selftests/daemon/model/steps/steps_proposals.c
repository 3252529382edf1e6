// SPDX-License-Identifier: GPL-2.0-only
/* What is decided about a proposal: its block, its row of the log, and that it was decided are one
 * change. How detection finds one is not the model's concern: it is made as if it had been found.
 */
#include <stdio.h>
#include <string.h>

#include "steps_proposals.h"
#include "daemon/blocks/blocks_internal.h"
#include "daemon/daemon.h"

#define RULE	     "probe"
#define PACKETS_OVER 5000
#define BODY_MAX     160

static const unsigned int rates[] = {0, 0, 50, 60, 230, 770};

static struct proposal *free_entry(void)
{
	for (int i = 0; i < PROPOSALS_MAX; i++)
		if (the_daemon->proposals->entry[i].state == PROPOSAL_FREE)
			return &the_daemon->proposals->entry[i];
	return NULL;
}

/* As a history has it, whatever was run before. */
static uint64_t next_id(void)
{
	static unsigned int at, count;

	count = at == world->at ? count + 1 : 0;
	at = world->at;
	return PROPOSAL_IDS + world->at * PROPOSALS_OF_STEP + count;
}

/* Proposals are of prefixes as they are stored. */
static bool draw_prefix(struct chance *chance, struct prefix *prefix)
{
	struct prefix said;

	return ref_target(model->now.config.sources, text_of_prefix(chance), prefix, &said) ==
		       TARGET_OK &&
	       !said.length;
}

struct proposal *proposal_make(const struct prefix *prefix, uint32_t rate)
{
	struct proposal *proposal = free_entry();

	if (!proposal)
		return NULL;
	*proposal =
		(struct proposal){.state = PROPOSAL_OPEN,
				  .id = next_id(),
				  .prefix = *prefix,
				  .is_source = blocks_target(&the_daemon->blocks, prefix).is_source,
				  .is_followed = true,
				  .since_ms = now_ms()};
	detect_rule_init(&proposal->rule);
	strcpy(proposal->rule.name, RULE);
	proposal->rule.over.of[DETECT_PACKETS] = PACKETS_OVER;
	proposal->measured.of[DETECT_PACKETS] = PACKETS_OVER * 2;
	proposal->rule.rate = rate;
	proposal->rule.ladder_ms[0] = PROPOSAL_HOUR_MS;
	proposal->rule.ladder_steps = 1;
	return proposal;
}

struct proposal *proposal_draw(struct chance *chance)
{
	struct prefix prefix;

	if (!draw_prefix(chance, &prefix))
		return NULL;
	return proposal_make(&prefix,
			     rates[chance_below(chance, sizeof(rates) / sizeof(rates[0]))]);
}

/* By hand, and without force. */
static enum refusal check_guard_rails(const struct prefix *prefix)
{
	if (ref_allowed_around(&model->now, prefix) || ref_allowed_within(&model->now, prefix))
		return REFUSED_ALLOWED;
	if (ref_is_short(prefix) || ref_is_guarded(&model->now.config, prefix, NULL))
		return REFUSED_GUARD;
	return ref_is_wide(model->now.config.sources, prefix) ? REFUSED_WIDE : TAKEN;
}

enum refusal proposal_expect(const struct proposal *proposal, const char *reason, int64_t for_ms,
			     int64_t slack_ms)
{
	uint32_t rate = proposal->rule.rate;
	struct ref_row row = {.prefix = proposal->prefix,
			      .origin = PROPOSAL_ORIGIN,
			      .throttle = rate,
			      .rate = rate,
			      .burst = rate * 2,
			      .start_ms = -1,
			      .start_from_ms = now_ms(),
			      .start_to_ms = now_ms() + 60000,
			      .span_ms = for_ms,
			      .slack_ms = slack_ms};
	enum refusal refused = check_guard_rails(&proposal->prefix);
	bool known;

	if (refused == TAKEN && rate &&
	    ref_rates(&model->now, rate, rate * 2, &known) >= RATES_MAX && !known)
		refused = REFUSED_RATES;
	strcpy(row.reason, reason);
	if (refused != TAKEN)
		return refused;
	ref_put(&model->next, &row);
	ref_note(&model->next, "apply", &row.prefix, row.origin);
	return TAKEN;
}

/* If nothing failed, it is in the store exactly if it was answered. */
void proposal_check_decided(uint64_t id, bool taken, bool applied)
{
	int found = check_decision(id);

	if (world->fault_hit)
		return;
	if (found != (!taken ? -1 : applied))
		world_fail("decided", "proposal %llu was %s, and the store says %d",
			   (unsigned long long)id, taken ? "decided" : "refused", found);
}

static bool decide(struct chance *chance, bool apply)
{
	struct proposal *proposal = proposal_draw(chance);
	unsigned int minutes = 1 + chance_below(chance, 120);
	char body[BODY_MAX], text[PREFIX_TEXT_MAX];
	uint64_t id;
	bool taken;

	if (!proposal)
		return true;
	id = proposal->id;
	snprintf(body, sizeof(body), "{\"id\":%llu,\"for_seconds\":%u,\"reason\":\"flood\"}",
		 (unsigned long long)id, minutes * 60);
	step_says("%s %s, %u a second, %s", apply ? "apply" : "dismiss",
		  prefix_format(&proposal->prefix, text), proposal->rule.rate, body);
	if (apply)
		model->expected = proposal_expect(proposal, "flood", minutes * 60000LL, 0);
	else
		ref_note(&model->next, "dismiss", &proposal->prefix, PROPOSAL_ORIGIN);
	taken = step_ask(chance, "POST", apply ? "/v1/proposals/apply" : "/v1/proposals/dismiss",
			 body)
			->code == 200;
	proposal_check_decided(id, taken, apply);
	/* nothing follows it */
	memset(proposal, 0, sizeof(*proposal));
	return true;
}

static bool run_apply(struct chance *chance)
{
	return decide(chance, true);
}

static bool run_dismiss(struct chance *chance)
{
	return decide(chance, false);
}

const struct step_kind proposals_steps[] = {
	{"apply", 5, run_apply, true},
	{"dismiss", 2, run_dismiss, false},
	{},
};
