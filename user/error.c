// SPDX-License-Identifier: GPL-2.0-only
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

/* What was quoted moves no cursor of a terminal, and fits into JSON even where it was cut. */
static void make_harmless(char *text)
{
	size_t left = strlen(text);

	while (left) {
		const unsigned char *p = (const unsigned char *)text;
		size_t bytes = utf8_bytes(p, left);

		if (*text == '\n' || *text == '\r' || *text == '\t')
			*text = ' ';
		else if (!bytes || utf8_is_control(p))
			memset(text, '?', bytes ? bytes : 1);
		text += bytes ? bytes : 1;
		left -= bytes ? bytes : 1;
	}
}

int error_set(struct error *error, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	make_harmless(error->text);
	return err;
}
