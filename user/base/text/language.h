/* SPDX-License-Identifier: GPL-2.0-only */
/* The language of what a person reads: English, or the one that the environment asks for (LC_ALL, LC_MESSAGES, LANG,
 * LANGUAGE), if there is a catalogue of it. Programs that do not call language_init(), like slash64d, print English.
 *
 * The format of numbers does not change. What programs read is written in English: see language_english().
 */
#ifndef SLASH64_BASE_TEXT_LANGUAGE_H
#define SLASH64_BASE_TEXT_LANGUAGE_H

#include <stdbool.h>

/* The text in the language of the reader. A format keeps its directives. */
#define _(text) language_text(text)
/* Marks a text of a table, which is translated when it is printed. */
#define N_(text) text
/* The text for so many. */
#define P_(one, many, n) language_text_of(one, many, n)

/* Before threads, and before anything is printed. */
void language_init(void);

/* From now on everything is in English: the output is for a program. */
void language_english(void);

/* Is it another language than English? */
bool language_is_foreign(void);

const char *language_text(const char *text) __attribute__((format_arg(1)));
const char *language_text_of(const char *one, const char *many, unsigned long n)
	__attribute__((format_arg(1), format_arg(2)));

/* What the C library calls an error, in the language of the reader; other texts unchanged. */
const char *language_of_library(const char *text);

#endif
