// SPDX-License-Identifier: GPL-2.0-only
#include "escape.h"

#include <stdio.h>
#include <string.h>

#include "utf8.h"

_Bool escape_text(const char *text, char *out, size_t bytes)
{
	size_t left = strlen(text);
	bool escaped = false;

	while (left && bytes) {
		const unsigned char *p = (const unsigned char *)text;
		size_t taken = utf8_bytes(p, left);
		bool as_it_is = taken && !utf8_is_control(p);
		size_t needed = as_it_is ? taken : ESCAPE_FACTOR;

		if (needed >= bytes)
			break;
		if (as_it_is) {
			memcpy(out, p, taken);
		} else {
			snprintf(out, bytes, "\\x%02x", *p);
			taken = 1;
			escaped = true;
		}
		out += needed;
		bytes -= needed;
		text += taken;
		left -= taken;
	}
	if (bytes)
		*out = '\0';
	return escaped;
}
