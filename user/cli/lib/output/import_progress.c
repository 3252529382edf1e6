// SPDX-License-Identifier: GPL-2.0-only
#include "import_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/lib/hints.h"
#include "print.h"
#include "terminal.h"
#include "base/time.h"
#include "base/text/language.h"
#include "cli/lib/output/said.h"

#define SHOW_EVERY_MS 250
#define PROBLEMS_MAX  20 /* are printed */

void import_report_open(struct import_report *report, const char *name, uint64_t bytes_max)
{
	*report = (struct import_report){
		.name = name,
		.bytes_max = bytes_max,
		.terminal = terminal_shows_progress(),
		.next_ms = clock_monotonic_ms() + SHOW_EVERY_MS,
		.printed = json_array(),
	};
}

static void clear(struct import_report *report)
{
	if (report->shown)
		fputs("\r\033[K", stderr);
	report->shown = false;
}

static void show(struct import_report *report, const char *doing)
{
	char bytes[PRINT_MAX], whole[PRINT_MAX], lines[PRINT_MAX], of[PRINT_MAX * 2] = "";

	if (!report->terminal)
		return;
	if (report->bytes_max)
		snprintf(of, sizeof(of), _(" of %s (%.0f%%)"),
			 print_bytes(report->bytes_max, whole),
			 report->bytes < report->bytes_max ?
				 100.0 * report->bytes / report->bytes_max :
				 100.0);
	fputs("\r", stderr);
	fprintf(stderr, _("%s: %s%s, %s lines%s"), report->name, print_bytes(report->bytes, bytes),
		of, print_count(report->lines, lines), doing);
	fputs("\033[K", stderr);
	report->shown = true;
}

void import_report_say(struct import_report *report, const char *text)
{
	clear(report);
	fprintf(stderr, "%s: %s\n", report->name, text);
}

static void print_problem(struct import_report *report, json_t *problem)
{
	char buf[HINT_LINE_MAX], translated[SAID_MAX];
	const char *text = said(hint_in_import(member_text(problem, "error"), buf), translated);

	clear(report);
	if (member_integer(problem, "line"))
		fprintf(stderr, "%s:%" PRId64 ": %s\n", report->name,
			member_integer(problem, "line"), text);
	else
		fprintf(stderr, "%s: %s\n", report->name, text);
	json_array_append(report->printed, problem);
}

/* The summary may repeat problems reported with the pieces. */
static bool is_printed(const struct import_report *report, const json_t *problem)
{
	json_t *other;
	size_t i;

	json_array_foreach (report->printed, i, other)
		if (json_equal(other, problem))
			return true;
	return false;
}

static void print_problems(struct import_report *report, const json_t *problems)
{
	json_t *problem;
	size_t i;

	json_array_foreach (problems, i, problem) {
		if (json_array_size(report->printed) >= PROBLEMS_MAX)
			break;
		if (!is_printed(report, problem))
			print_problem(report, problem);
	}
}

static uint64_t count_lines(const char *text, size_t bytes)
{
	const char *end = text + bytes;
	uint64_t lines = 0;

	for (; (text = memchr(text, '\n', end - text)); text++)
		lines++;
	return lines;
}

void import_report_piece(struct import_report *report, const char *text, size_t bytes,
			 const json_t *answer)
{
	const json_t *problems = json_object_get(answer, "problems");

	report->bytes += bytes;
	report->lines += count_lines(text, bytes);
	report->problems += json_array_size(problems);
	print_problems(report, problems);
	if (clock_monotonic_ms() < report->next_ms)
		return;
	show(report, "");
	report->next_ms = clock_monotonic_ms() + SHOW_EVERY_MS;
}

void import_report_applying(struct import_report *report)
{
	show(report, _("; applying them"));
}

void import_report_close(struct import_report *report, const json_t *summary)
{
	uint64_t all = member_integer(summary, "problems_count"), printed;
	char count[PRINT_MAX];

	clear(report);
	print_problems(report, json_object_get(summary, "problems"));
	printed = json_array_size(report->printed);
	/* without a count the number is unknown */
	if (!json_object_get(summary, "problems_count") && report->problems > printed)
		fprintf(stderr, _("%s: and more\n"), report->name);
	else if (printed && all > printed)
		fprintf(stderr, _("%s: and %s more\n"), report->name,
			print_count(all - printed, count));
	json_decref(report->printed);
	report->printed = NULL;
}

/* ", 5 added" */
static void print_part(const json_t *summary, const char *key, const char *form)
{
	char count[PRINT_MAX];

	printf(form, print_count(member_integer(summary, key), count));
}

/* "; 3 of them refused: 1 by guard rails, 2 without room" */
static void print_refused(const json_t *summary, int64_t bad)
{
	static const char *const causes[][2] = {
		{"prefix", N_("%s not a source that can be blocked")},
		{"guard", N_("%s by guard rails")},
		{"allowed", N_("%s within an allowed prefix")},
		{"room", N_("%s without room in the maps")},
	};
	const json_t *by = json_object_get(summary, "refused_by");
	const char *before = ": ";
	char count[PRINT_MAX];

	if (member_integer(summary, "refused") == bad)
		printf(bad == 1 ? _(", refused") : _(", all refused"));
	else
		printf(_(", %s of them refused"),
		       print_count(member_integer(summary, "refused"), count));
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		int64_t n = member_integer(by, causes[i][0]);

		if (n) {
			fputs(before, stdout);
			printf(_(causes[i][1]), print_count(n, count));
		}
		before = n ? ", " : before;
	}
}

static void print_summary(const struct import_report *report, const json_t *summary,
			  const struct import_order *order, bool taken)
{
	int64_t bad = member_integer(summary, "problems_count");
	int64_t refused = member_integer(summary, "refused");
	char count[PRINT_MAX];

	printf(order->dry_run ? _("dry run of %s") :
	       order->restore ? _("restored %s") :
	       taken	      ? _("imported %s") :
				_("read %s"),
	       report->name);
	if (!order->restore)
		printf(_(" as %s (%s)"), member_text(summary, "origin"),
		       member_text(summary, "format"));
	print_part(summary, "lines",
		   P_(": %s line", ": %s lines", member_integer(summary, "lines")));
	print_part(summary, "entries",
		   P_(", %s entry", ", %s entries", member_integer(summary, "entries")));
	print_part(summary, "added", _("; %s added"));
	print_part(summary, "changed", _(", %s changed"));
	print_part(summary, "removed", _(", %s removed"));
	print_part(summary, "unchanged", _(", %s unchanged"));
	if (member_integer(summary, "ignored"))
		print_part(summary, "ignored", _(", %s ignored"));
	printf(order->dry_run ? _("; nothing is changed\n") : "\n");
	if (bad < refused)
		bad = refused;
	if (!bad)
		return;
	printf(P_("%s line was not imported", "%s lines were not imported", bad),
	       print_count(bad, count));
	if (refused)
		print_refused(summary, bad);
	printf("\n");
}

/* A file without entries is as bad as one whose entries are all refused, unless it contains
 * differences: there may be none.
 */
static bool is_bad(const json_t *summary, const struct import_order *order)
{
	bool differences = !strcmp(member_text(summary, "format"), "crowdsec") && !order->replace;

	/* everything in a backup may be present already */
	return (!differences && !order->restore) || member_integer(summary, "problems_count") ||
	       member_integer(summary, "refused");
}

int import_report_summary(const struct import_report *report, const struct context *context,
			  const json_t *summary, const struct import_order *order)
{
	int64_t taken = member_integer(summary, "added") + member_integer(summary, "changed") +
			member_integer(summary, "unchanged");
	int64_t room = member_integer(json_object_get(summary, "refused_by"), "room");
	int64_t bad = member_integer(summary, "problems_count"),
		refused_lines = member_integer(summary, "refused");
	char count[PRINT_MAX];
	struct error error;

	if (!order->replace) /* a stream of decisions may only end blocks */
		taken += member_integer(summary, "removed");
	if (context->json)
		print_json(summary);
	else
		print_summary(report, summary, order, taken || !is_bad(summary, order));
	if (room) {
		error_set(
			&error, 0,
			"%s entries of %.256s are not in force: the maps are full; raise maps.blocks or maps.prefixes",
			print_count(room, count), report->name);
		return refused(&error);
	}
	/* a list may have lines for others, but a backup is to come back whole */
	if (order->restore && bad) {
		error_set(&error, 0,
			  bad == 1 ? "%s line of %.256s cannot be restored; see above" :
				     "%s lines of %.256s cannot be restored; see above",
			  print_count(bad, count), report->name);
		return refused(&error);
	}
	if (taken || !is_bad(summary, order) || (order->replace && order->force))
		return EXIT_DONE;
	error_set(&error, 0,
		  bad || refused_lines		   ? "no entry of %.256s could be imported" :
		  member_integer(summary, "lines") ? "%.256s has nothing to block" :
						     "%.256s is empty",
		  report->name);
	return refused(&error);
}
