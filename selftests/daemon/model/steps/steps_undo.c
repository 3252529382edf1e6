// SPDX-License-Identifier: GPL-2.0-only
/* The last change by hand is undone. */
#include <stdio.h>
#include <string.h>

#include "../model.h"

#define SOON_MS	       3000
#define RATES_LEFT_MIN 4

/* --- what there is to undo --- */

static bool is_changed(const struct ref_state *state)
{
	bool changed = state->gones != 0;

	for (unsigned int i = 0; i < state->rows; i++)
		changed |= state->row[i].stamp == state->stamp;
	for (unsigned int i = 0; i < state->allowlist; i++)
		changed |= state->allow[i].stamp == state->stamp;
	return changed;
}

/* For a list that writes reasons in its own way, the model does not know whether an entry changed.
 */
static bool may_be_none(const struct ref_state *state)
{
	for (unsigned int i = 0; i < state->rows; i++)
		if (state->row[i].stamp == state->stamp &&
		    (state->row[i].any_reason || state->row[i].maybe))
			return true;
	return false;
}

void undo_note_step(bool by_hand)
{
	if (model->now.stamp == model->before.stamp)
		return; /* it was refused */
	if (by_hand && !is_changed(&model->now))
		return;
	model->has_undo =
		by_hand &&
		!memcmp(model->now.filler, model->before.filler, sizeof(model->now.filler)) &&
		!may_be_none(&model->now);
	if (by_hand)
		ref_copy(&model->undo, &model->before);
}

void undo_note_start(void)
{
	model->has_undo = model->has_undo && model->flight == GROUND && !is_changed(&model->now);
}

/* --- undoing it --- */

static bool is_same_row(const struct ref_row *a, const struct ref_row *b)
{
	return a->throttle == b->throttle && a->rate == b->rate && a->burst == b->burst &&
	       a->start_ms == b->start_ms && a->until_ms == b->until_ms &&
	       !strcmp(a->reason, b->reason) && !strcmp(a->ticket, b->ticket);
}

static bool is_soon_over(const struct ref_row *row)
{
	return row->until_ms && row->until_ms <= now_ms() + SOON_MS;
}

/* New entries are removed. */
static void remove_new(struct ref_state *next)
{
	for (unsigned int i = 0; i < next->rows;) {
		struct ref_row *row = &next->row[i];

		if (ref_find(&model->undo, &row->prefix, row->origin, &row->said))
			i++;
		else
			ref_remove(next, row);
	}
	for (unsigned int i = 0; i < next->allowlist;) {
		struct ref_allow *allow = &next->allow[i];

		if (ref_allow_find(&model->undo, &allow->prefix, allow->origin))
			i++;
		else
			ref_allow_remove(next, allow);
	}
}

/* A block than a throttle, and of throttles the lower one. */
static bool is_stricter(const struct ref_row *was, const struct ref_row *row)
{
	if (!was->throttle || !row->throttle)
		return !was->throttle && row->throttle;
	return was->rate != row->rate ? was->rate < row->rate : was->burst < row->burst;
}

/* Removed or changed entries return. *guarded: a guard rail objects to one that is to return. */
static void put_back(struct ref_state *next, bool *guarded)
{
	for (unsigned int i = 0; i < model->undo.rows; i++) {
		const struct ref_row *was = &model->undo.row[i];
		const struct ref_row *row = ref_find(next, &was->prefix, was->origin, &was->said);

		if (row && is_same_row(row, was))
			continue;
		if ((!row || is_stricter(was, row)) &&
		    (ref_is_short(&was->prefix) ||
		     ref_is_guarded(&model->now.config, &was->prefix, NULL)))
			*guarded = true;
		ref_put(next, was);
	}
	for (unsigned int i = 0; i < model->undo.allowlist; i++) {
		const struct ref_allow *was = &model->undo.allow[i];
		const struct ref_allow *allow = ref_allow_find(next, &was->prefix, was->origin);

		/* one that was allowed again, unchanged, is so once more */
		if (!allow || allow->stamp == model->undo.stamp + 1 ||
		    strcmp(allow->reason, was->reason))
			ref_allow_put(next, &was->prefix, was->origin, was->reason);
	}
}

/* The reference knows the result only if nothing expired meanwhile, and if there is room for its
 * rate.
 */
static bool is_known(void)
{
	bool known;

	if (!model->has_undo || ref_rates(&model->now, 0, 0, &known) + RATES_LEFT_MIN > RATES_MAX)
		return false;
	for (unsigned int i = 0; i < model->undo.rows; i++)
		if (is_soon_over(&model->undo.row[i]))
			return false;
	return true;
}

static bool run_undo(struct chance *chance)
{
	bool dry_run = chance_percent(chance, 20), force = chance_percent(chance, 40),
	     guarded = false;
	char body[64];

	if (!is_known())
		return true;
	snprintf(body, sizeof(body), "{\"dry_run\":%s,\"force\":%s}", dry_run ? "true" : "false",
		 force ? "true" : "false");
	step_says("undo %s", body);
	remove_new(&model->next);
	put_back(&model->next, &guarded);
	guarded |= ref_is_kept_out(&model->now, &model->next, &model->now.config, false);
	model->next.action = "undo";
	model->room_unknown = filler_is_large(&model->now);
	if (guarded && !force)
		model->expected = REFUSED_GUARD;
	if (dry_run) {
		ref_copy(&model->next, &model->now);
		ref_begin(&model->next);
	}
	/* earlier changes are not the model's concern */
	if (step_ask(chance, "POST", "/v1/undo", body)->code == 200 && !dry_run)
		model->has_undo = false;
	return true;
}

const struct step_kind undo_steps[] = {
	{"undo", 12, run_undo, false},
	{},
};
