/* SPDX-License-Identifier: GPL-2.0-only */
/* Names that others chose, such as process and interface names, can contain any bytes. What is
 * stored and answered is UTF-8.
 */
#ifndef SLASH64_BASE_TEXT_ESCAPE_H
#define SLASH64_BASE_TEXT_ESCAPE_H

#include <stddef.h>

#define ESCAPE_FACTOR 4 /* "\xNN" for each byte, at most */

/* Copies `text` into out. Invalid UTF-8 and control characters become \xNN. Cut if there is no
 * room, never within a character. Returns whether any byte was escaped.
 */
_Bool escape_text(const char *text, char *out, size_t bytes);

#endif
