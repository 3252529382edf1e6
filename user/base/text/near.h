/* SPDX-License-Identifier: GPL-2.0-only */
/* "Did you mean": known words close to an unknown one, as git suggests them. */
#ifndef SLASH64_BASE_TEXT_NEAR_H
#define SLASH64_BASE_TEXT_NEAR_H

#include <stddef.h>

#define NEAR_WORDS_MAX 3
#define NEAR_TEXT_MAX  256

/* The candidates for one typed word; initialise with {.typed = ...}. They must live as long as this
 * struct.
 */
struct near {
	const char *typed;
	unsigned int distance; /* of all candidates */
	unsigned int count;
	const char *words[NEAR_WORDS_MAX];
};

void near_try(struct near *near, const char *candidate);

/* The same for a synonym of `candidate`, if it begins with what was typed. Call it after near_try()
 * of all candidates.
 */
void near_try_synonym(struct near *near, const char *synonym, size_t length, const char *candidate);

/* " (did you mean 'list' or 'log'?)", or "" if nothing is close. `before` is put before each word,
 * for example "--" for options. Returns buf, of NEAR_TEXT_MAX.
 */
const char *near_text(const struct near *near, const char *before, char *buf);

/* The edit distance: a letter added, missing, wrong, or two swapped. Case is ignored. */
unsigned int near_distance(const char *a, const char *b);

#endif
