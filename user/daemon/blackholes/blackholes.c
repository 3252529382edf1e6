// SPDX-License-Identifier: GPL-2.0-only
#include "blackholes.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/log.h"
#include "base/time.h"
#include "daemon/announce.h"
#include "daemon/daemon.h"
#include "daemon/loop/task.h"
#include "daemon/loop/turn.h"
#include "writer.h"

#define AGAIN_MS \
	30000 /* for what changes without a row in the log: guard rails, the kernel's table */
#define DAMPENED_MS   1000
#define SPACE_COSTS   5 /* times what a comparison takes, until the next one */
#define STOP_TRIES    2
#define WANTED_FACTOR 4	    /* blocks that are looked at, for each that may be announced */
#define TOLD_EACH     60000 /* a failure that lasts */

const char *const blackholes_left_names[BLACKHOLES_LEFT_COUNT] = {"length", "guarded", "dampened",
								  "room"};

struct blackholes {
	struct daemon *daemon;
	struct config_announce settings; /* of this run */
	struct announce_waiter waiter;
	struct event *due;
	struct task *task;
	struct plan plan;
	struct blackholes_counts counts;
	size_t left[BLACKHOLES_LEFT_COUNT]; /* while they are counted */
	int64_t ended_ms, cost_ms, told_ms;
	bool again, is_known; /* is_known: the plan knows what is in the kernel */
	uint32_t table;	      /* of the plan */
	int64_t read_ms;
};

static void run_after(struct blackholes *blackholes, int64_t ms)
{
	struct timeval span;
	int64_t space_ms =
		blackholes->ended_ms + blackholes->cost_ms * SPACE_COSTS - clock_monotonic_ms();

	if (ms < space_ms)
		ms = space_ms;
	span = (struct timeval){ms / 1000, ms % 1000 * 1000};
	event_add(blackholes->due, &span);
}

/* --- what is blocked --- */

struct gathering {
	struct blackholes *blackholes;
	struct prefix_set blocked;
	int64_t now_ms;
};

static bool is_length(const struct config_announce *settings, const struct prefix *prefix)
{
	unsigned int length = prefix->length - (prefix_is_v4(prefix) ? PREFIX_V4_LENGTH : 0);

	if (prefix_is_v4(prefix))
		return length >= settings->ipv4_min && length <= settings->ipv4_max;
	return length >= settings->ipv6_min && length <= settings->ipv6_max;
}

static int take_row(struct gathering *gathering, const struct store_block *row)
{
	struct blackholes *blackholes = gathering->blackholes;

	if (row->kind != STORE_BLOCK || (row->until_ms && row->until_ms <= gathering->now_ms))
		return 0;
	if (!is_length(&blackholes->settings, &row->prefix)) {
		blackholes->left[BLACKHOLES_LENGTH]++;
		return 0;
	}
	/* what is announced stays so, however many come before it */
	if (gathering->blocked.count >= (size_t)blackholes->settings.max * WANTED_FACTOR &&
	    !plan_is_announced(&blackholes->plan, &row->prefix)) {
		blackholes->left[BLACKHOLES_ROOM]++;
		return 0;
	}
	return prefix_set_add(&gathering->blocked, &row->prefix);
}

static int gather_origin(struct gathering *gathering, const char *origin, struct error *error)
{
	struct blackholes *blackholes = gathering->blackholes;
	const struct store_filter filter = {.kind = STORE_BLOCK, .limit = -1, .origin = origin};
	struct store_block row;
	struct store_list *list;
	int err = store_list_open(blackholes->daemon->store, &filter, &list, error);

	if (err)
		return err;
	store_list_pace(list, blackholes->task);
	while ((err = store_list_next(list, &row, error)) > 0) {
		if (take_row(gathering, &row)) {
			err = error_set(error, -ENOMEM, "out of memory");
			break;
		}
		if (task_is_due(blackholes->task))
			task_pause(blackholes->task);
	}
	store_list_close(list);
	return err;
}

/* `detect` stands for the origins of all rules. */
static int gather_rules(struct gathering *gathering, struct error *error)
{
	const struct detect_rules *rules = &gathering->blackholes->daemon->config.detect;
	char(*name)[ORIGIN_TEXT_MAX] = calloc(rules->count ? rules->count : 1, sizeof(*name));
	size_t count = rules->count;
	int err = 0;

	if (!name)
		return error_set(error, -ENOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) /* a reload may replace them during a pause */
		snprintf(name[i], sizeof(name[i]), ORIGIN_OF_RULES "%s", rules->rule[i].name);
	for (size_t i = 0; i < count && !err; i++)
		err = gather_origin(gathering, name[i], error);
	free(name);
	return err;
}

static int gather(struct gathering *gathering, struct error *error)
{
	const struct config_announce *settings = &gathering->blackholes->settings;
	int err = 0;

	for (size_t i = 0; i < settings->origin_count && !err; i++)
		err = strcmp(settings->origin[i], ANNOUNCE_ORIGIN_DETECT) ?
			      gather_origin(gathering, settings->origin[i], error) :
			      gather_rules(gathering, error);
	return err;
}

/* --- what may be announced --- */

/* What a person has forced here is not forced upon others. */
static bool is_guarded(const struct blackholes *blackholes, const struct prefix *prefix)
{
	const struct daemon *daemon = blackholes->daemon;
	struct guard_rails guard_rails = daemon_guard_rails(daemon, NULL);
	struct guard_rails_answer answer;
	struct block_target target;
	struct error unsafe, why;
	int err = block_target_of(&daemon->blocks.rules, &daemon->maps.meta->seed, prefix,
				  PREFIX_EXACT, &target, NULL, &unsafe);
	struct guard_rails_request request = {.by = GUARD_RAILS_BY_CONFIG,
					      .prefix = prefix,
					      .is_source = !err && target.is_source,
					      .unsafe = err ? &unsafe : NULL};

	return guard_rails_check(&guard_rails, &request, &answer, &why);
}

static int select_wanted(struct gathering *gathering, struct prefix_set *wanted)
{
	struct blackholes *blackholes = gathering->blackholes;
	const struct prefix *prefix = NULL;
	int err = 0;

	while (!err && (prefix = prefix_set_next(&gathering->blocked, prefix))) {
		if (is_guarded(blackholes, prefix) && !S64_MISTAKE(ROUTE_UNGUARDED))
			blackholes->left[BLACKHOLES_GUARDED]++;
		else
			err = prefix_set_add(wanted, prefix);
		if (task_is_due(blackholes->task))
			task_pause(blackholes->task);
	}
	return err;
}

/* --- the kernel --- */

static void tell_failure(struct blackholes *blackholes, const char *what, int err)
{
	int64_t now_ms = clock_monotonic_ms();

	blackholes->counts.failed++;
	if (blackholes->told_ms && now_ms - blackholes->told_ms < TOLD_EACH)
		return;
	blackholes->told_ms = now_ms;
	log_error("announce: cannot %s routes of table %u: %s; retrying", what,
		  blackholes->settings.table, strerror(-err));
}

/* Whether all of it went. */
static bool carry_out(struct blackholes *blackholes, struct writer_order *orders, size_t count)
{
	int err = count ? writer_send(orders, count) : 0;
	bool all = true;

	for (size_t i = 0; i < count; i++) {
		int failed = err ? err : orders[i].err;

		all &= !failed;
		if (failed)
			tell_failure(blackholes, orders[i].adds ? "add" : "remove", failed);
		else if (orders[i].adds)
			blackholes->counts.added++;
		else
			blackholes->counts.removed++;
	}
	return all;
}

struct reading {
	struct blackholes *blackholes;
	struct prefix_set there;
	struct writer_order *strange; /* of another table: of a configuration before this one */
	size_t strange_count;
	bool has_failed; /* some of these are still there */
};

static int take_there(const struct prefix *prefix, uint32_t table, void *data)
{
	struct reading *reading = data;
	struct writer_order *order;

	if (table == reading->blackholes->settings.table && reading->blackholes->settings.is_on)
		return prefix_set_add(&reading->there, prefix);
	order = array_add(&reading->strange, &reading->strange_count, sizeof(*order));
	if (!order)
		return -ENOMEM;
	order->prefix = *prefix;
	order->table = table;
	return 0;
}

static int read_kernel(struct blackholes *blackholes, struct reading *reading)
{
	int err = writer_read(blackholes->task, take_there, reading);

	for (size_t i = 0; !err && i < reading->strange_count; i += WRITER_BATCH) {
		size_t left = reading->strange_count - i;

		reading->has_failed |= !carry_out(blackholes, reading->strange + i,
						  left < WRITER_BATCH ? left : WRITER_BATCH);
		if (task_is_over(blackholes->task))
			task_pause(blackholes->task);
	}
	free(reading->strange);
	return err;
}

static void breathe(void *data)
{
	struct blackholes *blackholes = data;

	if (task_is_due(blackholes->task))
		task_pause(blackholes->task);
}

/* What was known of a route takes the place of what follows from its being wanted. */
static void keep_known(const struct plan *before, struct plan *all, const struct pace *pace)
{
	for (size_t i = 0, old = 0; i < all->count; i++) {
		while (old < before->count &&
		       prefix_compare(&before->route[old].prefix, &all->route[i].prefix) < 0)
			old++;
		if (old < before->count &&
		    !prefix_compare(&before->route[old].prefix, &all->route[i].prefix))
			all->route[i] = before->route[old];
		pace_breathe(pace);
	}
}

/* What is in the kernel and unknown, as after a start, is to be removed unless it is wanted. */
static int adopt(struct blackholes *blackholes)
{
	struct reading reading = {.blackholes = blackholes};
	const struct pace pace = {breathe, blackholes};
	const struct plan_limits limits = {SIZE_MAX, 0};
	struct prefix_set known = {};
	struct plan all;
	int err = read_kernel(blackholes, &reading);

	for (size_t i = 0; i < blackholes->plan.count && !err; i++) {
		err = prefix_set_add(&known, &blackholes->plan.route[i].prefix);
		pace_breathe(&pace);
	}
	for (const struct prefix *prefix = NULL;
	     !err && !S64_MISTAKE(ROUTES_LEFT) &&
	     (prefix = prefix_set_next(&reading.there, prefix));) {
		err = prefix_set_add(&known, prefix);
		pace_breathe(&pace);
	}
	/* all that is known, with what was known of it */
	if (!err)
		err = plan_next(&blackholes->plan, &known, &limits, clock_monotonic_ms(), &pace,
				&all);
	if (!err) {
		keep_known(&blackholes->plan, &all, &pace);
		plan_free(&blackholes->plan);
		blackholes->plan = all;
		plan_note_kernel(&blackholes->plan, &reading.there, &pace);
		blackholes->read_ms = clock_monotonic_ms();
		blackholes->is_known = !reading.has_failed;
	}
	prefix_set_free(&known);
	prefix_set_free(&reading.there);
	return err;
}

static bool should_be_there(const struct blackholes *blackholes, const struct plan_route *route)
{
	return route->state == PLAN_ANNOUNCED && blackholes->settings.is_on &&
	       !blackholes->settings.dry_run;
}

static void write_batch(struct blackholes *blackholes, struct writer_order *orders,
			struct plan_route **routes, size_t *count)
{
	carry_out(blackholes, orders, *count);
	for (size_t i = 0; i < *count; i++)
		if (!orders[i].err)
			routes[i]->is_there = orders[i].adds;
		else
			blackholes->is_known = false;
	*count = 0;
}

static void write_plan(struct blackholes *blackholes, bool pauses)
{
	struct writer_order orders[WRITER_BATCH];
	struct plan_route *routes[WRITER_BATCH];
	size_t count = 0;

	for (size_t i = 0; i < blackholes->plan.count; i++) {
		struct plan_route *route = &blackholes->plan.route[i];
		bool should = should_be_there(blackholes, route);

		if (route->is_there == should)
			continue;
		routes[count] = route;
		orders[count++] = (struct writer_order){.prefix = route->prefix,
							.table = blackholes->settings.table,
							.adds = should};
		if (count < WRITER_BATCH)
			continue;
		write_batch(blackholes, orders, routes, &count);
		if (pauses && task_is_over(blackholes->task))
			task_pause(blackholes->task);
	}
	write_batch(blackholes, orders, routes, &count);
}

/* --- a comparison --- */

static int compare(struct blackholes *blackholes, struct error *error)
{
	struct gathering gathering = {.blackholes = blackholes, .now_ms = clock_wall_ms()};
	const struct pace pace = {breathe, blackholes};
	struct plan_limits limits = {blackholes->settings.max, blackholes->settings.dampen_ms};
	struct prefix_set wanted = {};
	struct plan after;
	int err = 0;

	memset(blackholes->left, 0, sizeof(blackholes->left));
	if (blackholes->settings.is_on)
		err = gather(&gathering, error);
	if (!err && select_wanted(&gathering, &wanted))
		err = error_set(error, -ENOMEM, "out of memory");
	if (!err &&
	    (!blackholes->is_known || clock_monotonic_ms() - blackholes->read_ms >= AGAIN_MS)) {
		err = adopt(blackholes);
		if (err)
			error_set(error, err, "cannot read the kernel's routes: %s",
				  strerror(-err));
	}
	if (!err &&
	    plan_next(&blackholes->plan, &wanted, &limits, clock_monotonic_ms(), &pace, &after))
		err = error_set(error, -ENOMEM, "out of memory");
	if (!err) {
		plan_free(&blackholes->plan);
		blackholes->plan = after;
		write_plan(blackholes, true);
	}
	prefix_set_free(&gathering.blocked);
	prefix_set_free(&wanted);
	return err;
}

static void count(struct blackholes *blackholes)
{
	struct blackholes_counts *counts = &blackholes->counts;

	memcpy(counts->left, blackholes->left, sizeof(counts->left));
	counts->left[BLACKHOLES_DAMPENED] = blackholes->plan.dampened;
	counts->left[BLACKHOLES_ROOM] += blackholes->plan.no_room;
	counts->announced = blackholes->plan.announced;
	counts->is_on = blackholes->settings.is_on;
}

static void run(void *data)
{
	struct blackholes *blackholes = data;
	int64_t begun_ms = clock_monotonic_ms();
	struct error error;

	if (!compare(blackholes, &error)) {
		count(blackholes);
	} else if (!blackholes->told_ms || begun_ms - blackholes->told_ms >= TOLD_EACH) {
		blackholes->told_ms = begun_ms;
		log_error("announce: routes stay as they are: %s; retrying", error.text);
	}
	blackholes->ended_ms = clock_monotonic_ms();
	blackholes->cost_ms = blackholes->ended_ms - begun_ms;
}

static void on_done(void *data)
{
	struct blackholes *blackholes = data;

	run_after(blackholes, blackholes->again		? 0 :
			      !blackholes->is_known	? DAMPENED_MS :
			      blackholes->plan.dampened ? DAMPENED_MS :
							  AGAIN_MS);
}

static void on_due(evutil_socket_t fd, short what, void *data)
{
	struct blackholes *blackholes = data;

	(void)fd;
	(void)what;
	if (task_is_busy(blackholes->task)) {
		blackholes->again = true;
		return;
	}
	blackholes->again = false;
	blackholes->settings = blackholes->daemon->config.announce;
	if (blackholes->settings.table != blackholes->table) {
		blackholes->is_known = false;
		plan_free(&blackholes->plan);
		blackholes->table = blackholes->settings.table;
	}
	/* before the store is read: nothing that is committed meanwhile is missed */
	announce_forget(&blackholes->waiter);
	if (blackholes->settings.is_on)
		announce_wait(blackholes->daemon->announce, &blackholes->waiter);
	if (blackholes->settings.is_on || blackholes->plan.count || !blackholes->is_known)
		task_run(blackholes->task, run, on_done, blackholes);
}

static void on_commit(void *data)
{
	struct blackholes *blackholes = data;

	if (task_is_busy(blackholes->task))
		blackholes->again = true;
	else
		run_after(blackholes, 0);
}

void blackholes_configure(struct blackholes *blackholes)
{
	if (blackholes)
		on_commit(blackholes);
}

int blackholes_start(struct blackholes **out, struct daemon *daemon, struct error *error)
{
	struct blackholes *blackholes = calloc(1, sizeof(*blackholes));

	if (!blackholes)
		return error_set(error, -ENOMEM, "out of memory");
	blackholes->daemon = daemon;
	blackholes->waiter = (struct announce_waiter){.wake = on_commit, .data = blackholes};
	blackholes->due = evtimer_new(daemon->base, on_due, blackholes);
	blackholes->task = task_new(daemon->turns);
	if (!blackholes->due || !blackholes->task) {
		blackholes_stop(blackholes);
		return error_set(error, -ENOMEM, "out of memory");
	}
	run_after(blackholes, 0);
	*out = blackholes;
	return 0;
}

void blackholes_stop(struct blackholes *blackholes)
{
	if (!blackholes)
		return;
	announce_forget(&blackholes->waiter);
	if (blackholes->task && task_is_busy(blackholes->task))
		task_finish(blackholes->task);
	if (blackholes->daemon->config.detach_on_exit) {
		blackholes->settings.is_on = false;
		for (int i = 0; i < STOP_TRIES; i++) /* only what is still there */
			write_plan(blackholes, false);
	}
	if (blackholes->due)
		event_free(blackholes->due);
	if (blackholes->task)
		task_free(blackholes->task);
	plan_free(&blackholes->plan);
	free(blackholes);
}

void blackholes_count(const struct blackholes *blackholes, struct blackholes_counts *counts)
{
	*counts = blackholes ? blackholes->counts : (struct blackholes_counts){};
}
