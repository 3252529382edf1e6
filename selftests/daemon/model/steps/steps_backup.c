// SPDX-License-Identifier: GPL-2.0-only
/* Backups, and what remains without one after the store is lost. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lists.h"

/* The order of its lines: of two that have become one, the later may count. */
static int by_line(const void *a, const void *b)
{
	const struct ref_row *x = a, *y = b;
	int order = prefix_compare(&x->prefix, &y->prefix);

	if (!order)
		order = strcmp(x->origin, y->origin);
	return order ? order : prefix_compare(&x->said, &y->said);
}

static int by_allow(const void *a, const void *b)
{
	const struct ref_allow *x = a, *y = b;
	int order = prefix_compare(&x->prefix, &y->prefix);

	return order ? order : strcmp(x->origin, y->origin);
}

static bool run_export(struct chance *chance)
{
	struct answer answer;

	(void)chance;
	if (filler_is_any(&model->now))
		return true;
	step_says("export");
	client_ask("GET", "/v1/export", NULL, &answer);
	if (answer.code != 200)
		world_fail("taken", "no export: %s", answer.error);
	if (answer.bytes < BACKUP_MAX) {
		memcpy(model->backup_text, answer.text, answer.bytes + 1);
		ref_copy(&model->backup, &model->now);
		qsort(model->backup.row, model->backup.rows, sizeof(model->backup.row[0]), by_line);
		qsort(model->backup.allow, model->backup.allowlist, sizeof(model->backup.allow[0]),
		      by_allow);
		model->has_backup = true;
		step_covered("export")->done++;
	}
	client_forget(&answer);
	return true;
}

static bool is_hand(const struct ref_state *state, const char *name, int filter)
{
	for (unsigned int i = 0; i < state->hands; i++)
		if (!strcmp(state->hand[i].name, name))
			return state->hand[i].filter == filter;
	return false;
}

static bool is_configured(const struct ref_state *state, const char *name)
{
	for (unsigned int i = 0; i < state->detacheds; i++)
		if (!strcmp(state->detached[i], name))
			return false;
	for (unsigned int i = 0; i < state->config.ifaces; i++)
		if (!strcmp(state->config.iface[i].name, name))
			return true;
	return false;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct ref_hand *)a)->name, ((const struct ref_hand *)b)->name);
}

/* Interfaces that are configured and not detached stay as they are; all others are attached by
 * hand, if they exist.
 */
static void restore_iface(const char *name, int filter)
{
	if (!is_configured(&model->next, name) && kernel_link(name))
		config_attach_by_hand(&model->next, name, filter);
}

/* Those attached by hand come first. */
static void restore_ifaces(const struct ref_state *backup)
{
	struct ref_hand hand[HAND_MAX];

	memcpy(hand, backup->hand, sizeof(hand));
	qsort(hand, backup->hands, sizeof(hand[0]), by_name);
	for (unsigned int i = 0; i < backup->hands; i++)
		restore_iface(hand[i].name, hand[i].filter);
	for (unsigned int i = 0; i < backup->config.ifaces; i++)
		restore_iface(backup->config.iface[i].name, backup->config.iface[i].filter);
}

static bool has_same_ifaces(const struct ref_state *backup)
{
	for (unsigned int i = 0; i < backup->hands; i++)
		if (!is_hand(&model->now, backup->hand[i].name, backup->hand[i].filter))
			return false;
	for (unsigned int i = 0; i < backup->config.ifaces; i++)
		if (!is_configured(&model->now, backup->config.iface[i].name))
			return false;
	return true;
}

/* The model does not know which of too many rates find room: replaced ones free some meanwhile. */
static bool has_room_for_rates(void)
{
	bool known;
	unsigned int sum = ref_rates(&model->now, 0, 0, &known);

	for (unsigned int i = 0; i < model->backup.rows; i++) {
		const struct ref_row *row = &model->backup.row[i];

		if (!row->throttle)
			continue;
		ref_rates(&model->now, row->rate, row->burst, &known);
		sum += !known;
	}
	return sum <= RATES_MAX;
}

static bool config_has(struct ref_state *state, const struct prefix *prefix)
{
	for (unsigned int i = 0; i < state->rows; i++)
		if (!strcmp(state->row[i].origin, "config") &&
		    !prefix_compare(&state->row[i].prefix, prefix))
			return true;
	return false;
}

/* Of two rows that have become one. */
static bool is_stronger_row(const struct ref_row *a, const struct ref_row *b)
{
	if (a->throttle != b->throttle)
		return b->throttle;
	if (a->throttle && a->rate != b->rate)
		return a->rate < b->rate;
	if (a->throttle && a->burst != b->burst)
		return a->burst < b->burst;
	return b->until_ms && (!a->until_ms || a->until_ms >= b->until_ms);
}

static void restore_row(const struct ref_row *from)
{
	struct ref_row row = *from;
	const struct ref_row *was;
	struct ref_row *old;

	char text[PREFIX_TEXT_MAX];

	if (ref_until(from) && ref_until(from) <= now_ms())
		return;
	/* as it was written, by the present source rules */
	if (from->said.length)
		prefix_format_said(&from->said, text);
	else
		prefix_format(&from->prefix, text);
	ref_target(model->now.config.sources, text, &row.prefix, &row.said);
	if (!strcmp(row.origin, "config") && config_has(&model->now, &row.prefix))
		return;
	if (!strcmp(row.origin, "config"))
		strcpy(row.origin, "restored");
	old = ref_find(&model->next, &row.prefix, row.origin, &row.said);
	if (old && old->named == model->next.stamp && is_stronger_row(old, &row))
		return;
	was = ref_find(&model->now, &row.prefix, row.origin, &row.said);
	if (was && was->throttle == row.throttle && was->rate == row.rate &&
	    was->burst == row.burst && was->until_ms == row.until_ms && !was->any_reason &&
	    !row.any_reason && !strcmp(was->reason, row.reason) &&
	    !strcmp(was->ticket, row.ticket)) {
		*old = *was;
		old->named = model->next.stamp;
		return;
	}
	row.maybe = was && was->any_reason;
	if (was)
		row.start_ms = was->start_ms;
	row.named = model->next.stamp;
	ref_put(&model->next, &row);
}

static void restore_allow(const struct ref_allow *from)
{
	const char *origin = strcmp(from->origin, "config") ? from->origin : "restored";
	struct prefix prefix, said;
	struct ref_allow *old;
	bool same;

	ref_target(model->now.config.sources, text_of(&from->prefix), &prefix, &said);
	old = ref_allow_find(&model->next, &prefix, origin);
	same = old && !strcmp(old->reason, from->reason);
	if (!strcmp(from->origin, "config") && ref_allow_find(&model->now, &prefix, "config"))
		return;
	ref_allow_put(&model->next, &prefix, origin, from->reason);
	/* the time since when it is allowed may be new */
	ref_allow_find(&model->next, &prefix, origin)->maybe = same;
}

static bool run_restore(struct chance *chance)
{
	char id[64], uri[128];
	struct answer answer;
	bool changes_ifaces;

	if (!model->has_backup || model->backup.config.sources != model->now.config.sources ||
	    !has_room_for_rates() || filler_is_any(&model->now))
		return true;
	changes_ifaces = !has_same_ifaces(&model->backup);
	if (changes_ifaces && model_has_renamed())
		return true;
	step_says("restore of %u blocks, %u allowed", model->backup.rows, model->backup.allowlist);
	client_ask("POST", "/v1/imports?restore=1", NULL, &answer);
	snprintf(id, sizeof(id), "%s", json_string_value(json_object_get(answer.object, "import")));
	client_forget(&answer);
	import_send(chance, id, model->backup_text, strlen(model->backup_text));
	for (unsigned int i = 0; i < model->backup.allowlist; i++)
		restore_allow(&model->backup.allow[i]);
	for (unsigned int i = 0; i < model->backup.rows; i++)
		restore_row(&model->backup.row[i]);
	restore_ifaces(&model->backup);
	snprintf(uri, sizeof(uri), "/v1/imports/commit?import=%s", id);
	if (changes_ifaces) {
		step_arm(chance);
		/* often when the interfaces are attached, and the rest is not written yet */
		if (!world->fault && chance_percent(chance, 60))
			world_fault(FAULT_FULL, chance_below(chance, 4));
		/* an interface that the kernel refuses is left out, and the rest is restored */
		if (world->fault == FAULT_ATTACH)
			world_fault(FAULT_NONE, 0);
		if (step_ask_calmly("POST", uri, NULL)->code == 200)
			step_covered("restore of interfaces")->done++;
	} else {
		step_ask(chance, "POST", uri, NULL);
	}
	quiet_links();
	return true;
}

/* --- the store is lost --- */

/* A new store does not know interfaces that existed before. */
static bool has_a_link(void)
{
	for (unsigned int i = 0; i < model->now.config.ifaces; i++)
		if (kernel_link(model->now.config.iface[i].name))
			return true;
	return !model->now.config.ifaces;
}

/* Everything in force stays in force, even if rebuilding the store from it is interrupted; then the
 * world starts anew.
 */
static bool run_lose(struct chance *chance)
{
	if (!chance_percent(chance, 30) || !has_a_link())
		return true;
	step_says("the store is lost, and slash64d killed");
	step_covered("store lost")->done++;
	/* entries of the configuration return with the start */
	ref_take_config(&model->next, &model->file, true, now_ms(), now_ms());
	for (unsigned int i = 0; i < all_addresses_count; i++) {
		struct in6_addr address = address_of_text(all_addresses[i]);
		struct ref_verdict verdict = ref_verdict(&model->next, &address);

		/* an open source may become blocked: an allowed prefix has no name either, and a
		 * block within it is unknown
		 */
		model->lost_fate[i] = verdict.fate;
	}
	model->loses = model->lost = true;
	world_die(FAULT_KILL, PLACE_ANSWER);
}

const struct step_kind backup_steps[] = {
	{"export", 1, run_export, false},
	{"restore", 2, run_restore, false},
	{"store lost", 1, run_lose, false},
	{},
};
