// SPDX-License-Identifier: GPL-2.0-only
#include "finding.h"

#include <stdarg.h>
#include <string.h>

#include "cli/lib/output/terminal.h"
#include "cli/lib/output/wrap.h"

#define INDENT	      9
#define WIDTH_DEFAULT 80

const char *const finding_words[FINDING_RESULTS] = {
	[FINDING_OK] = "ok",
	[FINDING_WARNING] = "warning",
	[FINDING_PROBLEM] = "problem",
};

static const enum tone tones[FINDING_RESULTS] = {
	[FINDING_OK] = TONE_GOOD,
	[FINDING_WARNING] = TONE_WARN,
	[FINDING_PROBLEM] = TONE_BAD,
};

bool finding_set(struct finding *finding, enum finding_result result, const char *format, ...)
{
	va_list args;
	char *end;

	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
	finding->result = result;
	end = strchr(finding->text, '\n');
	if (end)
		*end = '\0';
	finding->hint = end && end[1] ? end + 1 : NULL;
	return true;
}

json_t *finding_to_json(const struct finding *finding, const char *check, const char *iface)
{
	return json_pack("{s:s, s:s?, s:s, s:s, s:s?}", "check", check, "interface", iface,
			 "result", finding_words[finding->result], "text", finding->text, "hint",
			 finding->hint);
}

/* Broken where wrap.h says: a command is longer than the line now and then. */
static void print_wrapped(FILE *out, const char *text, int at)
{
	int width = terminal_width() ? terminal_width() : WIDTH_DEFAULT;

	for (bool begins = true, blank = false; *text; begins = false) {
		int columns, n = wrap_next(text, &columns);

		if (!begins && at + blank + columns > width) {
			fprintf(out, "\n%*s", INDENT, "");
			at = INDENT;
		} else if (blank) {
			fputc(' ', out);
			at++;
		}
		fprintf(out, "%.*s", n, text);
		at += columns;
		text += n;
		blank = *text == ' ' || *text == '\n';
		text += blank;
	}
	fputc('\n', out);
}

void finding_print(FILE *out, const struct finding *finding, const char *check, const char *iface)
{
	const char *word = finding_words[finding->result];
	bool colour = out == stdout;
	int at = INDENT;

	fprintf(out, "%s%s%s%*s", colour ? tone_begin(tones[finding->result]) : "", word,
		colour ? tone_end(tones[finding->result]) : "", INDENT - (int)strlen(word), "");
	at += fprintf(out, "%s%s%s: ", iface ? iface : "", iface ? " " : "", check);
	print_wrapped(out, finding->text, at);
	if (finding->hint) {
		fprintf(out, "%*s-> ", INDENT, "");
		print_wrapped(out, finding->hint, INDENT + 3);
	}
}
