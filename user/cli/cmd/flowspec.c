// SPDX-License-Identifier: GPL-2.0-only
/* flowspec: the rules that slash64-flowspec was announced, executed or refused and why. It reads the
 * file that slash64-flowspec(8) writes.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/time.h"
#include "cli/command.h"
#include "cli/lib/output/print.h"
#include "cli/lib/output/table.h"
#include "cli/lib/output/terminal.h"
#include "client/client.h"
#include "base/text/language.h"

#define FILE_DEFAULT  "/run/slash64-flowspec/rules" /* FLOWSPEC_RULES_DEFAULT */
#define STALE_S	      15			    /* it is touched every five seconds */
#define WHY_MAX	      6144
#define MS_PER_SECOND 1000

static const struct table_column columns[] = {
	{"STATE", false, 0, false},   {"ACTION", false, 0, false}, {"RULE", false, 0, false},
	{"NEIGHBOR", true, 1, false}, {"WHY", false, 2, true},	   {},
};

struct reading {
	const struct context *context;
	struct table *table;
	bool refused_only;
	uint64_t executed, refused, waits, lost;
};

static void add_row(struct reading *reading, const json_t *rule)
{
	bool is_up = json_is_true(json_object_get(rule, "session_up"));
	char neighbor[PRINT_MAX * 2], why[WHY_MAX] = "";
	const char *const cells[] = {member_text(rule, "state"), member_text(rule, "action"),
				     member_text(rule, "rule"), neighbor, why};

	snprintf(neighbor, sizeof(neighbor), "%s%s", member_text(rule, "neighbor"),
		 is_up ? "" : _(" (session lost)"));
	if (!member_is_null(rule, "why"))
		snprintf(why, sizeof(why), "%s: %s", member_text(rule, "why"),
			 member_text(rule, "text"));
	else if (!member_is_null(rule, "text"))
		snprintf(why, sizeof(why), "%s", member_text(rule, "text"));
	if (!reading->table) {
		terminal_page(reading->context);
		reading->table = table_new(columns);
	}
	if (reading->table)
		table_row(reading->table, cells);
}

static int take_line(struct reading *reading, char *line)
{
	json_t *rule;
	const char *state;

	line[strcspn(line, "\n")] = '\0';
	rule = client_decode(line);
	if (!rule)
		return -EPROTO;
	state = member_text(rule, "state");
	reading->executed += !strcmp(state, "executed");
	reading->refused += !strcmp(state, "refused");
	reading->waits += !strcmp(state, "waits");
	reading->lost += json_is_false(json_object_get(rule, "session_up"));
	if (!reading->refused_only || !strcmp(state, "refused")) {
		if (reading->context->json)
			puts(line);
		else
			add_row(reading, rule);
	}
	json_decref(rule);
	return 0;
}

static int read_rules(FILE *file, const char *path, struct reading *reading, struct error *error)
{
	char *line = NULL;
	size_t room = 0;
	int err = 0;

	while (!err && getline(&line, &room, file) > 0)
		err = take_line(reading, line);
	free(line);
	if (ferror(file))
		return error_set(error, -EIO, "cannot read %s: %s", path, strerror(errno));
	return err ? error_set(error, err, "%s is no file of slash64-flowspec of this version",
			       path) :
		     0;
}

static void print_sum(const struct reading *reading)
{
	char executed[PRINT_MAX], refused_count[PRINT_MAX], more[PRINT_MAX];

	if (!reading->executed && !reading->refused && !reading->waits) {
		printf(_("no rules\n"));
		return;
	}
	printf(_("%s executed, %s refused"), print_count(reading->executed, executed),
	       print_count(reading->refused, refused_count));
	if (reading->waits)
		printf(_(", %s waiting for slash64d"), print_count(reading->waits, more));
	if (reading->lost)
		printf(_("; %s of lost sessions end after the hold"),
		       print_count(reading->lost, more));
	printf("\n");
}

/* Nobody writes it any more: what it says may be over. */
static int tell_age(const struct stat *status, const char *path)
{
	int64_t age_s = clock_wall_ms() / MS_PER_SECOND - status->st_mtime;
	struct error error;
	char ago[PRINT_MAX];

	if (age_s <= STALE_S)
		return EXIT_DONE;
	error_set(&error, -ESTALE,
		  "slash64-flowspec does not run: %s was last written %s; what it has blocked ends "
		  "with its lease",
		  path, print_distance(-age_s, ago));
	return refused(&error);
}

int command_flowspec(struct context *context)
{
	struct reading reading = {.context = context};
	const char *path = FILE_DEFAULT;
	const struct option_spec specs[] = {{"refused", NULL, &reading.refused_only},
					    {"file", &path, NULL},
					    {NULL, NULL, NULL}};
	int code = take_options(context, specs, 0, 0), err;
	struct stat status;
	struct error error;
	FILE *file;

	if (code >= 0)
		return code;
	file = fopen(path, "re");
	if (!file || fstat(fileno(file), &status)) {
		error_set(
			&error, -errno,
			"cannot read %s: %s; slash64-flowspec(8) writes it, as a process of ExaBGP",
			path, strerror(errno));
		if (file)
			fclose(file);
		return refused(&error);
	}
	err = read_rules(file, path, &reading, &error);
	fclose(file);
	table_end(reading.table);
	if (err)
		return refused(&error);
	if (!context->json)
		print_sum(&reading);
	return tell_age(&status, path);
}
