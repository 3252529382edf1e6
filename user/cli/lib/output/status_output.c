// SPDX-License-Identifier: GPL-2.0-only
/* status: is all well, and the details. */
#include "status_output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client/client.h"
#include "config/config.h"
#include "base/text/duration.h"
#include "cli/lib/hints.h"
#include "base/text/language.h"
#include "cli/lib/output/said.h"
#include "feed_output.h"
#include "print.h"
#include "table.h"
#include "terminal.h"

#define MONITORS_TEXT_MAX 64
#define ANSWER_MAX_S	  10L /* somebody waits for it */

/* --- the first line --- */

static void print_problem(const json_t *problem, const char *before, enum tone tone)
{
	char since[PRINT_MAX], buf[HINT_MAX], text[PRINT_TEXT_MAX];
	const char *hint = hint_of_problem(problem, buf);

	printf("%s%s%s%s%s%s", tone_begin(tone), before, tone_end(tone),
	       said(member_text(problem, "text"), text), hint ? "; " : "", hint ? hint : "");
	if (!member_is_null(problem, "since"))
		printf(_(" (since %s)"), print_time(member_time(problem, "since"), since));
	printf("\n");
}

/* ", which only monitors": without it, "in force" would promise that something is dropped. */
static const char *monitors_text(const json_t *ifaces, char buf[MONITORS_TEXT_MAX])
{
	size_t count = json_array_size(ifaces), monitors = 0, i;
	json_t *iface;

	json_array_foreach (ifaces, i, iface)
		monitors += !strcmp(member_text(iface, "filter"), "monitor");
	buf[0] = '\0';
	if (monitors && monitors == count)
		snprintf(buf, MONITORS_TEXT_MAX, "%s",
			 P_(", which only monitors", ", which only monitor", count));
	else if (monitors)
		snprintf(buf, MONITORS_TEXT_MAX,
			 P_(", %zu of which only monitors", ", %zu of which only monitor",
			    monitors),
			 monitors);
	return buf;
}

static void print_health(const json_t *status)
{
	const json_t *health = json_object_get(status, "health");
	const json_t *problems = json_object_get(health, "problems");
	int64_t in_force = member_integer(json_object_get(status, "maps"), "blocks");
	const json_t *ifaces = json_object_get(status, "interfaces");
	char blocks[PRINT_MAX], monitors[MONITORS_TEXT_MAX];
	json_t *problem;
	size_t i;

	if (!health)
		return;
	if (json_is_true(json_object_get(health, "ok"))) {
		printf(P_("%sall is well%s: slash64 is on %zu interface%s",
			  "%sall is well%s: slash64 is on %zu interfaces%s",
			  json_array_size(ifaces)),
		       tone_begin(TONE_GOOD), tone_end(TONE_GOOD), json_array_size(ifaces),
		       monitors_text(ifaces, monitors));
		printf(P_(", and %s block or throttle is in force\n",
			  ", and %s blocks and throttles are in force\n", in_force),
		       print_count(in_force, blocks));
	}
	json_array_foreach (problems, i, problem)
		print_problem(problem, i ? _("and: ") : _("NOT WELL: "), TONE_BAD);
}

/* --- tables --- */

#define IFACE_COLUMNS                                                                    \
	{N_("INTERFACE"), false, 0, false}, {N_("STATE"), false, 0, false},              \
		{N_("FILTER"), false, 0, false}, {N_("PASSED/S"), true, 0, false},       \
		{N_("DROPPED/S"), true, 0, false}, {N_("WOULD DROP/S"), true, 0, false}, \
		{N_("MODE"), false, 1, false},                                           \
	{                                                                                \
		N_("METHOD"), false, 2, false                                            \
	}

static const struct table_column iface_columns[] = {IFACE_COLUMNS, {}};
/* If one is not attached. */
static const struct table_column iface_columns_since[] = {IFACE_COLUMNS,
							  {N_("SINCE"), false, 3, false},
							  {N_("BY"), false, 3, false},
							  {}};

static bool is_one_off(const json_t *ifaces)
{
	json_t *iface;
	size_t i;

	json_array_foreach (ifaces, i, iface)
		if (!member_is_null(iface, "since"))
			return true;
	return false;
}

static void print_iface(const json_t *iface, struct table *table)
{
	char passed[PRINT_MAX], dropped[PRINT_MAX], would[PRINT_MAX], since[PRINT_MAX];
	const char *const cells[] = {
		member_text(iface, "name"),
		member_text(iface, "state"),
		member_text(iface, "filter"),
		print_rate(member_number(iface, "passed_per_second"), passed),
		print_rate(member_number(iface, "dropped_per_second"), dropped),
		print_rate(member_number(iface, "would_drop_per_second"), would),
		member_text(iface, "mode"),
		member_text(iface, "method"),
		member_is_null(iface, "since") ? NULL :
						 print_time(member_time(iface, "since"), since),
		member_text(iface, "detached_by"),
	};

	table_row(table, cells);
}

static const struct table_column feed_columns[] = {
	{N_("FEED"), false, 0, false},
	{N_("STATE"), false, 0, false},
	{N_("ENTRIES"), true, 0, false},
	{N_("NOT IMPORTED"), true, 2, false},
	{N_("LAST SUCCESS"), false, 1, false},
	{N_("LAST ERROR"), false, 1, false},
	{N_("FILE"), false, 3, false},
	{N_("ERROR"), false, 4, true},
	{},
};

static void print_feed(const json_t *feed, struct table *table)
{
	char entries[PRINT_MAX], problems[PRINT_MAX], applied[PRINT_MAX], failed[PRINT_MAX],
		error[PRINT_TEXT_MAX];
	const char *const cells[] = {
		member_text(feed, "origin"),
		member_text(feed, "state"),
		print_count(member_integer(feed, "entries"), entries),
		print_count(member_integer(feed, "problems"), problems),
		member_is_null(feed, "applied") ? _("never") :
						  print_time(member_time(feed, "applied"), applied),
		member_is_null(feed, "failed_at") ?
			_("none") :
			print_time(member_time(feed, "failed_at"), failed),
		member_text(feed, "file"),
		said(member_text(feed, "error"), error),
	};

	table_row(table, cells);
}

static void print_feed_problems(const json_t *feeds)
{
	json_t *feed;
	size_t i;

	json_array_foreach (feeds, i, feed)
		feed_print_problems(stdout, "", feed);
}

/* A whole table; false if it has no row, and nothing was printed. */
static bool print_rows(const json_t *array, const struct table_column *columns,
		       void (*row)(const json_t *, struct table *))
{
	struct table *table = json_array_size(array) ? table_new(columns) : NULL;
	json_t *object;
	size_t i;

	if (!table)
		return false;
	json_array_foreach (array, i, object)
		row(object, table);
	table_end(table);
	return true;
}

#define STORE_INDENT 8 /* behind "store" */

static void print_store(const json_t *store)
{
	char bytes[PRINT_MAX], log[PRINT_MAX], changes[PRINT_MAX], when[PRINT_MAX],
		line[PRINT_TEXT_MAX], error[PRINT_TEXT_MAX];

	if (member_is_null(store, "path"))
		return;
	snprintf(line, sizeof(line), _("store   %s, %s, write-ahead %s, %s\n"),
		 member_text(store, "path"), print_bytes(member_number(store, "bytes"), bytes),
		 print_bytes(member_number(store, "log_bytes"), log),
		 json_is_true(json_object_get(store, "read_only")) ? _("on a read-only disk") :
		 member_is_null(store, "error")			   ? _("no errors") :
						  said(member_text(store, "error"), error));
	print_broken(line, STORE_INDENT);
	printf(P_("log     %s change, the last %s\n\n", "log     %s changes, the last %s\n\n",
		  member_integer(store, "changes")),
	       print_count(member_integer(store, "changes"), changes),
	       member_is_null(store, "last_change") ?
		       _("never") :
		       print_when(member_time(store, "last_change"), when));
}

static const struct table_column use_columns[] = {
	{N_("TABLE"), false, 0, false},
	{N_("USED"), true, 0, false},
	{N_("CAPACITY"), true, 0, false},
	{N_("FULL"), true, 0, false},
	{},
};

static void print_use(struct table *table, const json_t *maps, const char *name, const char *used,
		      const char *capacity)
{
	double all = member_number(maps, capacity);
	char a[PRINT_MAX], b[PRINT_MAX], c[PRINT_MAX];
	const char *const cells[] = {
		name,
		print_count(member_integer(maps, used), a),
		all > 0 ? print_count(all, b) : NULL,
		all > 0 ? print_percent(member_number(maps, used) * 100 / all, c) : NULL,
	};

	table_row(table, cells);
}

static void print_maps(const json_t *maps)
{
	struct table *table = table_new(use_columns);
	char text[PRINT_MAX];

	if (!table)
		return;
	print_use(table, maps, _("blocks"), "blocks", "blocks_capacity");
	if (!member_is_null(maps, "prefixes_capacity"))
		print_use(table, maps, _("prefixes and allowed"), "prefixes", "prefixes_capacity");
	print_use(table, maps, _("limiter slots"), "limiter_live", "limiter_capacity");
	if (!member_is_null(maps, "own_addresses_capacity"))
		print_use(table, maps, _("own addresses"), "own_addresses",
			  "own_addresses_capacity");
	print_use(table, maps, _("allowed prefixes"), "allowlist", "");
	table_end(table);
	if (member_integer(maps, "own_addresses_left_out"))
		printf(_("%s own addresses have no room, and count as transit\n"),
		       print_count(member_integer(maps, "own_addresses_left_out"), text));
	printf(_("memory of the maps: %s\n\n"), print_bytes(member_number(maps, "bytes"), text));
}

static const struct table_column rate_columns[] = {
	{N_("INTERFACE"), false, 0, false},
	{N_("CLASS"), false, 0, false},
	{N_("VERDICT"), false, 0, false},
	{N_("REASON"), false, 1, false},
	{N_("PACKETS/S"), true, 0, false},
	{N_("PACKETS"), true, 2, false},
	{},
};

static void print_rate_row(const json_t *row, struct table *table)
{
	char rate[PRINT_MAX], count[PRINT_MAX];
	const char *const cells[] = {
		member_text(row, "interface"),
		member_text(row, "class"),
		member_text(row, "verdict"),
		member_text(row, "reason"),
		print_rate(member_number(row, "packets_per_second"), rate),
		print_count(member_integer(row, "packets"), count),
	};

	table_row(table, cells);
}

/* A configuration that must be confirmed, or was not. */
static void print_confirmation(const json_t *confirmation)
{
	char until[PRINT_MAX];

	if (!json_is_object(confirmation))
		return;
	if (strcmp(member_text(confirmation, "state"), "waiting"))
		printf(_("%snot confirmed%s: the reload of %s; the previous "
			 "configuration is in force, the file still has the new "
			 "one\n\n"),
		       tone_begin(TONE_BAD), tone_end(TONE_BAD), member_text(confirmation, "who"));
	else
		printf(_("%swaiting%s until %s for 'slash64 confirm' of the reload of "
			 "%s; otherwise the previous configuration returns\n\n"),
		       tone_begin(TONE_WARN), tone_end(TONE_WARN),
		       print_time(member_time(confirmation, "until"), until),
		       member_text(confirmation, "who"));
}

static void print_status(const json_t *status)
{
	const json_t *ifaces = json_object_get(status, "interfaces");
	char uptime[DURATION_TEXT_MAX];

	print_health(status);
	printf(_("slash64d %s, process %.0f, up %s, configured by %s\n\n"),
	       member_text(status, "version"), member_number(status, "pid"),
	       duration_format(member_number(status, "uptime_seconds") * 1000, uptime),
	       member_text(status, "config"));
	print_confirmation(json_object_get(status, "confirmation"));
	if (!json_array_size(ifaces))
		printf(_("attached to no interface: see slash64 attach --help\n\n"));
	if (print_rows(ifaces, is_one_off(ifaces) ? iface_columns_since : iface_columns,
		       print_iface))
		printf("\n");
	if (print_rows(json_object_get(status, "feeds"), feed_columns, print_feed)) {
		print_feed_problems(json_object_get(status, "feeds"));
		printf("\n");
	}
	print_store(json_object_get(status, "store"));
	print_maps(json_object_get(status, "maps"));
	if (!print_rows(json_object_get(status, "rates"), rate_columns, print_rate_row))
		printf(_("no packets seen\n"));
}

/* --- the command --- */

static json_t *ask(const struct context *context, long seconds_max, int *err, struct error *error)
{
	struct client_call call = {.method = "GET",
				   .path = "/v1/status",
				   .seconds_max = seconds_max,
				   .err = err};
	struct client *client;
	json_t *status;

	*err = client_open(&client, context->socket, error);
	if (*err)
		return NULL;
	client_tell_waiting(client);
	status = client_ask(client, &call, "version", error);
	client_close(client);
	return status;
}

/* Nobody listens there: it is not running. */
static bool is_down(int err)
{
	return err == -ENOTCONN;
}

int command_status(struct context *context)
{
	const char *pins = NULL;
	bool quiet = false, well;
	const struct option_spec specs[] = {{"quiet", NULL, &quiet},
					    {"pins", &pins, NULL},
					    {NULL, NULL, NULL}};
	int code = take_options(context, specs, 0, 0), err = 0;
	struct error error;
	json_t *status;

	if (code >= 0)
		return code;
	status = ask(context, ANSWER_MAX_S, &err, &error);
	if (!status && quiet)
		return STATUS_EXIT_UNKNOWN;
	if (!status)
		return is_down(err) ? status_of_kernel(context, pins, &error) : refused(&error);
	well = !json_is_false(json_object_get(json_object_get(status, "health"), "ok"));
	if (context->json && !quiet)
		print_json(status);
	else if (!quiet)
		print_status(status);
	json_decref(status);
	return well ? EXIT_DONE : EXIT_REFUSED;
}
