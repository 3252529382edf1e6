/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a line may be broken: at blanks, and between characters that are two columns wide, as Japanese has no blanks; but
 * not before a closing bracket or a full stop, nor behind an opening bracket (kinsoku).
 */
#ifndef SLASH64_CLI_LIB_OUTPUT_WRAP_H
#define SLASH64_CLI_LIB_OUTPUT_WRAP_H

#include <stddef.h>

/* The bytes at the beginning of a text that belong together, up to a blank, a line break, the end, or a place where a
 * line may be broken; and their columns. 0 bytes only at one of those.
 */
size_t wrap_next(const char *text, int *columns);

/* The columns of a text on the terminal. Invalid UTF-8 counts as a column per byte that starts a character. */
int text_columns(const char *text);

/* The bytes of a text that fit so many columns. */
size_t text_bytes_of(const char *text, int columns);

#endif
