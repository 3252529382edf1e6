/* SPDX-License-Identifier: GPL-2.0-only */
/* Foreign text, character by character, before it reaches a terminal or JSON. */
#ifndef SLASH64_BASE_TEXT_UTF8_H
#define SLASH64_BASE_TEXT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Length of the character (RFC 3629, 4) at the start of n bytes, one or more, or 0 if they are
 * invalid.
 */
static inline size_t utf8_bytes(const unsigned char *p, size_t n)
{
	size_t bytes = *p < 0x80 ? 1 :
		       *p < 0xc2 ? 0 :
		       *p < 0xe0 ? 2 :
		       *p < 0xf0 ? 3 :
		       *p < 0xf5 ? 4 :
				   0;

	if (bytes > n)
		return 0;
	for (size_t i = 1; i < bytes; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	/* overlong forms, surrogates, beyond U+10FFFF */
	if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) ||
	    (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
		return 0;
	return bytes;
}

/* Removes a character that was cut in two at the end of a text that was valid before. */
static inline void utf8_end_whole(char *text)
{
	size_t n = strlen(text), begin = n;

	while (begin && n - begin < 4 && ((unsigned char)text[begin - 1] & 0xc0) == 0x80)
		begin--;
	if (begin && !utf8_bytes((const unsigned char *)text + begin - 1, n - begin + 1))
		text[begin - 1] = '\0';
}

/* Is this valid character a control character? Includes C1, U+0080 to U+009F: U+009B starts a
 * terminal command.
 */
static inline bool utf8_is_control(const unsigned char *p)
{
	return *p < ' ' || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0);
}

#endif
