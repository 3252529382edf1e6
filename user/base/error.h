/* SPDX-License-Identifier: GPL-2.0-only */
/* One line for a person: what failed, on what, what to do about it. Filled in where the cause is
 * known best, printed once, at the end.
 */
#ifndef SLASH64_BASE_ERROR_H
#define SLASH64_BASE_ERROR_H

#include "error_codes.h"

#define ERROR_TEXT_MAX	  512
#define ERROR_VALUE_MAX	  96
#define ERROR_MEMBERS_MAX 2

struct error {
	char text[ERROR_TEXT_MAX];
	/* length of the part that says what failed, if a hint follows; otherwise 0 */
	unsigned int said;
	enum error_code code;
	/* what it is about, for a program: "prefix" and its text; ends with a key of NULL */
	struct error_member {
		const char *key;
		char value[ERROR_VALUE_MAX];
	} member[ERROR_MEMBERS_MAX];
};

/* Writes the line. The last "; " of the format separates what failed from the hint. Line breaks and
 * tabs become spaces, other control characters and invalid UTF-8 become '?'. Returns `err`, a
 * negative errno, so a function can end with `return error_set(...)`.
 */
int error_set(struct error *error, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Gives the error a code, other than that of its errno. Returns `err`. */
int error_code(struct error *error, int err, enum error_code code);
/* Adds a member; a longer value is cut. Returns `err`. */
int error_member(struct error *error, int err, const char *key, const char *value);

/* The hint, as a part of the text; NULL if there is none. */
const char *error_hint(const struct error *error);

#endif
