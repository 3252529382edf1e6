// SPDX-License-Identifier: GPL-2.0-only
/* reload, confirm. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/lib/request.h"
#include "client/client.h"
#include "cli/lib/hints.h"
#include "cli/lib/output/feed_output.h"
#include "cli/lib/output/print.h"
#include "cli/lib/args.h"
#include "base/text/language.h"
#include "cli/lib/output/said.h"

#define SECONDS_TEXT_MAX 32
#define FOR_MAX_MS	 (7 * 86400 * INT64_C(1000)) /* of slash64d */

/* The configuration is in force, but a feed may not be. */
static void warn_of_feeds(const json_t *feeds)
{
	char buf[HINT_MAX], text[SAID_MAX];
	const char *hint;
	json_t *feed;
	size_t i;

	json_array_foreach (feeds, i, feed) {
		feed_print_problems(stderr, "slash64: ", feed);
		if (!strcmp(member_text(feed, "state"), "waiting") && member_is_null(feed, "error"))
			fprintf(stderr,
				_("slash64: feed %s (%s): being read; see 'slash64 status' for the result\n"),
				member_text(feed, "origin"), member_text(feed, "file"));
		if (member_is_null(feed, "error"))
			continue;
		hint = hint_of_feed(member_text(feed, "code"), member_text(feed, "origin"), buf);
		fprintf(stderr, _("slash64: feed %s (%s): %s%s%s\n"), member_text(feed, "origin"),
			member_text(feed, "file"), said(member_text(feed, "error"), text),
			hint ? "; " : "", hint ? hint : "");
	}
}

/* The differences. */
static void print_differences(const json_t *answer)
{
	const json_t *differences = json_object_get(answer, "differences");
	int64_t more =
		member_integer(answer, "differences_count") - (int64_t)json_array_size(differences);
	json_t *row;
	size_t i;

	json_array_foreach (differences, i, row) {
		bool of_all = member_is_null(row, "interface"),
		     is_value = !strcmp(member_text(row, "what"), "value");
		bool restart = json_is_true(json_object_get(row, "restart"));

		printf(_("%s%s%s%s%s: was %s, %s %s\n"), member_text(row, "name"),
		       of_all ? "" : _(" on "), of_all ? "" : member_text(row, "interface"),
		       is_value ? "" : ", ", is_value ? "" : member_text(row, "what"),
		       member_text(row, "now"),
		       restart ? _("stays so until a restart, then") : _("is"),
		       member_text(row, "would_be"));
	}
	if (more > 0)
		printf(_("and %" PRId64 " more differences\n"), more);
	if (differences && !json_array_size(differences))
		printf(_("the configuration is the same as before\n"));
}

/* On standard error, so that nobody misses it. */
static void warn_of_confirmation(const json_t *confirmation)
{
	char until[PRINT_MAX];

	if (!json_is_object(confirmation) || strcmp(member_text(confirmation, "state"), "waiting"))
		return;
	fprintf(stderr,
		_("slash64: run 'slash64 confirm' before %s to keep it; "
		  "otherwise the previous configuration returns then\n"),
		print_time(member_time(confirmation, "until"), until));
}

static void print_reloaded(const json_t *answer, void *data)
{
	char text[SAID_MAX];

	printf(_("reloaded %s: %s; interfaces attached or detached: %.0f\n"),
	       member_text(answer, "config"), said(member_text(answer, "message"), text),
	       member_number(answer, "changes"));
	print_differences(answer);
	warn_of_feeds(json_object_get(answer, "feeds"));
	warn_of_confirmation(json_object_get(answer, "confirmation"));
}

int command_reload(struct context *context)
{
	const char *span = NULL;
	const struct option_spec specs[] = {{"for", &span, NULL}, {NULL, NULL, NULL}};
	char seconds[SECONDS_TEXT_MAX];
	int64_t ms = 0;
	int code = take_options(context, specs, 0, 0);

	if (code < 0)
		code = words_duration(context, "for", span, &ms);
	if (code < 0 && ms > FOR_MAX_MS)
		return usage_error(context, "--for '%s' is longer than a week, the maximum", span);
	if (code >= 0)
		return code;
	snprintf(seconds, sizeof(seconds), "%" PRId64, (ms + 999) / 1000);
	return answer_of(context, "POST",
			 client_path_add(client_path("/v1/reload"), "for_seconds",
					 span ? seconds : NULL),
			 NULL, "config", print_reloaded, NULL);
}

static void print_confirmed(const json_t *answer, void *data)
{
	printf(_("confirmed: %s stays in force\n"), member_text(answer, "confirmed"));
}

int command_confirm(struct context *context)
{
	int code = take_options(context, NULL, 0, 0);

	if (code >= 0)
		return code;
	return answer_of(context, "POST", client_path("/v1/confirm"), NULL, "confirmed",
			 print_confirmed, NULL);
}
