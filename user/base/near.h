/* SPDX-License-Identifier: GPL-2.0-only */
/* "Did you mean": words that are near to one that is none, as git looks for them. */
#ifndef SLASH64_USER_NEAR_H
#define SLASH64_USER_NEAR_H

#include <stddef.h>

#define NEAR_WORDS_MAX 3
#define NEAR_TEXT_MAX  256

/* The candidates for one typed word; begins as {.typed = ...}. The candidates must live as long as it. */
struct near {
	const char *typed;
	unsigned int distance; /* of all that are kept */
	unsigned int count;
	const char *words[NEAR_WORDS_MAX];
};

void near_try(struct near *near, const char *candidate);

/* " (did you mean 'list' or 'log'?)", or "" where nothing is near; `before` stands before each word, as "--" of
 * options. Returns buf, of NEAR_TEXT_MAX.
 */
const char *near_text(const struct near *near, const char *before, char *buf);

/* Slips that make one of the other: a letter too many, missing, wrong, or two swapped; case is none. */
unsigned int near_distance(const char *a, const char *b);

#endif
