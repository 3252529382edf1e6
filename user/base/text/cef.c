// SPDX-License-Identifier: GPL-2.0-only
#include "cef.h"

#include <inttypes.h>
#include <string.h>

/* In the header '|' and '\' are escaped, in values '=', '\' and line breaks. */
static void put_escaped(FILE *out, const char *text, const char *escaped)
{
	for (; *text; text++) {
		if (*text == '\n' || *text == '\r') {
			fputs("\\n", out);
			continue;
		}
		if (strchr(escaped, *text))
			putc('\\', out);
		putc(*text, out);
	}
}

static void put_header(FILE *out, const char *text)
{
	putc('|', out);
	put_escaped(out, text, "|\\");
}

void cef_begin(FILE *out, const char *version, const char *event, const char *name, int severity)
{
	fputs("CEF:0", out);
	put_header(out, "slash64");
	put_header(out, "slash64");
	put_header(out, version);
	put_header(out, event);
	put_header(out, name);
	fprintf(out, "|%d|", severity);
}

void cef_value(FILE *out, const char *key, const char *value)
{
	if (!value)
		return;
	fprintf(out, " %s=", key);
	put_escaped(out, value, "=\\");
}

void cef_number(FILE *out, const char *key, int64_t value)
{
	fprintf(out, " %s=%" PRId64, key, value);
}

void cef_labelled(FILE *out, const char *key, const char *label, const char *value)
{
	if (!value)
		return;
	cef_value(out, key, value);
	fprintf(out, " %sLabel=", key);
	put_escaped(out, label, "=\\");
}
