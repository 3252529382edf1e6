// SPDX-License-Identifier: GPL-2.0-only
#include "health.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/attach/egress/proof.h"
#include "daemon/confirm.h"
#include "daemon/detect/proposals.h"
#include "daemon/import/feed_watcher.h"
#include "daemon/attach/interfaces_detached.h"
#include "http/failures.h"
#include "http/reply.h"
#include "daemon/upkeep.h"
#include "base/text/quantity.h"

#define NEARLY_FULL_PERCENT 95
#define MINUTE_MS	    60000

static void __attribute__((format(printf, 4, 5)))
add(json_t *problems, const char *code, int64_t since_ms, const char *format, ...)
{
	char text[ERROR_TEXT_MAX * 2];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	json_array_append_new(problems,
			      json_pack("{s:s, s:o, s:o}", "code", code, "text", text_to_json(text),
					"since", time_to_json(since_ms)));
}

/* What the last of them is about, for a program. */
static void about(json_t *problems, const char *key, const char *value)
{
	json_t *last = json_array_get(problems, json_array_size(problems) - 1);

	json_object_set_new(last, key, text_to_json(value));
}

/* --- interfaces --- */

static void add_detached(const struct daemon *daemon, json_t *problems)
{
	for (size_t i = 0; i < daemon->config.iface_count; i++) {
		const char *name = daemon->config.iface[i].name;
		const struct iface_detached *detached = iface_detached_find(&daemon->ifaces, name);

		if (ifaces_find(&daemon->ifaces, name))
			continue;
		if (detached)
			add(problems, "interface-detached", detached->at_ms,
			    "nothing is filtered on %s: %s detached it", name, detached->by);
		else
			add(problems, "interface-missing", 0,
			    "nothing is filtered on %s: slash64 is not on it", name);
		about(problems, "interface", name);
	}
}

static void add_missing(const struct daemon *daemon, json_t *problems)
{
	for (uint32_t i = 0; i < daemon->maps.meta->iface_slots; i++) {
		const struct iface *iface = daemon->ifaces.entry[i];

		if (!iface || iface->attached)
			continue;
		if (iface->target && iface->failure[0])
			add(problems, "interface-missing", iface->lost_ms,
			    "nothing is filtered on %s: %s", iface->name, iface->failure);
		else
			add(problems, "interface-missing", iface->lost_ms,
			    "nothing is filtered on %s: no such interface; "
			    "attached to when it appears ('ip link' lists "
			    "interfaces)",
			    iface->name);
		about(problems, "interface", iface->name);
	}
}

/* By hand, against the configuration. */
static void add_monitoring(const struct daemon *daemon, json_t *problems)
{
	for (size_t i = 0; i < daemon->config.iface_count; i++) {
		const struct config_iface *configured = &daemon->config.iface[i];
		const struct iface *iface = ifaces_find(&daemon->ifaces, configured->name);
		struct policy policy;

		if (!iface || !iface->attached || iface->policy.filter != FILTER_MONITOR)
			continue;
		config_iface_policy(&daemon->config, configured, &policy);
		if (policy.filter != FILTER_ENFORCE)
			continue;
		add(problems, "interface-monitors", 0,
		    "nothing is dropped on %s: it only monitors, and the configuration says enforce",
		    iface->name);
		about(problems, "interface", iface->name);
	}
}

/* A reload left it out, and its program is still there. */
static void add_leaving(const struct daemon *daemon, json_t *problems)
{
	for (uint32_t i = 0; i < daemon->maps.meta->iface_slots; i++) {
		const struct iface *iface = daemon->ifaces.entry[i];

		if (!iface || !iface->leaving)
			continue;
		add(problems, "interface-not-detached", 0,
		    "%s is filtered as before, although it is not configured any more: %s; retrying",
		    iface->name, iface->failure);
		about(problems, "interface", iface->name);
	}
}

static bool is_on_any(const struct daemon *daemon)
{
	for (uint32_t i = 0; i < daemon->maps.meta->iface_slots; i++)
		if (daemon->ifaces.entry[i] && daemon->ifaces.entry[i]->attached)
			return true;
	return false;
}

static void add_interfaces(const struct daemon *daemon, json_t *problems)
{
	if (!is_on_any(daemon) && !daemon->config.iface_count)
		add(problems, "no-interface", 0,
		    "nothing is filtered: slash64 is on no interface; name one under interfaces in %s",
		    daemon->config.file);
	add_detached(daemon, problems);
	add_missing(daemon, problems);
	add_monitoring(daemon, problems);
	add_leaving(daemon, problems);
}

/* --- store, feeds, maps --- */

static void add_store(const struct daemon *daemon, json_t *problems)
{
	uint32_t unnamed = unnamed_count(&daemon->blocks);
	struct store_condition store;

	store_condition(daemon->store, &store);
	if (store.is_lost)
		add(problems, "store-lost", 0,
		    "the store %s is gone: changes are lost at the next start", store.path);
	else if (store.log_is_lost)
		add(problems, "store-log-lost", 0,
		    "the write-ahead log %s-wal is gone: until a restart, each change is copied into the store at once",
		    store.path);
	else if (store.is_read_only)
		add(problems, "store-read-only", 0,
		    "the disk of the store %s is read-only, and nothing can be changed",
		    store.path);
	if (upkeep_store_is_held(daemon->upkeep))
		add(problems, "store-held", 0,
		    "another process holds the store, changes are refused until "
		    "it releases it; 'fuser %s' finds it",
		    store.path);
	else if (store.failure)
		add(problems, "store-failed", store.failed_ms, "%s", store.failure);
	if (unnamed)
		add(problems, "unnamed", 0,
		    "%u %s in force whose prefix is unknown, as the store was lost; restore a backup, or block and allow them again",
		    unnamed,
		    unnamed == 1 ? "block or allowed prefix is" :
				   "blocks and allowed prefixes are");
}

static void add_confirmation(const struct daemon *daemon, json_t *problems)
{
	struct confirm_state state;

	if (confirm_state(daemon, &state) && state.failure)
		add(problems, "not-returned", state.failed_ms,
		    "the configuration was not confirmed, and the previous one failed: %s",
		    state.failure);
}

static void add_feeds(const struct daemon *daemon, json_t *problems)
{
	for (size_t i = 0; i < feeds_count(daemon->feeds); i++) {
		const struct feed_state *state = feeds_state(daemon->feeds, i);

		if (!state->failed)
			continue;
		add(problems, "feed-failed", state->failed_ms,
		    "feed %s (%s) failed: %s; its entries stay in force", state->config->origin,
		    state->config->file, state->failure);
		about(problems, "feed", state->config->origin);
		if (state->code)
			about(problems, "failure", failure_of_code(state->code)->code);
	}
}

static void add_table(json_t *problems, const char *what, const char *key, uint64_t used,
		      uint64_t capacity)
{
	char taken[QUANTITY_TEXT_MAX], room[QUANTITY_TEXT_MAX];

	if (capacity && used * 100 >= capacity * NEARLY_FULL_PERCENT)
		add(problems, "table-full", 0,
		    "the table of %s is nearly full: %s of %s; raise maps.%s, and restart slash64d",
		    what, count_format(used, taken), count_format(capacity, room), key);
}

static void add_maps(const struct daemon *daemon, json_t *problems)
{
	const struct s64_meta *meta = daemon->maps.meta;
	unsigned int left_out = addresses_count(daemon->addresses).left_out;

	add_table(problems, "blocks", "blocks", sources_count(&daemon->blocklist), meta->blocks);
	add_table(problems, "prefixes", "prefixes", daemon->prefixes.buckets.keys, meta->prefixes);
	if (left_out)
		add(problems, "own-addresses-left-out", 0,
		    "%u of the router's own addresses have no room, and count as transit",
		    left_out);
}

static void add_metrics(const struct daemon *daemon, json_t *problems)
{
	if (!daemon->metrics && strcmp(daemon->config.metrics, "off"))
		add(problems, "metrics-down", 0,
		    "metrics are not served: cannot listen on %s; retrying",
		    daemon->config.metrics);
}

static void add_page(const struct daemon *daemon, json_t *problems)
{
	if (!daemon->page && strcmp(daemon->config.page, "off"))
		add(problems, "page-down", 0,
		    "the page is not served: cannot listen on %s; retrying", daemon->config.page);
}

static void add_fuse(const struct daemon *daemon, json_t *problems)
{
	uint64_t now_ms = clock_monotonic_ms();
	const struct fuse *fuse = daemon->proposals ? &daemon->proposals->fuse : NULL;

	if (fuse && fuse_has_blown(fuse, now_ms))
		add(problems, "fuse-blown", clock_wall_ms() - (int64_t)(now_ms - fuse->blown_ms),
		    "the fuse of detection has blown: rules only propose for %" PRIu64
		    " more minutes",
		    (FUSE_SPAN_MS - (now_ms - fuse->blown_ms)) / MINUTE_MS + 1);
}

/* A rule that waits for proof where there is none would be silent for ever. */
static void add_proof(const struct daemon *daemon, json_t *problems)
{
	const struct detect_rules *rules =
		daemon->proposals ? &daemon->proposals->detect.rules : NULL;
	uint64_t syns = proof_one_way_syns(daemon->proof);
	char number[QUANTITY_TEXT_MAX];
	const char *name = NULL;

	for (size_t i = 0; rules && i < rules->count && !name; i++)
		name = rules->rule[i].needs_proof ? rules->rule[i].name : NULL;
	if (!name || !syns)
		return;
	add(problems, "proof-one-way", 0,
	    "rule %s asks for proof, and there was none to see: %s SYNs came in, and no SYN-ACK "
	    "went out; it needs both directions of the traffic, or 'evidence: any'",
	    name, count_format(syns, number));
	about(problems, "rule", name);
}

/* --- in one line --- */

/* As the command `status` says it. */
static json_t *well_to_json(const struct daemon *daemon)
{
	uint64_t blocks = blocks_count(&daemon->blocks);
	size_t count = 0, monitors = 0;
	char number[QUANTITY_TEXT_MAX], only[64] = "";

	for (uint32_t i = 0; i < daemon->maps.meta->iface_slots; i++) {
		const struct iface *iface = daemon->ifaces.entry[i];

		count += iface != NULL;
		monitors += iface && iface->policy.filter == FILTER_MONITOR;
	}
	if (monitors && monitors == count)
		snprintf(only, sizeof(only), ", which only monitor%s", count == 1 ? "s" : "");
	else if (monitors)
		snprintf(only, sizeof(only), ", %zu of which only monitor%s", monitors,
			 monitors == 1 ? "s" : "");
	return json_sprintf("all is well: slash64 is on %zu interface%s%s, and %s %s in force",
			    count, count == 1 ? "" : "s", only, count_format(blocks, number),
			    blocks == 1 ? "block or throttle is" : "blocks and throttles are");
}

static json_t *summary_to_json(const struct daemon *daemon, const json_t *problems)
{
	const json_t *first = json_array_get(problems, 0);

	return first ? json_sprintf("NOT WELL: %s",
				    json_string_value(json_object_get(first, "text"))) :
		       well_to_json(daemon);
}

json_t *health_to_json(const struct daemon *daemon)
{
	json_t *problems = json_array();

	add_interfaces(daemon, problems);
	add_store(daemon, problems);
	add_confirmation(daemon, problems);
	add_feeds(daemon, problems);
	add_maps(daemon, problems);
	add_metrics(daemon, problems);
	add_page(daemon, problems);
	add_fuse(daemon, problems);
	add_proof(daemon, problems);
	return json_pack("{s:b, s:o, s:o}", "ok", !json_array_size(problems), "summary",
			 summary_to_json(daemon, problems), "problems", problems);
}
