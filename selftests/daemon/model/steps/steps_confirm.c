// SPDX-License-Identifier: GPL-2.0-only
/* A configuration that is in force for a while, unless it is confirmed: then the previous one
 * returns, whatever happens in between.
 */
#include <stdio.h>
#include <string.h>

#include "../model.h"

#define HOLDS_S	   300
#define NOTHING_MS (HOLDS_S * 1000 + 200000) /* expires meanwhile */
#define PIECE_MS   5000
#define TAKES_MS   60000

/* The requested one must be accepted; the previous one returns without entries that are refused by
 * then.
 */
static bool is_taken(const struct ref_config *config)
{
	static struct ref_state scratch;

	ref_copy(&scratch, &model->now);
	ref_begin(&scratch);
	return ref_take_config(&scratch, config, false, now_ms(), now_ms()) == REF_TAKEN;
}

static int confirm(void)
{
	struct answer answer;
	int code;

	client_ask("POST", "/v1/confirm", NULL, &answer);
	code = answer.code;
	client_forget(&answer);
	return code;
}

/* Nobody confirms. */
static void let_it_pass(void)
{
	int64_t from_ms = now_ms(), until_ms = model->waits_until_ms + 1000;

	while (now_ms() < until_ms)
		pass(PIECE_MS);
	ref_copy(&model->next, &model->now);
	ref_begin(&model->next);
	ref_take_config(&model->next, &model->before_it, true, from_ms, now_ms());
	model->flight = ASKED;
	model->waits = WAITS_NOT;
	step_commit();
	step_note_taken(&model->now.config);
	/* the file still has it, and is corrected */
	config_write(&model->now.config);
	step_covered("configuration returns")->done++;
}

/* The confirmed or returned configuration is in the file, and is loaded like any other: without the
 * entries that were left out, it is not.
 */
static void end_it(void)
{
	bool taken = is_taken(&model->now.config);
	struct answer answer;

	client_ask("POST", "/v1/reload", NULL, &answer);
	if ((answer.code == 200) != taken)
		world_fail("taken", "the configuration in force is %s once more: %s",
			   taken ? "not taken up" : "taken up", answer.error);
	client_forget(&answer);
	quiet_links();
}

static void say_yes(void)
{
	int code = confirm();

	if (code != 200 && model->waits == WAITS)
		world_fail("taken", "what waits to be confirmed is not: %d", code);
	model->waits = WAITS_NOT;
	step_covered("configuration confirmed")->done += code == 200;
}

void confirm_resume(struct chance *chance)
{
	if (model->waits == WAITS_NOT)
		return;
	model->has_undo = false;
	if (model->waits == WAITS && model->flight == GROUND &&
	    now_ms() < model->waits_until_ms - TAKES_MS && chance_percent(chance, 50))
		let_it_pass();
	else
		say_yes();
	end_it();
}

static bool run_reload_for(struct chance *chance)
{
	static struct ref_config config;

	config_draw(chance, &config);
	if (model_has_unknown_iface(&config) || filler_is_any(&model->now))
		return true;
	quiet_within(NOTHING_MS);
	if (!is_taken(&config))
		return true;
	ref_copy(&model->next, &model->now);
	ref_begin(&model->next);
	model->step_ms = now_ms();
	model->before_it = model->now.config;
	config_write(&config);
	ref_take_config(&model->next, &config, false, now_ms(), now_ms() + TAKES_MS);
	step_says("reload for %d s", HOLDS_S);
	/* others may have the places meanwhile */
	routes_forget();
	model->waits = WAITS_MAYBE;
	model->waits_until_ms = now_ms() + HOLDS_S * 1000;
	if (step_ask(chance, "POST", "/v1/reload?for_seconds=300", NULL)->code != 200) {
		model->waits = WAITS_NOT;
		config_write(&model->now.config);
		quiet_links();
		return true;
	}
	model->waits = WAITS;
	step_note_taken(&model->now.config);
	quiet_links();
	must_be("store", check_store(&model->now, true));
	if (chance_percent(chance, 30)) {
		step_says(", and a kill");
		world_die(chance_percent(chance, 30) ? FAULT_POWER : FAULT_KILL, PLACE_ANSWER);
	}
	if (chance_percent(chance, 50))
		let_it_pass();
	else
		say_yes();
	end_it();
	return true;
}

const struct step_kind confirm_steps[] = {
	{"reload for a while", 2, run_reload_for, false},
	{},
};
