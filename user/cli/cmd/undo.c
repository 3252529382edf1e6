// SPDX-License-Identifier: GPL-2.0-only
/* undo: shows the caller's last change, and undoes it. */
#include <stdio.h>

#include "cli/lib/ask.h"
#include "cli/lib/long_request.h"
#include "cli/lib/output/print.h"
#include "base/text/language.h"
#include "cli/lib/output/said.h"

static json_t *send(const struct context *context, const json_t *number, bool dry_run, bool force,
		    struct error *error)
{
	json_t *body = json_pack("{s:b, s:b}", "dry_run", dry_run, "force", force), *answer;

	if (number)
		json_object_set(body, "number", (json_t *)number);
	answer = long_request(context, "/v1/undo", body, "changes",
			      dry_run ? _("looking up the change") : _("undoing it"), error);
	json_decref(body);
	return answer;
}

/* On standard error if a question follows. */
static void tell(FILE *out, const json_t *answer, const char *how)
{
	json_t *steps = json_object_get(answer, "steps"), *step;
	int64_t more = member_integer(answer, "changes") - (int64_t)json_array_size(steps);
	char at[PRINT_MAX], count[PRINT_MAX], local[PRINT_TEXT_MAX];
	size_t i;

	fprintf(out, _("%s your %s of %s:\n"), how, change_name(member_text(answer, "action")),
		print_time(member_time(answer, "time"), at));
	json_array_foreach (steps, i, step)
		fprintf(out, "  %s\n", said(json_string_value(step), local));
	if (more > 0)
		fprintf(out, _("  and %s more\n"), print_count(more, count));
	if (!member_is_null(answer, "note"))
		fprintf(out, _("note: %s\n"), print_local(member_text(answer, "note"), local));
}

static int end(const struct context *context, const json_t *answer)
{
	char count[PRINT_MAX];

	if (context->json)
		print_json(answer);
	else
		tell(stdout, answer,
		     json_is_true(json_object_get(answer, "dry_run")) ? _("it would undo") :
									_("undid"));
	if (!context->json && member_integer(answer, "over"))
		printf(_("note: expired before, and left as they are: %s\n"),
		       print_count(member_integer(answer, "over"), count));
	return EXIT_DONE;
}

int command_undo(struct context *context)
{
	bool yes = false, force = false, dry_run = false;
	const struct option_spec specs[] = {{"yes", NULL, &yes},
					    {"force", NULL, &force},
					    {"dry-run", NULL, &dry_run},
					    {NULL, NULL, NULL}};
	json_t *answer, *done = NULL;
	struct error error;
	int code = take_options(context, specs, 0, 0);

	if (code >= 0)
		return code;
	answer = send(context, NULL, true, force, &error);
	if (!answer)
		return refused(&error);
	if (dry_run) {
		code = end(context, answer);
	} else {
		if (!yes)
			tell(stderr, answer, _("this undoes"));
		code = ask_first(_("undo it?"), yes, "undo", _("use --yes"));
	}
	if (code < 0) {
		done = send(context, json_object_get(answer, "number"), false, force, &error);
		code = done ? end(context, done) : refused(&error);
	}
	json_decref(done);
	json_decref(answer);
	return code;
}
