// SPDX-License-Identifier: GPL-2.0-only
#include "spoken.h"
#include "spoken_ja.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PLAIN_MAX 2048 /* bytes: what is longer is no prefix */
#define MODULUS	  1271
#define RADIX	  36

static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* ICAO Annex 10, volume II, 5.2.1.3; digits as a listener writes them. */
static const char *const words[RADIX] = {
	"zero",	 "one",	    "two",   "three",	"four",	  "five",     "six",	 "seven",  "eight",
	"nine",	 "Alfa",    "Bravo", "Charlie", "Delta",  "Echo",     "Foxtrot", "Golf",   "Hotel",
	"India", "Juliett", "Kilo",  "Lima",	"Mike",	  "November", "Oscar",	 "Papa",   "Quebec",
	"Romeo", "Sierra",  "Tango", "Uniform", "Victor", "Whiskey",  "Xray",	 "Yankee", "Zulu",
};

/* Other words that people use. */
static const struct alias {
	const char *word;
	char character;
} aliases[] = {
	{"ALPHA", 'A'},	 {"JULIET", 'J'}, {"WHISKY", 'W'}, {"NINER", '9'},
	{"FIFE", '5'},	 {"TREE", '3'},	  {"FOWER", '4'},  {"OH", '0'},
	{"NOUGHT", '0'}, {"NIL", '0'},	  {"X", 'X'},
};

static int value_of(char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? at - alphabet : -1;
}

/* ISO/IEC 7064, pure system with two check characters. */
static void check_of(const char *text, size_t n, char check[SPOKEN_CHECK + 1])
{
	unsigned int p = 0, k;

	for (size_t i = 0; i < n; i++)
		p = (p + value_of(text[i])) * RADIX % MODULUS;
	p = p * RADIX % MODULUS;
	k = (MODULUS + 1 - p) % MODULUS;
	check[0] = alphabet[k / RADIX];
	check[1] = alphabet[k % RADIX];
	check[2] = '\0';
}

/* 16 digits, 2 of the length, 2 of the check. */
int spoken_characters(const struct prefix *prefix, char out[SPOKEN_CHARS + 1])
{
	if (prefix->length > SPOKEN_LENGTH_MAX)
		return -ERANGE;
	snprintf(out, SPOKEN_CHARS + 1, "%016llX%02u", (unsigned long long)prefix_hi(prefix),
		 prefix->length);
	check_of(out, SPOKEN_DIGITS + SPOKEN_LENGTH, out + SPOKEN_DIGITS + SPOKEN_LENGTH);
	return 0;
}

int spoken_check(const struct prefix *prefix, char check[SPOKEN_CHECK + 1])
{
	char all[SPOKEN_CHARS + 1];
	int err = spoken_characters(prefix, all);

	if (!err)
		strcpy(check, all + SPOKEN_DIGITS + SPOKEN_LENGTH);
	return err;
}

int spoken_say(const struct prefix *prefix, char buf[SPOKEN_TEXT_MAX])
{
	char c[SPOKEN_CHARS + 1];
	int err = spoken_characters(prefix, c);

	if (!err)
		snprintf(buf, SPOKEN_TEXT_MAX, "%.4s, %.4s, %.4s, %.4s, length %.2s, check %s %s",
			 c, c + 4, c + 8, c + 12, c + SPOKEN_DIGITS, words[value_of(c[18])],
			 words[value_of(c[19])]);
	return err;
}

int spoken_spell(const struct prefix *prefix, char buf[SPOKEN_TEXT_MAX])
{
	char c[SPOKEN_CHARS + 1];
	int err = spoken_characters(prefix, c);
	size_t n = 0;

	for (int i = 0; i < SPOKEN_CHARS && !err; i++) {
		const char *before = i == SPOKEN_DIGITS			? ", length " :
				     i == SPOKEN_DIGITS + SPOKEN_LENGTH ? ", check " :
				     i == 0				? "" :
				     i % 4 == 0				? ", " :
									  " ";

		n += snprintf(buf + n, SPOKEN_TEXT_MAX - n, "%s%s", before, words[value_of(c[i])]);
	}
	return err;
}

/* --- listening --- */

/* The three parts, while they are collected. */
struct heard {
	char digits[SPOKEN_CHARS + 1], length[8], check[8];
	size_t digit_count, length_count, check_count;
	enum { DIGITS, LENGTH, CHECK } part;
	size_t group; /* digits since the last colon */
	bool colons;
};

static int append(char *out, size_t *count, size_t max, char c)
{
	if (*count + 1 >= max)
		return -EINVAL;
	out[(*count)++] = c;
	out[*count] = '\0';
	return 0;
}

static int take_character(struct heard *heard, char c)
{
	switch (heard->part) {
	case DIGITS:
		heard->group++;
		return append(heard->digits, &heard->digit_count, sizeof(heard->digits), c);
	case LENGTH:
		/* the check may follow the two digits directly; an O among them was misread, and a
		 * guess corrects it
		 */
		if (heard->length_count == SPOKEN_LENGTH) {
			heard->part = CHECK;
			return append(heard->check, &heard->check_count, sizeof(heard->check), c);
		}
		return append(heard->length, &heard->length_count, sizeof(heard->length), c);
	default:
		return append(heard->check, &heard->check_count, sizeof(heard->check), c);
	}
}

static int find_word(const char *word)
{
	for (int i = 0; i < RADIX; i++)
		if (!strcasecmp(words[i], word))
			return alphabet[i];
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (!strcasecmp(aliases[i].word, word))
			return aliases[i].character;
	return 0;
}

static int take_word(struct heard *heard, const char *word, struct error *error)
{
	int c = find_word(word);

	if (!strcasecmp(word, "length") || !strcasecmp(word, "slash")) {
		heard->part = LENGTH;
		return 0;
	}
	if (!strcasecmp(word, "check")) {
		heard->part = CHECK;
		return 0;
	}
	if (c)
		return take_character(heard, c) ?
			       error_set(error, -EINVAL, "too many characters at '%s'", word) :
			       0;
	for (const char *p = word; *p; p++)
		if (take_character(heard, toupper((unsigned char)*p)))
			return error_set(error, -EINVAL, "too many characters at '%s'", word);
	return 0;
}

/* A colon ends a group of four digits, whose leading zeros may have been left out; two colons end
 * the prefix.
 */
static int take_colon(struct heard *heard, bool twice)
{
	if (heard->part != DIGITS)
		return 0;
	heard->colons = true;
	while (heard->group && heard->group < 4) {
		size_t start = heard->digit_count - heard->group;

		if (heard->digit_count + 2 > sizeof(heard->digits))
			return -EINVAL;
		memmove(heard->digits + start + 1, heard->digits + start, heard->group + 1);
		heard->digits[start] = '0';
		heard->digit_count++;
		heard->group++;
	}
	heard->group = 0;
	while (twice && heard->digit_count < SPOKEN_DIGITS)
		if (append(heard->digits, &heard->digit_count, sizeof(heard->digits), '0'))
			return -EINVAL;
	return 0;
}

static int listen_to(const char *text, struct heard *heard, struct error *error)
{
	while (*text) {
		char word[32];
		size_t n = 0;
		int err;

		if (*text == ':') {
			bool twice = text[1] == ':';

			if (take_colon(heard, twice))
				return error_set(error, -EINVAL, "too many digits");
			text += twice ? 2 : 1;
			continue;
		}
		if (*text == '/') {
			if (heard->colons)
				take_colon(heard, false);
			heard->part = LENGTH;
			text++;
			continue;
		}
		if (!isalnum((unsigned char)*text)) {
			if (!strchr(" \t\n,.;-", *text))
				return error_set(error, -EINVAL, "unexpected character '%c'",
						 isprint((unsigned char)*text) ? *text : '?');
			/* X-ray */
			text++;
			continue;
		}
		while (isalnum((unsigned char)text[n]) && n + 1 < sizeof(word)) {
			word[n] = text[n];
			n++;
		}
		word[n] = '\0';
		/* "X-ray" is one word with a hyphen */
		if (!strcasecmp(word, "x") && !strncasecmp(text + 1, "-ray", 4))
			n += 4;
		err = take_word(heard, word, error);
		if (err)
			return err;
		text += n;
	}
	return 0;
}

/* All 20 characters, in whatever way they were typed. */
static int gather(struct heard *heard, char all[SPOKEN_CHARS + 1], struct error *error)
{
	/* one run without words: it ends with the length and the check */
	if (!heard->length_count && !heard->check_count && heard->digit_count == SPOKEN_CHARS) {
		strcpy(all, heard->digits);
		return 0;
	}
	if (heard->digit_count != SPOKEN_DIGITS)
		return error_set(error, -EINVAL,
				 "%zu of the 16 digits before the length were heard; "
				 "say all 16, including zeros",
				 heard->digit_count);
	if (heard->length_count != SPOKEN_LENGTH)
		return error_set(error, -EINVAL, "the length must be two digits, like 'length 64'");
	if (!heard->check_count)
		return error_set(
			error, -EINVAL,
			"the check is missing: two characters, like 'check November Delta'; ask for it");
	if (heard->check_count != SPOKEN_CHECK)
		return error_set(error, -EINVAL,
				 "the check must be two characters, like 'check November Delta'");
	snprintf(all, SPOKEN_CHARS + 1, "%.16s%.2s%.2s", heard->digits, heard->length,
		 heard->check);
	return 0;
}

/* Characters that fit together: hexadecimal digits, a length, no bits behind it, and the check. */
static bool characters_valid(const char *all, struct prefix *prefix, bool with_check)
{
	char check[SPOKEN_CHECK + 1];
	unsigned int length;
	uint64_t hi = 0;

	for (int i = 0; i < SPOKEN_DIGITS; i++) {
		int v = value_of(all[i]);

		if (v < 0 || v > 15)
			return false;
		hi = hi << 4 | v;
	}
	if (!isdigit((unsigned char)all[16]) || !isdigit((unsigned char)all[17]))
		return false;
	length = (all[16] - '0') * 10 + all[17] - '0';
	if (length > SPOKEN_LENGTH_MAX || (length < 64 && hi << length))
		return false;
	*prefix = prefix_of_bits(hi, 0, length);
	check_of(all, SPOKEN_DIGITS + SPOKEN_LENGTH, check);
	return !with_check || !memcmp(check, all + SPOKEN_DIGITS + SPOKEN_LENGTH, SPOKEN_CHECK);
}

static void add_guess(struct prefix guess[SPOKEN_GUESSES_MAX], unsigned int *guesses,
		      const struct prefix *prefix)
{
	for (unsigned int i = 0; i < *guesses; i++)
		if (!prefix_compare(&guess[i], prefix))
			return;
	if (*guesses < SPOKEN_GUESSES_MAX)
		guess[(*guesses)++] = *prefix;
}

static void find_guesses(const char *heard, struct prefix guess[SPOKEN_GUESSES_MAX],
			 unsigned int *guesses)
{
	char all[SPOKEN_CHARS + 1];
	struct prefix prefix;

	strcpy(all, heard);
	for (int i = 0; i < SPOKEN_CHARS; i++) {
		for (int v = 0; v < RADIX; v++) {
			all[i] = alphabet[v];
			if (characters_valid(all, &prefix, true))
				add_guess(guess, guesses, &prefix);
		}
		all[i] = heard[i];
	}
	for (int i = 0; i + 1 < SPOKEN_CHARS; i++) {
		all[i] = heard[i + 1];
		all[i + 1] = heard[i];
		if (characters_valid(all, &prefix, true))
			add_guess(guess, guesses, &prefix);
		all[i] = heard[i];
		all[i + 1] = heard[i + 1];
	}
}

int spoken_hear(const char *text, struct prefix *prefix, struct prefix guess[SPOKEN_GUESSES_MAX],
		unsigned int *guesses, struct error *error)
{
	struct heard heard = {.part = DIGITS};
	char all[SPOKEN_CHARS + 1], plain[PLAIN_MAX];
	int err;

	*guesses = 0;
	if (spoken_ja_plain(text, plain, sizeof(plain)))
		return error_set(error, -EINVAL, "too long for a spoken prefix");
	err = listen_to(plain, &heard, error);
	if (!err)
		err = gather(&heard, all, error);
	if (err)
		return err;
	if (characters_valid(all, prefix, true))
		return 0;
	find_guesses(all, guess, guesses);
	return error_set(error, -EBADMSG, "the check does not fit: something was misheard");
}
