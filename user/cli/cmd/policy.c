// SPDX-License-Identifier: GPL-2.0-only
/* policy show, policy check, policy diff; diff. */
#include "policy_suggest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "cli/command.h"
#include "config/config_lint.h"
#include "config/config_diff.h"
#include "base/text/near.h"
#include "config/policy_json.h"
#include "cli/lib/output/print.h"
#include "cli/lib/output/table.h"
#include "cli/lib/output/terminal.h"
#include "base/text/language.h"
#include "cli/lib/output/said.h"

static int gather_line(const char *line, void *data)
{
	json_t *object = client_decode(line);

	return object && !json_array_append_new(data, object) ? 0 : -EPROTO;
}

static json_t *policy_of_daemon(const struct context *context, const char *path,
				struct error *error)
{
	json_t *array = json_array();

	if (client_request(context->socket, path, gather_line, array, error)) {
		json_decref(array);
		return NULL;
	}
	return array;
}

/* --- show --- */

/* "100/s burst 200", or "-". */
static const char *limit_words(const json_t *row, const char *rate, const char *burst,
			       char buf[PRINT_MAX])
{
	char a[PRINT_MAX], b[PRINT_MAX];

	if (member_is_null(row, rate))
		return "-";
	snprintf(buf, PRINT_MAX, _("%.20s/s burst %.20s"),
		 print_count(member_integer(row, rate), a),
		 print_count(member_integer(row, burst), b));
	return buf;
}

static const struct table_column columns[] = {
	{"  CLASS", false, 0, false},
	{N_("TRANSIT"), false, 0, false},
	{N_("LOCAL"), false, 0, false},
	{N_("LIMIT OF A SOURCE"), false, 1, false},
	{N_("LIMIT OF A /48"), false, 2, false},
	{N_("SOURCE"), false, 3, false},
	{},
};

static void show_row(const json_t *row, struct table *table)
{
	char source[PRINT_MAX], aggregate[PRINT_MAX], name[PRINT_MAX + 32];
	const char *const cells[] = {
		name,
		member_text(row, "transit"),
		member_text(row, "local"),
		limit_words(row, "rate", "burst", source),
		limit_words(row, "rate_48", "burst_48", aggregate),
		member_text(row, "source"),
	};

	snprintf(name, sizeof(name), "%c %s%s%s",
		 json_is_true(json_object_get(row, "changed")) ? '*' : ' ',
		 member_text(row, "class"), member_is_null(row, "interface") ? "" : _(" on "),
		 member_is_null(row, "interface") ? "" : member_text(row, "interface"));
	table_row(table, cells);
}

static void show_setting(const json_t *row)
{
	printf("%s%s%s: %s\n", member_text(row, "setting"),
	       member_is_null(row, "interface") ? "" : _(" on "),
	       member_is_null(row, "interface") ? "" : member_text(row, "interface"),
	       member_text(row, "value"));
}

/* Settings are lines, followed by a table of classes. */
static void show_table(const struct context *context, const json_t *rows)
{
	struct table *table = table_new(columns);
	json_t *row;
	size_t i;

	terminal_page(context);
	json_array_foreach (rows, i, row) {
		if (json_object_get(row, "setting"))
			show_setting(row);
		else if (table)
			show_row(row, table);
	}
	printf("\n");
	table_end(table);
	printf(_("\n* changed by the operator\n"));
}

static int show(struct context *context)
{
	struct error error;
	json_t *rows = policy_of_daemon(context, "/v1/policy", &error), *row;
	size_t i;

	if (!rows)
		return refused(&error);
	if (context->json)
		json_array_foreach (rows, i, row)
			print_json(row);
	else
		show_table(context, rows);
	json_decref(rows);
	return EXIT_DONE;
}

/* --- check --- */

struct warnings {
	const struct context *context;
	const char *file;
	const struct config *config;
	unsigned int count;
};

static void print_warning(unsigned int line, const char *text, void *data)
{
	const struct warnings *warnings = data;
	char translated[SAID_MAX];
	json_t *object;

	if (!warnings->context->json) {
		printf(_("%s:%u: warning: %s\n"), warnings->file, line, said(text, translated));
		return;
	}
	object = json_pack("{s:s, s:i, s:s}", "file", warnings->file, "line", (int)line, "warning",
			   text);
	print_json(object);
	json_decref(object);
}

/* Its text starts with file and line. */
static void print_refusal(size_t index, const struct error *why, void *data)
{
	struct warnings *warnings = data;
	const char *text = strstr(why->text, ": ");

	print_warning(warnings->config->block.entry[index].line, text ? text + 2 : why->text, data);
	warnings->count++;
}

static int check(struct context *context, const char *file)
{
	struct config config;
	struct warnings warnings = {context, file, &config, 0};
	struct error error;

	if (config_load(&config, file, &error))
		return refused(&error);
	warnings.count = config_check(&config, print_warning, &warnings);
	if (config_refusals(&config, print_refusal, &warnings)) {
		config_free(&config);
		error_set(&error, -ENOMEM, "out of memory");
		return refused(&error);
	}
	if (!context->json)
		printf(P_("%s is valid, %u warning\n", "%s is valid, %u warnings\n",
			  warnings.count),
		       file, warnings.count);
	config_free(&config);
	return EXIT_DONE;
}

/* --- diff --- */

/* Scripts distinguish a difference from a failure. */
static int diff_failed(const struct error *error)
{
	refused(error);
	return EXIT_USAGE;
}

static void print_difference(const json_t *row)
{
	bool of_all = member_is_null(row, "interface"),
	     is_value = !strcmp(member_text(row, "what"), "value");

	printf(_("%s%s%s%s%s: now %s, would be %s%s\n"), member_text(row, "name"),
	       of_all ? "" : _(" on "), of_all ? "" : member_text(row, "interface"),
	       is_value ? "" : ", ", is_value ? "" : member_text(row, "what"),
	       member_text(row, "now"), member_text(row, "would_be"),
	       json_object_get(row, "restart") ? _(" (needs a restart)") : "");
}

static int diff(struct context *context, const char *file)
{
	json_t *before, *after, *differences, *row;
	struct config config;
	struct error error;
	size_t i, count;

	if (config_load(&config, file, &error))
		return diff_failed(&error);
	after = config_to_rows(&config, NULL);
	config_free(&config);
	before = policy_of_daemon(context, "/v1/policy?configured=1", &error);
	if (!before) {
		json_decref(after);
		return diff_failed(&error);
	}
	differences = config_diff(before, after, NULL);
	json_array_foreach (differences, i, row)
		if (context->json)
			print_json(row);
		else
			print_difference(row);
	count = json_array_size(differences);
	if (!count && !context->json)
		printf(_("%s would change nothing\n"), file);
	json_decref(differences);
	json_decref(before);
	json_decref(after);
	return count ? EXIT_REFUSED : EXIT_DONE;
}

/* Of the file that a reload would read, wherever slash64d was told to look for it. */
static int diff_of_reload(struct context *context)
{
	struct error error;
	json_t *status =
		client_object(context->socket, "GET", "/v1/status", NULL, "config", &error);
	int code = status ? diff(context, member_text(status, "config")) : diff_failed(&error);

	json_decref(status);
	return code;
}

int command_diff(struct context *context)
{
	int code = take_options(context, NULL, 0, 1);

	if (code >= 0)
		return code;
	return context->argc ? diff(context, context->argv[0]) : diff_of_reload(context);
}

int command_policy(struct context *context)
{
	int code = take_options(context, NULL, 1, 2);
	char meant[NEAR_TEXT_MAX];
	struct near near = {};
	const char *verb;

	if (code >= 0)
		return code;
	verb = context->argv[0];
	if (!strcmp(verb, "show") && context->argc == 1)
		return show(context);
	if (!strcmp(verb, "check") && context->argc == 2)
		return check(context, context->argv[1]);
	if (!strcmp(verb, "suggest") && context->argc == 1)
		return policy_suggest(context);
	if (!strcmp(verb, "diff") && context->argc == 2)
		return diff(context, context->argv[1]);
	if (!strcmp(verb, "show") || !strcmp(verb, "suggest"))
		return usage_error(context, "policy %s: unexpected argument '%s'", verb,
				   context->argv[1]);
	if (context->argc == 1 && (!strcmp(verb, "check") || !strcmp(verb, "diff")))
		return usage_error(context, "missing argument: slash64 policy %s FILE", verb);
	near.typed = verb;
	for (const struct command_item *item = context->command->items; item->word; item++)
		near_try(&near, item->word);
	return usage_error(context,
			   "unknown subcommand '%s': use show, check FILE, diff FILE or suggest%s",
			   verb, near_text(&near, "", meant));
}
