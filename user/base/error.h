/* SPDX-License-Identifier: GPL-2.0-only */
/* One line for a person: what failed, on what, what to do about it. Filled in where the failure is known
 * best, printed once, where it ends.
 */
#ifndef SLASH64_USER_ERROR_H
#define SLASH64_USER_ERROR_H

#define ERROR_TEXT_MAX 512

struct error {
	char text[ERROR_TEXT_MAX];
	/* bytes of the text that say what failed, where what to do about it follows; else 0 */
	unsigned int said;
};

/* Writes the line; the last "; " of the format parts what failed from what to do about it. Line breaks and tabs become
 * spaces, other control characters and what is no UTF-8 '?'. Returns `err`, a negative errno, so that a function can
 * end with `return error_set(...)`.
 */
int error_set(struct error *error, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* What to do about it, as a part of the text; NULL where it says nothing of that. */
const char *error_hint(const struct error *error);

#endif
