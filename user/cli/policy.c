// SPDX-License-Identifier: GPL-2.0-only
/* policy show, policy check, policy diff. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "command.h"
#include "config_check.h"
#include "near.h"
#include "policy_json.h"
#include "print.h"
#include "table.h"
#include "terminal.h"

static int gather_line(const char *line, void *data)
{
	json_t *object = client_decode(line);

	return object && !json_array_append_new(data, object) ? 0 : -EPROTO;
}

static json_t *policy_of_daemon(const struct context *context, const char *path, struct error *error)
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
static const char *limit_words(const json_t *row, const char *rate, const char *burst, char buf[PRINT_MAX])
{
	char a[PRINT_MAX], b[PRINT_MAX];

	if (member_is_null(row, rate))
		return "-";
	snprintf(buf, PRINT_MAX, "%.20s/s burst %.20s", print_count(member_integer(row, rate), a),
		 print_count(member_integer(row, burst), b));
	return buf;
}

static const struct table_column columns[] = {
	{"  CLASS", false, 0, false},
	{"TRANSIT", false, 0, false},
	{"LOCAL", false, 0, false},
	{"LIMIT OF A SITE", false, 1, false},
	{"LIMIT OF A /48", false, 2, false},
	{"SOURCE", false, 3, false},
	{},
};

static void show_row(const json_t *row, struct table *table)
{
	char site[PRINT_MAX], wider[PRINT_MAX], name[PRINT_MAX + 32];
	const char *const cells[] = {
		name,
		member_text(row, "transit"),
		member_text(row, "local"),
		limit_words(row, "rate", "burst", site),
		limit_words(row, "rate_48", "burst_48", wider),
		member_text(row, "source"),
	};

	snprintf(name, sizeof(name), "%c %s%s%s", json_is_true(json_object_get(row, "changed")) ? '*' : ' ',
		 member_text(row, "class"), member_is_null(row, "interface") ? "" : " on ",
		 member_is_null(row, "interface") ? "" : member_text(row, "interface"));
	table_row(table, cells);
}

static void show_setting(const json_t *row)
{
	printf("%s%s%s: %s\n", member_text(row, "setting"), member_is_null(row, "interface") ? "" : " on ",
	       member_is_null(row, "interface") ? "" : member_text(row, "interface"), member_text(row, "value"));
}

/* Settings are lines, and classes a table behind them. */
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
	printf("\n* changed by the operator\n");
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
	json_t *object;

	if (!warnings->context->json) {
		printf("%s:%u: warning: %s\n", warnings->file, line, text);
		return;
	}
	object = json_pack("{s:s, s:i, s:s}", "file", warnings->file, "line", (int)line, "warning", text);
	print_json(object);
	json_decref(object);
}

/* Its text begins with the file and the line. */
static void print_refusal(size_t index, const char *why, void *data)
{
	struct warnings *warnings = data;
	const char *text = strstr(why, ": ");

	print_warning(warnings->config->block.entry[index].line, text ? text + 2 : why, data);
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
		printf("%s is valid, %u warning%s\n", file, warnings.count, warnings.count == 1 ? "" : "s");
	config_free(&config);
	return EXIT_DONE;
}

/* --- diff --- */

/* What names a row: its interface and its class or setting. */
static const json_t *find_row(const json_t *rows, const json_t *like)
{
	static const char *const keys[] = {"interface", "class", "setting"};
	size_t i, k;
	json_t *row;

	json_array_foreach (rows, i, row) {
		for (k = 0; k < 3; k++)
			if (strcmp(member_text(row, keys[k]), member_text(like, keys[k])))
				break;
		if (k == 3)
			return row;
	}
	return NULL;
}

/* An interface's row that is not there is as the row of all. */
static const json_t *find_row_or_base(const json_t *rows, const json_t *like)
{
	const json_t *row = find_row(rows, like);
	json_t *base;

	if (row || member_is_null(like, "interface"))
		return row;
	base = json_copy((json_t *)like);
	json_object_set_new(base, "interface", json_null());
	row = find_row(rows, base);
	json_decref(base);
	return row;
}

static void name_of(const json_t *row, char *buf, size_t bytes)
{
	const char *what = json_object_get(row, "class") ? "class" : "setting";

	snprintf(buf, bytes, "%s%s%s", member_text(row, what), member_is_null(row, "interface") ? "" : " on ",
		 member_is_null(row, "interface") ? "" : member_text(row, "interface"));
}

static unsigned int say(const struct context *context, const json_t *row, const char *what, const char *before,
			const char *after)
{
	char name[128];
	json_t *object;

	if (!strcmp(before, after))
		return 0;
	name_of(row, name, sizeof(name));
	if (!context->json) {
		printf("%s%s%s: now %s, would be %s\n", name, *what ? ", " : "", what, before, after);
		return 1;
	}
	object = json_pack("{s:O?, s:s, s:s, s:s, s:s}", "interface", json_object_get(row, "interface"), "name",
			   member_text(row, json_object_get(row, "class") ? "class" : "setting"), "what",
			   *what ? what : "value", "now", before, "would_be", after);
	print_json(object);
	json_decref(object);
	return 1;
}

static unsigned int diff_row(const struct context *context, const json_t *before, const json_t *after,
			     const json_t *name)
{
	char a[PRINT_MAX], b[PRINT_MAX];
	unsigned int count = 0;

	if (json_object_get(name, "setting"))
		return say(context, name, "", member_text(before, "value"), member_text(after, "value"));
	count += say(context, name, "in transit", member_text(before, "transit"), member_text(after, "transit"));
	count += say(context, name, "to the router", member_text(before, "local"), member_text(after, "local"));
	count += say(context, name, "limit of a site", limit_words(before, "rate", "burst", a),
		     limit_words(after, "rate", "burst", b));
	count += say(context, name, "limit of a /48", limit_words(before, "rate_48", "burst_48", a),
		     limit_words(after, "rate_48", "burst_48", b));
	return count;
}

static int diff(struct context *context, const char *file)
{
	json_t *before, *after, *row;
	unsigned int count = 0;
	struct config config;
	struct error error;
	size_t i;

	if (config_load(&config, file, &error))
		return refused(&error);
	after = policy_to_json(&config);
	config_free(&config);
	before = policy_of_daemon(context, "/v1/policy?configured=1", &error);
	if (!before) {
		json_decref(after);
		return refused(&error);
	}
	json_array_foreach (after, i, row) {
		const json_t *old = find_row_or_base(before, row);

		if (old)
			count += diff_row(context, old, row, row);
	}
	/* what an interface had of its own, and would not have any more */
	json_array_foreach (before, i, row) {
		if (member_is_null(row, "interface") || find_row(after, row))
			continue;
		if (find_row_or_base(after, row))
			count += diff_row(context, row, find_row_or_base(after, row), row);
	}
	if (!count && !context->json)
		printf("%s would change nothing in the policy\n", file);
	json_decref(before);
	json_decref(after);
	return EXIT_DONE;
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
	if (!strcmp(verb, "diff") && context->argc == 2)
		return diff(context, context->argv[1]);
	near.typed = verb;
	for (const struct command_item *item = context->command->items; item->word; item++)
		near_try(&near, item->word);
	return usage_error(context, "'%s' is not show, check FILE or diff FILE%s", verb, near_text(&near, "", meant));
}
