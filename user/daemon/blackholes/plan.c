// SPDX-License-Identifier: GPL-2.0-only
#include "plan.h"

#include <errno.h>
#include <stdlib.h>

#include "slash64/types.h"

void plan_free(struct plan *plan)
{
	free(plan->route);
	*plan = (struct plan){};
}

void plan_note_kernel(struct plan *plan, const struct prefix_set *there, const struct pace *pace)
{
	for (size_t i = 0; i < plan->count; i++) {
		plan->route[i].is_there = there && prefix_set_has(there, &plan->route[i].prefix);
		pace_breathe(pace);
	}
}

/* It is not blocked. True: it still has to be known. */
static bool go(struct plan_route *route, const struct plan_limits *limits, int64_t now_ms)
{
	if (route->state == PLAN_ANNOUNCED) {
		if (now_ms - route->gone_ms > limits->dampen_ms)
			route->flaps = 0;
		route->flaps += route->flaps < PLAN_FLAPS_MAX;
		route->gone_ms = now_ms;
	}
	if (route->state != PLAN_GONE)
		route->since_ms = now_ms;
	route->state = PLAN_GONE;
	return route->is_there || (route->flaps && now_ms - route->gone_ms <= limits->dampen_ms);
}

/* It is blocked. */
static void stay(struct plan_route *route, const struct plan_limits *limits, int64_t now_ms)
{
	bool flaps = route->flaps == PLAN_FLAPS_MAX;
	int64_t quiet_ms = now_ms - (route->state == PLAN_DAMPENED ? route->since_ms : now_ms);

	if (route->state == PLAN_ANNOUNCED && !S64_MISTAKE(ROUTE_PLACE_LOST))
		return;
	if (flaps && now_ms - route->gone_ms > limits->dampen_ms && route->state != PLAN_DAMPENED)
		flaps = false;
	if (flaps && quiet_ms < limits->dampen_ms) {
		if (route->state != PLAN_DAMPENED)
			route->since_ms = now_ms;
		route->state = PLAN_DAMPENED;
		return;
	}
	route->flaps = flaps ? 0 : route->flaps;
	route->state = PLAN_NO_ROOM; /* until room is given out */
	route->since_ms = now_ms;
}

static void give_room(struct plan *plan, size_t max, const struct pace *pace)
{
	for (size_t i = 0; i < plan->count; i++) {
		plan->announced += plan->route[i].state == PLAN_ANNOUNCED;
		pace_breathe(pace);
	}
	for (size_t i = 0; i < plan->count; i++) {
		struct plan_route *route = &plan->route[i];

		if (route->state == PLAN_ANNOUNCED && plan->announced > max) {
			/* there is less room than there was */
			route->state = PLAN_NO_ROOM;
			plan->announced--;
		} else if (route->state == PLAN_NO_ROOM && plan->announced < max) {
			route->state = PLAN_ANNOUNCED;
			plan->announced++;
		}
		plan->no_room += route->state == PLAN_NO_ROOM;
		plan->dampened += route->state == PLAN_DAMPENED;
		pace_breathe(pace);
	}
}

int plan_next(const struct plan *before, const struct prefix_set *wanted,
	      const struct plan_limits *limits, int64_t now_ms, const struct pace *pace,
	      struct plan *after)
{
	const struct prefix *next = prefix_set_next(wanted, NULL);
	size_t room = before->count + wanted->count, i = 0;
	struct plan plan = {.route = malloc((room ? room : 1) * sizeof(*plan.route))};

	if (!plan.route)
		return -ENOMEM;
	while (next || i < before->count) {
		int order = !next	       ? 1 :
			    i == before->count ? -1 :
						 prefix_compare(next, &before->route[i].prefix);
		struct plan_route route = {.state = PLAN_GONE, .gone_ms = INT64_MIN / 2};

		if (order >= 0)
			route = before->route[i++];
		else
			route.prefix = *next;
		if (order <= 0)
			stay(&route, limits, now_ms);
		if (order <= 0 || go(&route, limits, now_ms))
			plan.route[plan.count++] = route;
		if (order <= 0)
			next = prefix_set_next(wanted, next);
		pace_breathe(pace);
	}
	give_room(&plan, limits->max, pace);
	*after = plan;
	return 0;
}

static int compare_key(const void *prefix, const void *route)
{
	return prefix_compare(prefix, &((const struct plan_route *)route)->prefix);
}

bool plan_is_announced(const struct plan *plan, const struct prefix *prefix)
{
	const struct plan_route *route = plan->count ? bsearch(prefix, plan->route, plan->count,
							       sizeof(*route), compare_key) :
						       NULL;

	return route && route->state == PLAN_ANNOUNCED;
}
