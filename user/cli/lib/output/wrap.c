// SPDX-License-Identifier: GPL-2.0-only
#include "wrap.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* Never at the beginning of a line, and never at its end. */
static const wchar_t not_first[] =
	L"、。，．・：；？！）」』】〕…ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ).,:;!?]";
static const wchar_t not_last[] = L"（「『【〔([";

/* One character: its bytes, and its columns. 0 bytes at the end. */
static size_t take(const char *text, wchar_t *c, int *columns)
{
	mbstate_t state = {};
	size_t n;

	*c = 0;
	*columns = 0;
	if (!*text)
		return 0;
	n = mbrtowc(c, text, MB_CUR_MAX, &state);
	if (n == (size_t)-1 || n == (size_t)-2 || !n) {
		*c = 0;
		/* of bytes above 127, those that start a character */
		*columns = ((unsigned char)*text & 0xc0) != 0x80;
		return 1;
	}
	*columns = wcwidth(*c) < 0 ? 1 : wcwidth(*c);
	return n;
}

int text_columns(const char *text)
{
	int columns = 0, one;
	wchar_t c;

	for (size_t n; (n = take(text, &c, &one)); text += n)
		columns += one;
	return columns;
}

size_t text_bytes_of(const char *text, int columns)
{
	const char *at = text;
	int one;
	wchar_t c;

	for (size_t n; (n = take(at, &c, &one)) && one <= columns; at += n)
		columns -= one;
	return at - text;
}

static bool may_break(wchar_t before, int columns_before, wchar_t behind, int columns_behind)
{
	if (columns_before < 2 && columns_behind < 2)
		return false;
	return before && behind && !wcschr(not_last, before) && !wcschr(not_first, behind);
}

size_t wrap_next(const char *text, int *columns)
{
	const char *at = text;
	int one, last_columns = 0;
	wchar_t c, last = 0;

	*columns = 0;
	for (size_t n; *at != ' ' && *at != '\n' && (n = take(at, &c, &one)); at += n) {
		if (at > text && may_break(last, last_columns, c, one))
			break;
		*columns += one;
		last = c;
		last_columns = one;
	}
	return at - text;
}
