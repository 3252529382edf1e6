// SPDX-License-Identifier: GPL-2.0-only
#include "feed_output.h"

#include <inttypes.h>

#include "cli/lib/hints.h"
#include "base/text/language.h"
#include "cli/lib/output/said.h"
#include "print.h"

void feed_print_problems(FILE *out, const char *prefix, const json_t *feed)
{
	const char *file = member_text(feed, "file");
	int64_t count = member_integer(feed, "problems");
	char text[PRINT_MAX], line[HINT_LINE_MAX], translated[SAID_MAX];
	json_t *problem;
	size_t i;

	if (count <= 0)
		return;
	fprintf(out,
		P_("%sfeed %s (%s): %s line was not imported\n",
		   "%sfeed %s (%s): %s lines were not imported\n", count),
		prefix, member_text(feed, "origin"), file, print_count(count, text));
	json_array_foreach (json_object_get(feed, "problem_lines"), i, problem)
		fprintf(out, "%s%s:%" PRId64 ": %s\n", prefix, file,
			member_integer(problem, "line"),
			said(hint_in_feed(member_text(problem, "error"), line), translated));
	if (count > (int64_t)i)
		fprintf(out, _("%s%s: and %s more\n"), prefix, file,
			print_count(count - (int64_t)i, text));
}
