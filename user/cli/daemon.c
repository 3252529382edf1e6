// SPDX-License-Identifier: GPL-2.0-only
/* status, attach, detach, reload, metrics. */
#include <errno.h>
#include <stdio.h>

#include "answer.h"
#include "client.h"
#include "duration.h"
#include "exposition.h"
#include "print.h"
#include "words.h"

static void print_ifaces(const json_t *ifaces)
{
	size_t i;
	json_t *iface;

	if (!json_array_size(ifaces)) {
		printf("attached to no interface: see slash64 attach --help\n");
		return;
	}
	print_header("%-16s %-9s %-8s %-11s %-8s %12s %12s %12s", "INTERFACE", "STATE", "MODE",
		     "METHOD", "FILTER", "PASSED/S", "DROPPED/S", "WOULD DROP/S");
	json_array_foreach (ifaces, i, iface) {
		char passed[PRINT_MAX], dropped[PRINT_MAX], would[PRINT_MAX];

		printf("%-16s %-9s %-8s %-11s %-8s %12s %12s %12s\n", member_text(iface, "name"),
		       member_text(iface, "state"), member_text(iface, "mode"),
		       member_text(iface, "method"), member_text(iface, "filter"),
		       print_rate(member_number(iface, "passed_per_second"), passed),
		       print_rate(member_number(iface, "dropped_per_second"), dropped),
		       print_rate(member_number(iface, "would_drop_per_second"), would));
	}
}

static void print_tables(const json_t *tables)
{
	char a[PRINT_MAX], b[PRINT_MAX], c[PRINT_MAX];

	print_header("%-24s %14s %14s", "TABLE", "USED", "CAPACITY");
	printf("%-24s %14s %14s\n", "blocks", print_count(member_integer(tables, "blocks"), a),
	       print_count(member_integer(tables, "blocks_capacity"), b));
	if (!member_is_null(tables, "prefixes_capacity"))
		printf("%-24s %14s %14s\n", "prefixes and allowed",
		       print_count(member_integer(tables, "prefixes"), a),
		       print_count(member_integer(tables, "prefixes_capacity"), b));
	printf("%-24s %14s %14s\n", "limiter slots",
	       print_count(member_integer(tables, "limiter_live"), a),
	       print_count(member_integer(tables, "limiter_capacity"), b));
	if (!member_is_null(tables, "own_addresses_capacity"))
		printf("%-24s %14s %14s\n", "own addresses",
		       print_count(member_integer(tables, "own_addresses"), a),
		       print_count(member_integer(tables, "own_addresses_capacity"), b));
	if (member_integer(tables, "own_addresses_left_out"))
		printf("%-24s %14s have no room, and count as transit\n", "",
		       print_count(member_integer(tables, "own_addresses_left_out"), a));
	printf("%-24s %14s\n", "allowed prefixes",
	       print_count(member_integer(tables, "allows"), a));
	printf("%-24s %14s\n", "memory of the maps",
	       print_bytes(member_number(tables, "bytes"), c));
}

static void print_rates(const json_t *rates)
{
	size_t i;
	json_t *row;

	print_header("%-16s %-26s %-10s %-24s %12s %16s", "INTERFACE", "CLASS", "VERDICT", "REASON",
		     "PACKETS/S", "PACKETS");
	json_array_foreach (rates, i, row) {
		char rate[PRINT_MAX], count[PRINT_MAX];

		printf("%-16s %-26s %-10s %-24s %12s %16s\n", member_text(row, "interface"),
		       member_text(row, "class"), member_text(row, "verdict"),
		       member_text(row, "reason"),
		       print_rate(member_number(row, "packets_per_second"), rate),
		       print_count(member_integer(row, "packets"), count));
	}
}

static void print_status(const json_t *status, void *data)
{
	char uptime[DURATION_TEXT_MAX];

	printf("slash64d %s, process %.0f, up %s, configured by %s\n\n",
	       member_text(status, "version"), member_number(status, "pid"),
	       duration_format(member_number(status, "uptime_seconds") * 1000, uptime),
	       member_text(status, "config"));
	print_ifaces(json_object_get(status, "interfaces"));
	printf("\n");
	print_tables(json_object_get(status, "tables"));
	printf("\n");
	if (json_is_true(json_object_get(json_object_get(status, "store"), "held")))
		printf("another process holds the store: nothing can be changed until it lets go; 'fuser' finds it\n\n");
	if (json_array_size(json_object_get(status, "rates")))
		print_rates(json_object_get(status, "rates"));
	else
		printf("no packet has been seen\n");
}

int command_status(struct context *context)
{
	int code = take_options(context, NULL, 0, 0);

	if (code >= 0)
		return code;
	return answer_of(context, "GET", client_path("/v1/status"), NULL, "version", print_status,
			 NULL);
}

static void print_attached(const json_t *answer, void *data)
{
	printf("attached to %s: %s mode, %s, filter %s\n", member_text(answer, "name"),
	       member_text(answer, "mode"), member_text(answer, "method"),
	       member_text(answer, "filter"));
}

int command_attach(struct context *context)
{
	static const char *const modes[] = {"auto", "native", "generic", NULL};
	static const char *const filters[] = {"enforce", "monitor", NULL};
	const char *mode = NULL, *filter = NULL;
	const struct option_spec specs[] = {{"mode", &mode, NULL},
					    {"filter", &filter, NULL},
					    {NULL, NULL, NULL}};
	json_t *body;
	int code = take_options(context, specs, 1, 1);

	if (code < 0)
		code = words_choice(context, "mode", mode, modes);
	if (code < 0)
		code = words_choice(context, "filter", filter, filters);
	if (code >= 0)
		return code;
	body = json_pack("{s:s, s:s*, s:s*}", "name", context->argv[0], "mode", mode, "filter",
			 filter);
	if (!body)
		return usage_error(context, "the name of the interface is not UTF-8");
	return answer_of(context, "POST", client_path("/v1/interfaces"), body, "name",
			 print_attached, NULL);
}

static void print_detached(const json_t *answer, void *data)
{
	printf("detached from %s\n", member_text(answer, "name"));
}

int command_detach(struct context *context)
{
	const char *reason = NULL, *ticket = NULL;
	const struct option_spec specs[] = {{"reason", &reason, NULL}, {"ticket", &ticket, NULL}, {NULL, NULL, NULL}};
	int code = take_options(context, specs, 1, 1);
	char *path;

	if (code < 0)
		code = words_text(context, "reason", reason);
	if (code < 0)
		code = words_text(context, "ticket", ticket);
	if (code >= 0)
		return code;
	path = client_path_add(client_path("/v1/interfaces"), "name", context->argv[0]);
	path = client_path_add(path, "reason", reason);
	path = client_path_add(path, "ticket", ticket);
	return answer_of(context, "DELETE", path, NULL, "name", print_detached, NULL);
}

/* The configuration is in force, and what a feed says may be not. */
static void warn_of_feeds(const json_t *feeds)
{
	json_t *feed;
	size_t i;

	json_array_foreach (feeds, i, feed)
		if (!member_is_null(feed, "error"))
			fprintf(stderr, "slash64: the feed %s (%s) is not taken: %s\n", member_text(feed, "origin"),
				member_text(feed, "file"), member_text(feed, "error"));
}

static void print_reloaded(const json_t *answer, void *data)
{
	printf("reloaded %s: %s; interfaces attached or detached: %.0f\n",
	       member_text(answer, "config"), member_text(answer, "message"),
	       member_number(answer, "changes"));
	warn_of_feeds(json_object_get(answer, "feeds"));
}

int command_reload(struct context *context)
{
	int code = take_options(context, NULL, 0, 0);

	if (code >= 0)
		return code;
	return answer_of(context, "POST", client_path("/v1/reload"), NULL, "config", print_reloaded,
			 NULL);
}

static int metrics_line(const char *line, void *data)
{
	const struct context *context = data;
	json_t *sample;

	if (!context->json) {
		puts(line);
		return 0;
	}
	if (exposition_parse(line, &sample))
		return -EPROTO;
	if (sample)
		print_json(sample);
	json_decref(sample);
	return 0;
}

int command_metrics(struct context *context)
{
	struct error error;
	int code = take_options(context, NULL, 0, 0);

	if (code >= 0)
		return code;
	if (client_request(context->socket, "/metrics", metrics_line, context, &error))
		return refused(&error);
	return EXIT_DONE;
}
