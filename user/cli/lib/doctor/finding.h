/* SPDX-License-Identifier: GPL-2.0-only */
/* What a check of doctor has found: one line, and what to type. */
#ifndef SLASH64_CLI_LIB_DOCTOR_FINDING_H
#define SLASH64_CLI_LIB_DOCTOR_FINDING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#define FINDING_TEXT_MAX 640

enum finding_result {
	FINDING_OK,
	FINDING_WARNING, /* it works, but not as well as it could, or it could not be seen */
	FINDING_PROBLEM, /* it will not work, or not for long */
	FINDING_RESULTS
};

extern const char *const finding_words[FINDING_RESULTS];

struct finding {
	enum finding_result result;
	char text[FINDING_TEXT_MAX]; /* one line */
	const char *hint;	     /* what to type, a part of `text`; NULL: nothing to do */
};

/* A line break in the format separates what was found from what to type. Returns true, so that a
 * check can end with it.
 */
bool finding_set(struct finding *finding, enum finding_result result, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* {"check":…,"interface":…,"result":…,"text":…,"hint":…}; `iface` is NULL for what is about the
 * machine.
 */
json_t *finding_to_json(const struct finding *finding, const char *check, const char *iface);

/* For a person: no wider than the terminal, or than 80 columns. */
void finding_print(FILE *out, const struct finding *finding, const char *check, const char *iface);

#endif
