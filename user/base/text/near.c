// SPDX-License-Identifier: GPL-2.0-only
#include "near.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define WORD_MAX	 63 /* longer words are not typing mistakes */
#define PREFIX_MIN	 2  /* letters of a prefix that count as an abbreviation */
#define LETTERS_PER_SLIP 3

unsigned int near_distance(const char *a, const char *b)
{
	unsigned int rows[3][WORD_MAX + 2], *before = rows[0], *last = rows[1], *row = rows[2],
					    *swap;
	size_t m = strlen(a), n = strlen(b);

	if (m > WORD_MAX || n > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= n; j++)
		last[j] = j;
	for (size_t i = 1; i <= m; i++) {
		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			int x = tolower((unsigned char)a[i - 1]),
			    y = tolower((unsigned char)b[j - 1]);
			unsigned int best = last[j - 1] + (x != y);

			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
			    y == tolower((unsigned char)a[i - 2]) && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
		}
		swap = before;
		before = last;
		last = row;
		row = swap;
	}
	return last[n];
}

/* The beginning of a word counts as one slip, however much is missing: "una" may be meant for "unallow". */
static unsigned int distance_of(const char *typed, const char *candidate)
{
	size_t n = strlen(typed);

	if (n >= PREFIX_MIN && !strncasecmp(typed, candidate, n))
		return 1;
	return near_distance(typed, candidate);
}

static void keep(struct near *near, unsigned int distance, const char *candidate)
{
	if (near->count && distance > near->distance)
		return;
	if (near->count && distance < near->distance)
		near->count = 0;
	near->distance = distance;
	for (unsigned int i = 0; i < near->count; i++)
		if (!strcmp(near->words[i], candidate))
			return;
	if (near->count < NEAR_WORDS_MAX)
		near->words[near->count++] = candidate;
}

void near_try(struct near *near, const char *candidate)
{
	unsigned int d = distance_of(near->typed, candidate),
		     max = strlen(near->typed) / LETTERS_PER_SLIP;

	if (d <= (max ? max : 1) && d < strlen(candidate))
		keep(near, d, candidate);
}

/* A synonym that begins with a word already kept ("blocks" with "block") adds nothing. */
void near_try_synonym(struct near *near, const char *synonym, size_t length, const char *candidate)
{
	size_t n = strlen(near->typed);

	for (unsigned int i = 0; i < near->count; i++)
		if (!strncmp(synonym, near->words[i], strlen(near->words[i])))
			return;
	if (n >= PREFIX_MIN && n < length && !strncasecmp(near->typed, synonym, n))
		keep(near, 1, candidate);
}

const char *near_text(const struct near *near, const char *before, char *buf)
{
	size_t n = 0;

	buf[0] = '\0';
	for (unsigned int i = 0; i < near->count && n < NEAR_TEXT_MAX; i++)
		n += snprintf(buf + n, NEAR_TEXT_MAX - n, "%s'%s%.63s'",
			      !i		  ? " (did you mean " :
			      i + 1 < near->count ? ", " :
						    " or ",
			      before, near->words[i]);
	if (near->count && n < NEAR_TEXT_MAX)
		snprintf(buf + n, NEAR_TEXT_MAX - n, "?)");
	return buf;
}
