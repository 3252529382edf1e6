// SPDX-License-Identifier: GPL-2.0-only
/* Text typed by a listener: an accepted prefix is pronounced the same way again, and a guess is one
 * slip away. The first bytes of the input are also a prefix, which is pronounced and understood
 * again.
 */
#include "fuzz.h"

#include <errno.h>

#include "net/prefix.h"
#include "net/spoken.h"
#include "net/spoken_ja.h"

#define PREFIX_BYTES 9 /* a length, and the upper 64 bits */

static void check_prefix(const struct prefix *prefix)
{
	struct prefix cut;

	promise(prefix->length <= SPOKEN_LENGTH_MAX, "length %u", prefix->length);
	cut = prefix_around(&prefix->address, prefix->length);
	promise(!prefix_compare(&cut, prefix), "bits behind the length %u", prefix->length);
}

/* Dictated and spelled, it is understood correctly. */
static void check_round_trip(const struct prefix *prefix)
{
	struct prefix guess[SPOKEN_GUESSES_MAX], heard;
	char said[SPOKEN_TEXT_MAX], check[SPOKEN_CHECK + 1];
	unsigned int guesses;
	struct error error = {};

	promise(!spoken_check(prefix, check) && strlen(check) == SPOKEN_CHECK, "no check");
	promise(!spoken_say(prefix, said), "not said");
	promise(!spoken_hear(said, &heard, guess, &guesses, &error), "'%s' is not heard: %s", said,
		error.text);
	promise(!prefix_compare(&heard, prefix), "'%s' is heard as another", said);
	promise(!spoken_spell(prefix, said), "not spelled");
	promise(!spoken_hear(said, &heard, guess, &guesses, &error), "'%s' is not heard: %s", said,
		error.text);
	promise(!prefix_compare(&heard, prefix), "'%s' is heard as another", said);
}

/* In Japanese too. */
static void check_round_trip_ja(const struct prefix *prefix)
{
	struct prefix guess[SPOKEN_GUESSES_MAX], heard;
	char said[SPOKEN_JA_MAX];
	unsigned int guesses;
	struct error error = {};

	promise(!spoken_ja_say(prefix, said), "not said");
	promise(!spoken_hear(said, &heard, guess, &guesses, &error), "'%s' is not heard: %s", said,
		error.text);
	promise(!prefix_compare(&heard, prefix), "'%s' is heard as another", said);
	promise(!spoken_ja_spell(prefix, said), "not spelled");
	promise(!spoken_hear(said, &heard, guess, &guesses, &error), "'%s' is not heard: %s", said,
		error.text);
	promise(!prefix_compare(&heard, prefix), "'%s' is heard as another", said);
}

static void hear(const char *text)
{
	struct prefix guess[SPOKEN_GUESSES_MAX], prefix;
	unsigned int guesses = 0;
	struct error error = {};
	int err = spoken_hear(text, &prefix, guess, &guesses, &error);

	promise(!err || err == -EBADMSG || err == -EINVAL, "returned %d", err);
	promise(guesses <= SPOKEN_GUESSES_MAX, "%u guesses", guesses);
	promise(!guesses || err == -EBADMSG, "guesses, and no need of them");
	if (err) {
		promise_one_line(error.text, sizeof(error.text));
	} else {
		check_prefix(&prefix);
		check_round_trip(&prefix);
	}
	for (unsigned int i = 0; i < guesses; i++) {
		check_prefix(&guess[i]);
		check_round_trip(&guess[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct prefix prefix;
	uint64_t hi = 0;
	char *text;

	if (bytes >= PREFIX_BYTES) {
		for (int i = 1; i < PREFIX_BYTES; i++)
			hi = hi << 8 | data[i];
		prefix = prefix_of_bits(hi, 0, SPOKEN_LENGTH_MAX);
		prefix = prefix_around(&prefix.address, data[0] % (SPOKEN_LENGTH_MAX + 1));
		check_round_trip(&prefix);
		check_round_trip_ja(&prefix);
	}
	text = exact_text(data, bytes);
	hear(text);
	free(text);
	return 0;
}
