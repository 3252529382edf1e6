/* SPDX-License-Identifier: GPL-2.0-only */
/* A prefix read over the telephone: its 16 hexadecimal digits, its length as two digits, and two
 * check characters, ISO/IEC 7064 MOD 1271-36 over those 18. They detect every single wrong
 * character and every swap of neighbours.
 */
#ifndef SLASH64_NET_SPOKEN_H
#define SLASH64_NET_SPOKEN_H

#include "base/error.h"
#include "prefix.h"

#define SPOKEN_DIGITS	  16 /* of the upper 64 bits */
#define SPOKEN_LENGTH	  2  /* digits of the length */
#define SPOKEN_CHECK	  2
#define SPOKEN_CHARS	  (SPOKEN_DIGITS + SPOKEN_LENGTH + SPOKEN_CHECK)
#define SPOKEN_LENGTH_MAX 64 /* longer prefixes have more digits than anyone wants to hear */

#define SPOKEN_TEXT_MAX 512

/* Writes two check letters and the final 0 into check. -ERANGE if the prefix is longer than a /64.
 */
int spoken_check(const struct prefix *prefix, char check[SPOKEN_CHECK + 1]);

/* The 16 digits, 2 of the length, 2 of the check. -ERANGE as above. */
int spoken_characters(const struct prefix *prefix, char out[SPOKEN_CHARS + 1]);

/* "2001, 0DB8, DEAD, BEEF, length 64, check November Delta" into buf. -ERANGE as above. */
int spoken_say(const struct prefix *prefix, char buf[SPOKEN_TEXT_MAX]);

/* Every character as a word: "two zero zero one, zero Delta Bravo eight, ...". */
int spoken_spell(const struct prefix *prefix, char buf[SPOKEN_TEXT_MAX]);

#define SPOKEN_GUESSES_MAX 8

/* Parses what a listener typed: digits, words of the ICAO alphabet, any case, commas, colons,
 * spaces; or in Japanese, see spoken_ja.h. 0: *prefix is what was said. -EBADMSG: the check failed; guess[0..*guesses) is what was
 * meant if one slip explains it, a wrong character or two neighbours swapped. -EINVAL: it is no
 * prefix; *error says why.
 */
int spoken_hear(const char *text, struct prefix *prefix, struct prefix guess[SPOKEN_GUESSES_MAX],
		unsigned int *guesses, struct error *error);

#endif
