// SPDX-License-Identifier: GPL-2.0-only
#include "rtbh.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text/duration.h"
#include "base/time.h"

#define TRY_MS	      1000
#define DUMP_MS	      (5 * 60 * 1000)
#define DUMP_AGAIN_MS 60000 /* if routes were left out */
#define SYNC_MS	      1000  /* for renewals, and after a failure */
#define REMOVAL_MS    200   /* with a sentinel: how much later than a route it may go */
#define LEASE_MIN_MS  60000

const char *const route_action_names[ROUTE_ACTIONS] = {"nothing", "monitor", "throttle", "block"};

/* --- a route --- */

static void on_action(const struct prefix *prefix, enum route_action action, void *data)
{
	struct feed *feed = data;
	struct set_entry entry = {
		.key = set_key_of_prefix(prefix),
		.kind = action == ROUTE_THROTTLE ? SET_THROTTLE : SET_BLOCK,
		.rate = action == ROUTE_THROTTLE ? feed->settings->rate : 0,
		.burst = action == ROUTE_THROTTLE ? feed->settings->burst : 0,
		.reason = feed->reason,
	};

	feed->rtbh->is_changed = true;
	if (action < ROUTE_THROTTLE)
		set_remove(feed->set, &entry.key);
	else if (set_put(feed->set, &entry))
		feed->has_left_out = feed->put_failed = true;
}

static enum route_action action_of(const struct feed_settings *settings,
				   const struct kernel_route *route)
{
	if (settings->protocol != PROTOCOL_ANY && route->protocol != settings->protocol)
		return ROUTE_NOTHING;
	return settings->action[route->type];
}

static bool is_sentinel(const struct feed_settings *settings, const struct prefix *prefix)
{
	return settings->has_sentinel && settings->sentinel.length == prefix->length &&
	       !memcmp(&settings->sentinel.address, &prefix->address, sizeof(prefix->address));
}

static void take_route(struct feed *feed, const struct kernel_route *route, bool is_there)
{
	const struct feed_settings *settings = feed->settings;
	const struct route_key key = {route->metric, route->protocol, route->type};
	enum route_action action = action_of(settings, route);
	int noted;

	if (is_sentinel(settings, &route->prefix)) {
		if (settings->protocol == PROTOCOL_ANY || route->protocol == settings->protocol)
			feed->alive.sentinel_is_there = is_there;
		return;
	}
	feed->figures.changes++;
	feed->figures.ignored += is_there && action == ROUTE_NOTHING;
	alive_note_change(&feed->alive, feed->rtbh->now_ms);
	noted = routes_note(feed->routes, &route->prefix, &key, action,
			    !is_there	    ? ROUTE_IS_GONE :
			    route->replaces ? ROUTE_REPLACES :
					      ROUTE_IS_THERE,
			    feed->rtbh->now_ms);
	feed->has_left_out |= noted < 0;
	feed->wants_dump |= noted > 0;
}

static void on_change(const struct kernel_route *route, bool is_there, void *data)
{
	struct rtbh *rtbh = data;

	for (size_t i = 0; i < rtbh->feed_count; i++)
		if (rtbh->feed[i].settings->table == route->table)
			take_route(&rtbh->feed[i], route, is_there);
}

/* --- dumps --- */

static void on_dumped(const struct kernel_route *route, bool is_there, void *data)
{
	take_route(data, route, is_there);
}

static int dump(struct feed *feed, struct error *error)
{
	bool had_sentinel = feed->alive.sentinel_is_there;
	int err;

	feed->figures.dumps++;
	feed->has_left_out = feed->wants_dump = false;
	feed->dumped_ms = feed->rtbh->now_ms;
	feed->alive.sentinel_is_there = false;
	routes_dump_begin(feed->routes);
	err = kernel_routes_dump(feed->settings->table, on_dumped, feed, error);
	if (err)
		feed->alive.sentinel_is_there = had_sentinel;
	else
		routes_dump_end(feed->routes, feed->rtbh->now_ms);
	feed->dump_ms = feed->rtbh->now_ms + (err ? TRY_MS : DUMP_MS);
	return err;
}

/* Changes were lost: the tables tell what has become of them. */
static int dump_all(struct rtbh *rtbh, struct error *error)
{
	int err = 0;

	kernel_routes_forget(rtbh->kernel);
	for (size_t i = 0; i < rtbh->feed_count; i++) {
		int failed = dump(&rtbh->feed[i], error);

		err = err ? err : failed;
	}
	return err;
}

/* --- the routing daemon --- */

static void try_alive(struct feed *feed)
{
	const char *path = feed->settings->alive;
	enum alive_answer answer;
	struct error error;
	int err;

	if (!path[0]) {
		feed->alive.daemon_is_there = true;
		return;
	}
	if (feed->rtbh->now_ms < feed->try_ms)
		return;
	feed->try_ms = feed->rtbh->now_ms + TRY_MS;
	answer = alive_try(path, &err);
	/* what we may not ask counts as there: our own rights must not end blocks. Nor does what we lack:
	 * then it stays as it was.
	 */
	if (answer != ALIVE_UNKNOWN)
		feed->alive.daemon_is_there = answer != ALIVE_NO;
	if (answer == ALIVE_UNKNOWN || answer == ALIVE_FORBIDDEN) {
		error_set(&error, err,
			  "cannot tell whether the routing daemon of table %u is there: %s: %s%s",
			  feed->settings->table, path, strerror(-err),
			  answer == ALIVE_FORBIDDEN ?
				  "; put slash64-rtbh into the group of the file" :
				  "");
		told_warning(&feed->told_alive, &error);
	} else {
		told_end(&feed->told_alive);
	}
}

static size_t in_force(const struct feed *feed)
{
	struct routes_counts counts;

	routes_count(feed->routes, &counts);
	return counts.prefixes[ROUTE_BLOCK] + counts.prefixes[ROUTE_THROTTLE];
}

/* All that there is, for slash64d: it may have more, from before. */
static void list_all(struct feed *feed)
{
	set_list_begin(feed->set);
	feed->put_failed = false;
	feed->wants_list = routes_each(feed->routes) || feed->put_failed;
	/* a list that lacks something for want of memory would end it */
	if (!feed->wants_list)
		set_list_end(feed->set);
	feed->rtbh->is_changed = true;
}

static void enter_mode(struct feed *feed, enum routes_mode mode, enum routes_mode before)
{
	const struct feed_settings *settings = feed->settings;
	char hold[DURATION_TEXT_MAX];
	size_t count = in_force(feed);

	duration_format(settings->hold_ms, hold);
	if (mode == ROUTES_HELD) {
		feed->figures.holds++;
		log_warning("table %u: %s is gone; its %zu entries stay for %s", settings->table,
			    feed->alive.daemon_is_there ? "the sentinel" : "the routing daemon",
			    count, hold);
	}
	routes_set_mode(feed->routes, mode, feed->rtbh->now_ms);
	if (mode == ROUTES_ENDED) {
		feed->figures.ended += count;
		log_warning("table %u: its source was gone for %s: %zu entries end",
			    settings->table, hold, count);
	}
	if (mode == ROUTES_LIVE && before != ROUTES_LIVE)
		log_info("table %u: its source is there, with %zu entries", settings->table,
			 in_force(feed));
	/* while it is held, slash64d keeps what it has from an earlier run */
	if (mode != ROUTES_HELD)
		list_all(feed);
}

static void count_routes(struct feed *feed)
{
	struct routes_counts counts;

	routes_count(feed->routes, &counts);
	for (size_t i = 0; i < ROUTE_ACTIONS; i++)
		feed->figures.prefixes[i] = counts.prefixes[i];
	feed->figures.dampened = counts.dampened;
	feed->figures.left_out = counts.left_out;
	feed->figures.mode = feed->alive.mode;
}

/* Returns when to look again at the latest, in milliseconds. */
static int64_t look_after(struct feed *feed)
{
	enum routes_mode before = feed->alive.mode, mode;
	int64_t next;

	try_alive(feed);
	mode = alive_mode(&feed->alive, feed->rtbh->now_ms);
	if (mode != before)
		enter_mode(feed, mode, before);
	else if (feed->wants_list && mode != ROUTES_HELD)
		list_all(feed);
	if (feed->wants_dump && feed->dump_ms > feed->dumped_ms + TRY_MS)
		feed->dump_ms = feed->dumped_ms + TRY_MS;
	next = routes_tick(feed->routes, feed->rtbh->now_ms);
	if (feed->has_left_out && feed->dump_ms > feed->rtbh->now_ms + DUMP_AGAIN_MS)
		feed->dump_ms = feed->rtbh->now_ms + DUMP_AGAIN_MS;
	if (feed->alive.daemon_is_there)
		set_contact(feed->set);
	count_routes(feed);
	return next < 0 || next > TRY_MS ? TRY_MS : next;
}

/* --- its life --- */

static int open_feed(struct rtbh *rtbh, size_t i, struct error *error)
{
	const struct feed_settings *settings = &rtbh->settings.feed[i];
	struct feed *feed = &rtbh->feed[i];
	struct routes_options routes = {
		.max = settings->max,
		.removal_ms = settings->has_sentinel ? REMOVAL_MS : 0,
		.dampen_ms = settings->dampen_ms,
		.changed = on_action,
		.data = feed,
	};
	struct set_options set = {
		.socket = rtbh->settings.socket,
		.origin = settings->origin,
		.lease_ms = settings->hold_ms > LEASE_MIN_MS ? settings->hold_ms : LEASE_MIN_MS,
	};

	feed->rtbh = rtbh;
	feed->settings = settings;
	snprintf(feed->reason, sizeof(feed->reason), "route of table %u", settings->table);
	alive_init(&feed->alive, settings->hold_ms, settings->has_sentinel, rtbh->now_ms);
	feed->routes = routes_new(&routes);
	if (!feed->routes)
		return error_set(error, -ENOMEM, "out of memory");
	routes_set_mode(feed->routes, ROUTES_HELD, rtbh->now_ms);
	if (set_open(&feed->set, &set, error))
		return -EINVAL;
	rtbh->sets[i] = feed->set;
	return 0;
}

int rtbh_open(struct rtbh *rtbh, struct error *error)
{
	uint32_t tables[SETTINGS_FEEDS_MAX];
	int err;

	rtbh->now_ms = clock_monotonic_ms();
	rtbh->feed_count = rtbh->settings.feed_count;
	rtbh->feed = calloc(rtbh->feed_count, sizeof(*rtbh->feed));
	rtbh->sets = calloc(rtbh->feed_count, sizeof(*rtbh->sets));
	if (!rtbh->feed || !rtbh->sets)
		return error_set(error, -ENOMEM, "out of memory");
	for (size_t i = 0; i < rtbh->feed_count; i++)
		tables[i] = rtbh->settings.feed[i].table;
	err = kernel_routes_open(&rtbh->kernel, tables, rtbh->feed_count, error);
	for (size_t i = 0; !err && i < rtbh->feed_count; i++)
		err = open_feed(rtbh, i, error);
	return err ? err : dump_all(rtbh, error);
}

void rtbh_close(struct rtbh *rtbh)
{
	kernel_routes_close(rtbh->kernel);
	for (size_t i = 0; rtbh->feed && i < rtbh->feed_count; i++) {
		set_close(rtbh->feed[i].set);
		routes_free(rtbh->feed[i].routes);
	}
	free(rtbh->feed);
	free(rtbh->sets);
}

static void read_changes(struct rtbh *rtbh)
{
	struct error error;
	int err = kernel_routes_read(rtbh->kernel, on_change, rtbh);

	if (err >= 0)
		return;
	for (size_t i = 0; i < rtbh->feed_count; i++)
		rtbh->feed[i].figures.overruns++;
	if (dump_all(rtbh, &error))
		told_warning(&rtbh->told_dump, &error);
	else
		told_end(&rtbh->told_dump);
}

static void dump_when_due(struct rtbh *rtbh)
{
	struct error error;

	for (size_t i = 0; i < rtbh->feed_count; i++) {
		if (rtbh->now_ms < rtbh->feed[i].dump_ms)
			continue;
		if (dump(&rtbh->feed[i], &error))
			told_warning(&rtbh->told_dump, &error);
		else
			told_end(&rtbh->told_dump);
	}
}

static bool sync_all(struct rtbh *rtbh)
{
	struct error error;
	bool is_done = true;

	for (size_t i = 0; i < rtbh->feed_count; i++)
		if (set_sync(rtbh->feed[i].set, &error)) {
			told_warning(&rtbh->told_sync, &error);
			is_done = false;
		} else if (set_awaits_list(rtbh->feed[i].set)) {
			/* a short list is no mistake here: the kernel's table is the truth */
			list_all(&rtbh->feed[i]);
		}
	if (is_done)
		told_end(&rtbh->told_sync);
	return is_done;
}

int rtbh_work(struct service *service, struct error *error)
{
	struct rtbh *rtbh = service->data;
	int64_t sync_ms = 0, wait_ms = 0;
	bool failed = false;

	(void)error;
	for (size_t i = 0; i < rtbh->feed_count; i++)
		set_stop_at(rtbh->feed[i].set, service_stops, service);
	while (!service_stops(service)) {
		bool is_readable =
			service_wait_fd(service, kernel_routes_fd(rtbh->kernel), wait_ms);

		rtbh->now_ms = clock_monotonic_ms();
		if (is_readable)
			read_changes(rtbh);
		dump_when_due(rtbh);
		wait_ms = TRY_MS;
		for (size_t i = 0; i < rtbh->feed_count; i++) {
			int64_t next_ms = look_after(&rtbh->feed[i]);

			wait_ms = next_ms < wait_ms ? next_ms : wait_ms;
		}
		if ((!rtbh->is_changed || failed) && rtbh->now_ms < sync_ms)
			continue;
		rtbh->is_changed = false;
		failed = !sync_all(rtbh);
		sync_ms = rtbh->now_ms + SYNC_MS;
	}
	return 0;
}

/* --- what would be done --- */

static void print_route(const struct kernel_route *route, bool is_there, void *data)
{
	static const char *const types[] = {"unspec",	 "unicast",	"local",
					    "broadcast", "anycast",	"multicast",
					    "blackhole", "unreachable", "prohibit"};
	const struct feed_settings *settings = data;
	char text[PREFIX_TEXT_MAX];

	(void)is_there;
	printf("%s table %u %s protocol %u: %s\n", prefix_format(&route->prefix, text),
	       route->table,
	       route->type < sizeof(types) / sizeof(types[0]) ? types[route->type] : "?",
	       route->protocol,
	       is_sentinel(settings, &route->prefix) ?
		       "sentinel" :
		       route_action_names[action_of(settings, route)]);
}

int rtbh_list(const struct settings *settings, struct error *error)
{
	int err = 0;

	for (size_t i = 0; !err && i < settings->feed_count; i++)
		err = kernel_routes_dump(settings->feed[i].table, print_route, &settings->feed[i],
					 error);
	return err;
}
