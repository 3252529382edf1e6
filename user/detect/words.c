// SPDX-License-Identifier: GPL-2.0-only
#include "words.h"

#include <stdio.h>

struct prefix detect_prefix_of(const struct detect_track *track, const struct source_rules *rules,
			       const struct s64_seed *seed, bool *is_source)
{
	struct prefix address = prefix_of_bits(track->hi, track->lo, 128), prefix;
	struct block_target target;

	prefix = track->is_source ? source_rules_identify(rules, seed, &address).shown :
				    prefix_of_bits(track->hi, 0, track->length);
	target = block_target_of_stored(rules, seed, &prefix);
	*is_source = target.is_source;
	return target.prefix;
}

uint32_t detect_spared_of(const struct detect_track *track, const struct source_rules *rules,
			  const struct s64_seed *seed, struct prefix spared[HEAVY_SPARED_MAX])
{
	for (uint32_t i = 0; i < track->spared_known; i++) {
		struct prefix address =
			prefix_of_bits(track->example[i].hi, track->example[i].lo, 128);

		spared[i] = source_rules_identify(rules, seed, &address).shown;
	}
	return track->spared_known;
}

const char *detect_words(const struct detect_rule *rule, const struct detect_values *values,
			 char text[DETECT_WORDS_MAX])
{
	size_t n = 0;

	text[0] = '\0';
	for (int i = 0; i < DETECT_MEASURE_COUNT && n < DETECT_WORDS_MAX; i++) {
		int digits = detect_measure_is_share(i) ? 2 : 0;

		if (rule->over.of[i] > 0)
			n += snprintf(text + n, DETECT_WORDS_MAX - n, "%s%s %.*f over %.*f",
				      n ? ", " : "", detect_measure_name(i), digits, values->of[i],
				      digits, rule->over.of[i]);
	}
	return text;
}
