// SPDX-License-Identifier: GPL-2.0-only
/* What is told of proposals: rows in the log of changes, for whoever follows it, and lines in the
 * log of slash64d. An attack from 10,000 prefixes has a few of either in a minute, and one that
 * counts the others. Whatever the log tells the beginning of, it tells the end of.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text/duration.h"
#include "daemon/blocks/blocks_internal.h"
#include "daemon/store/log/audit_log.h"
#include "proposals_internal.h"

#define TOLD_PER_MINUTE 10
#define MINUTE_MS	60000
#define ROWS_AT_ONCE	16 /* in a transaction */
#define DETAIL_MAX	(PROPOSAL_WORDS_MAX + 128)

static bool minute_has_passed(const struct proposals *proposals)
{
	return clock_monotonic_ms() - proposals->told_ms >= MINUTE_MS;
}

void proposal_tell_open(struct proposals *proposals, struct proposal *proposal)
{
	char prefix[PREFIX_TEXT_MAX], words[PROPOSAL_WORDS_MAX];

	if (!proposals->told_ms || (!proposals->untold && minute_has_passed(proposals))) {
		proposals->told_ms = clock_monotonic_ms();
		proposals->told = 0;
	}
	if (proposals->told == TOLD_PER_MINUTE) {
		if (!proposals->untold++)
			log_info("more proposals than are told here: see 'slash64 proposals'");
		return;
	}
	proposals->told++;
	proposal->is_logged = proposal->log_open = true;
	log_info("proposal %" PRIu64 " of the rule %s: %s %s, %s", proposal->id,
		 proposal->rule.name, detect_rule_throttles(&proposal->rule) ? "throttle" : "block",
		 prefix_format(&proposal->prefix, prefix), proposal_words(proposal, words));
}

/* --- rows --- */

static bool untold_are_due(const struct proposals *proposals)
{
	return proposals->untold && minute_has_passed(proposals);
}

bool proposals_have_rows(const struct proposals *proposals)
{
	for (int i = 0; i < PROPOSALS_MAX; i++)
		if (proposals->entry[i].log_open || proposals->entry[i].log_over)
			return true;
	return untold_are_due(proposals);
}

static struct proposal *next_with_row(struct proposals *proposals, uint64_t above)
{
	struct proposal *next = NULL;

	for (int i = 0; i < PROPOSALS_MAX; i++) {
		struct proposal *proposal = &proposals->entry[i];

		if ((proposal->log_open || proposal->log_over) && proposal->id > above &&
		    (!next || proposal->id < next->id))
			next = proposal;
	}
	return next;
}

/* `change` has the action, the reason, and the detail. */
static int add_row(struct proposals *proposals, const struct proposal *proposal,
		   struct store_change change, struct error *error)
{
	struct actor actor = actor_from(&actor_itself, "rule ", proposal->rule.name);
	char origin[ORIGIN_TEXT_MAX];

	change.has_prefix = change.is_nothing = true;
	change.prefix = proposal->prefix;
	change.origin = proposal_origin(proposal, origin);
	return store_log_add(proposals->blocks->store, &actor, &change, error);
}

static int add_open(struct proposals *proposals, const struct proposal *proposal,
		    struct error *error)
{
	char words[PROPOSAL_WORDS_MAX], detail[DETAIL_MAX], span[DURATION_TEXT_MAX],
		action[32] = "block";

	if (detect_rule_throttles(&proposal->rule))
		snprintf(action, sizeof(action), "throttle to %" PRIu32 "/s", proposal->rule.rate);
	snprintf(detail, sizeof(detail), "proposal %" PRIu64 ": %s for %s", proposal->id, action,
		 duration_format(proposal_for_ms(proposal), span));
	return add_row(proposals, proposal,
		       (struct store_change){.action = "propose",
					     .reason = proposal_words(proposal, words),
					     .detail = detail},
		       error);
}

static int add_over(struct proposals *proposals, const struct proposal *proposal,
		    struct error *error)
{
	char words[PROPOSAL_WORDS_MAX], detail[DETAIL_MAX], span[DURATION_TEXT_MAX];
	int64_t lasted_ms = proposal->ended_ms - proposal->since_ms;

	if (proposal->since_ms && lasted_ms > 0)
		snprintf(detail, sizeof(detail), "proposal %" PRIu64 ": over after %s",
			 proposal->id, duration_format(lasted_ms, span));
	else
		snprintf(detail, sizeof(detail), "proposal %" PRIu64 ": over", proposal->id);
	return add_row(proposals, proposal,
		       (struct store_change){.action = "over",
					     .reason = detect_words(&proposal->rule,
								    &proposal->peak, words),
					     .detail = detail},
		       error);
}

static int add_untold(struct proposals *proposals, unsigned int count, struct error *error)
{
	char detail[DETAIL_MAX];

	snprintf(detail, sizeof(detail), "%u more proposals within a minute", proposals->untold);
	return store_log_add(proposals->blocks->store, &actor_itself,
			     &(struct store_change){.action = "propose",
						    .detail = detail,
						    .is_nothing = true},
			     error);
}

struct row {
	uint64_t id;
	bool open, over;
};

/* Writes what is due of the next ones. Returns how many those are, or -errno. */
static int add_rows(struct proposals *proposals, struct row row[ROWS_AT_ONCE], struct error *error)
{
	struct proposal *proposal = NULL;
	int count = 0, err = 0;

	while (count < ROWS_AT_ONCE && !err) {
		proposal = next_with_row(proposals, count ? row[count - 1].id : 0);
		if (!proposal)
			break;
		row[count++] = (struct row){proposal->id, proposal->log_open, proposal->log_over};
		if (proposal->log_open)
			err = add_open(proposals, proposal, error);
		if (!err && proposal->log_over)
			err = add_over(proposals, proposal, error);
	}
	return err ? err : count;
}

/* Others may have become due meanwhile, as a commit may pause. */
static void are_written(struct proposals *proposals, const struct row row[], int count)
{
	for (int i = 0; i < count; i++) {
		struct proposal *proposal = proposals_find(proposals, row[i].id);

		if (proposal && row[i].open)
			proposal->log_open = false;
		if (proposal && row[i].over)
			proposal->log_over = false;
	}
}

void proposals_write_rows(struct proposals *proposals)
{
	struct row row[ROWS_AT_ONCE];
	unsigned int untold = untold_are_due(proposals) ? proposals->untold : 0;
	struct error error;
	int count = 0, err;

	if (!proposals_have_rows(proposals))
		return;
	err = store_begin(proposals->blocks->store, &error);
	if (!err) {
		count = add_rows(proposals, row, &error);
		err = count < 0 ? count : 0;
		if (!err && untold)
			err = add_untold(proposals, untold, &error);
		err = blocks_store_end(proposals->blocks, err, &error);
	}
	if (err && !proposals->log_failed)
		log_error("the log cannot tell of proposals: %s; it is tried again", error.text);
	proposals->log_failed = err;
	if (err)
		return;
	are_written(proposals, row, count);
	proposals->untold -= untold;
}
