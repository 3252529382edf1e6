// SPDX-License-Identifier: GPL-2.0-only
/* status, attach, detach, reload, metrics. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "command.h"
#include "duration.h"
#include "exposition.h"
#include "print.h"

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
	printf("%-24s %14s %14s\n", "limiter slots",
	       print_count(member_integer(tables, "limiter_live"), a),
	       print_count(member_integer(tables, "limiter_capacity"), b));
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

int command_status(struct context *context)
{
	char uptime[DURATION_TEXT_MAX];
	struct error error;
	json_t *status;
	int code = take_options(context, NULL, 0, 0);

	if (code >= 0)
		return code;
	status = client_object(context->socket, "GET", "/v1/status", NULL, "version", &error);
	if (!status)
		return refused(&error);
	if (context->json) {
		print_json(status);
	} else {
		printf("slash64d %s, process %.0f, up %s, configured by %s\n\n",
		       member_text(status, "version"), member_number(status, "pid"),
		       duration_format(member_number(status, "uptime_seconds") * 1000, uptime),
		       member_text(status, "config"));
		print_ifaces(json_object_get(status, "interfaces"));
		printf("\n");
		print_tables(json_object_get(status, "tables"));
		printf("\n");
		if (json_array_size(json_object_get(status, "rates")))
			print_rates(json_object_get(status, "rates"));
		else
			printf("no packet has been seen\n");
	}
	json_decref(status);
	return EXIT_DONE;
}

static int is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(word, *words))
			return 1;
	return 0;
}

int command_attach(struct context *context)
{
	static const char *const modes[] = {"auto", "native", "generic", NULL};
	static const char *const filters[] = {"enforce", "monitor", NULL};
	const char *mode = NULL, *filter = NULL;
	const struct option_spec specs[] = {{"mode", &mode, NULL},
					    {"filter", &filter, NULL},
					    {NULL, NULL, NULL}};
	struct error error;
	json_t *body, *answer;
	int code = take_options(context, specs, 1, 1);

	if (code >= 0)
		return code;
	if (mode && !is_one_of(mode, modes))
		return usage_error(context, "--mode '%s' must be auto, native or generic", mode);
	if (filter && !is_one_of(filter, filters))
		return usage_error(context, "--filter '%s' must be enforce or monitor", filter);
	body = json_pack("{s:s}", "name", context->argv[0]);
	if (!body)
		return usage_error(context, "the name of the interface is not UTF-8");
	if (mode)
		json_object_set_new(body, "mode", json_string(mode));
	if (filter)
		json_object_set_new(body, "filter", json_string(filter));
	answer = client_object(context->socket, "POST", "/v1/interfaces", body, "name", &error);
	json_decref(body);
	if (!answer)
		return refused(&error);
	if (context->json)
		print_json(answer);
	else
		printf("attached to %s: %s mode, %s, filter %s\n", member_text(answer, "name"),
		       member_text(answer, "mode"), member_text(answer, "method"),
		       member_text(answer, "filter"));
	json_decref(answer);
	return EXIT_DONE;
}

int command_detach(struct context *context)
{
	struct error error;
	json_t *answer;
	char *path;
	int code = take_options(context, NULL, 1, 1);

	if (code >= 0)
		return code;
	path = client_path("/v1/interfaces", "name", context->argv[0]);
	answer = path ? client_object(context->socket, "DELETE", path, NULL, "name", &error) : NULL;
	if (!path)
		error_set(&error, 0, "out of memory; try again");
	free(path);
	if (!answer)
		return refused(&error);
	if (context->json)
		print_json(answer);
	else
		printf("detached from %s\n", member_text(answer, "name"));
	json_decref(answer);
	return EXIT_DONE;
}

int command_reload(struct context *context)
{
	struct error error;
	json_t *answer;
	int code = take_options(context, NULL, 0, 0);

	if (code >= 0)
		return code;
	answer = client_object(context->socket, "POST", "/v1/reload", NULL, "config", &error);
	if (!answer)
		return refused(&error);
	if (context->json)
		print_json(answer);
	else
		printf("reloaded %s: %s; interfaces attached or detached: %.0f\n",
		       member_text(answer, "config"), member_text(answer, "message"),
		       member_number(answer, "changes"));
	json_decref(answer);
	return EXIT_DONE;
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
	if (client_request(context->socket, "GET", "/metrics", NULL, metrics_line, context, &error))
		return refused(&error);
	return EXIT_DONE;
}
