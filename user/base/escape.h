/* SPDX-License-Identifier: GPL-2.0-only */
/* Names that others gave, process names and names of interfaces say, may be of any bytes. What is written down and
 * answered is UTF-8.
 */
#ifndef SLASH64_USER_ESCAPE_H
#define SLASH64_USER_ESCAPE_H

#include <stddef.h>

#define ESCAPE_FACTOR 4 /* "\xNN" for a byte, at most */

/* `text` into out, with each byte that is no UTF-8, and each control character, as \xNN; cut where it has no room, never
 * within a character. Returns whether any was.
 */
_Bool escape_text(const char *text, char *out, size_t bytes);

#endif
