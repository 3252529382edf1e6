// SPDX-License-Identifier: GPL-2.0-only
/* Blocks that are announced are routes of the kernel: as many as may be, no others, and what is announced stays so.
 * Others take routes away, and the kernel refuses some.
 */
#include <stdio.h>
#include <string.h>

#include "../model.h"

#define DAMPENED_MS 1100
#define LOOKS_MS    31000 /* for what changes without a row of the log */
#define TURNS	    3

static char said[256];

#define SAY(...) (snprintf(said, sizeof(said), __VA_ARGS__), said)

static bool is_route(const struct prefix *prefix)
{
	for (unsigned int i = 0; i < world->routes; i++)
		if (!prefix_compare(&world->route[i].prefix, prefix))
			return true;
	return false;
}

void routes_forget(void)
{
	model->announced.is_known = false;
}

void routes_note(void)
{
	memcpy(model->announced.route, world->route, world->routes * sizeof(world->route[0]));
	model->announced.routes = world->routes;
	model->announced.announce = model->now.config.announce;
	model->announced.is_known = true;
}

static const char *check_there(const struct ref_state *state)
{
	const struct ref_announce *announce = &state->config.announce;

	for (unsigned int i = 0; i < world->routes; i++) {
		const struct model_route *route = &world->route[i];

		if (!announce->is_on || announce->dry_run || route->table != announce->table ||
		    !ref_is_announced_prefix(state, &route->prefix))
			return SAY("%s is a route of table %u, and should not be",
				   text_of(&route->prefix), route->table);
	}
	return announce->is_on && world->routes > announce->max ?
		       SAY("there are %u routes, and should be at most %u", world->routes,
			   announce->max) :
		       NULL;
}

static const char *check_missing(const struct ref_state *state)
{
	const struct ref_announce *announce = &state->config.announce;

	if (!announce->is_on || announce->dry_run || world->routes >= announce->max ||
	    ref_announce_rows(state) > announce->max * ANNOUNCE_LOOKED_AT)
		return NULL;
	for (unsigned int i = 0; i < state->rows; i++)
		if (ref_is_announced(state, &state->row[i]) && !is_route(&state->row[i].prefix))
			return SAY("%s of %s is no route, and should be one of %u",
				   text_of(&state->row[i].prefix), state->row[i].origin,
				   announce->max);
	return NULL;
}

static const char *check_kept(const struct ref_state *state)
{
	const struct ref_announce *announce = &state->config.announce;

	if (!model->announced.is_known ||
	    memcmp(&model->announced.announce, announce, sizeof(*announce)))
		return NULL;
	for (unsigned int i = 0; i < model->announced.routes; i++)
		if (!is_route(&model->announced.route[i].prefix) &&
		    ref_is_announced_prefix(state, &model->announced.route[i].prefix))
			return SAY("%s was a route, and has lost its place",
				   text_of(&model->announced.route[i].prefix));
	return NULL;
}

static const char *check_routes(void)
{
	const char *why = check_there(&model->now);

	if (!why)
		why = check_missing(&model->now);
	return why ? why : check_kept(&model->now);
}

void routes_quiet(void)
{
	const char *why;

	/* what waits for a confirmation may return meanwhile */
	if (model->waits != WAITS_NOT) {
		routes_forget();
		return;
	}
	if (!(why = check_routes())) {
		routes_note();
		return;
	}
	for (int turn = 0; turn < TURNS && why; turn++) {
		quiet_within(DAMPENED_MS + 1000);
		pass(DAMPENED_MS);
		why = check_routes();
	}
	for (int turn = 0; turn < TURNS && why; turn++) {
		quiet_within(LOOKS_MS + 2000);
		pass(LOOKS_MS);
		pass(DAMPENED_MS);
		why = check_routes();
	}
	must_be("routes", why);
	routes_note();
}

/* --- steps --- */

static void take_some_away(struct chance *chance)
{
	for (unsigned int i = 0; i < world->routes;)
		if (chance_percent(chance, 60))
			world->route[i] = world->route[--world->routes];
		else
			i++;
}

/* slash64d puts them back, and is killed, or the kernel refuses it. */
static bool run_routes_go(struct chance *chance)
{
	unsigned int had = world->routes;
	enum fault fault = FAULT_NONE;

	if (model->waits != WAITS_NOT || !had)
		return true;
	quiet_within(LOOKS_MS * 2);
	take_some_away(chance);
	routes_forget();
	if (chance_percent(chance, 60)) {
		fault = chance_percent(chance, 50) ? FAULT_KILL : FAULT_ROUTE;
		world_fault(fault, chance_below(chance, 3));
		world->fault_place = PLACE_ROUTE;
	}
	step_says("somebody takes %u of %u routes away [%s]", had - world->routes, had,
		  fault_names[fault]);
	pass(LOOKS_MS);
	pass(DAMPENED_MS);
	world_fault(FAULT_NONE, 0);
	step_covered(fault == FAULT_ROUTE ? "routes that the kernel refuses" : "routes taken away")
		->done++;
	return true;
}

const struct step_kind routes_steps[] = {
	{"routes taken away", 3, run_routes_go, false},
	{},
};
