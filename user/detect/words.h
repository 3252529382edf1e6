/* SPDX-License-Identifier: GPL-2.0-only */
/* What detection has found, in prefixes and words. */
#ifndef SLASH64_DETECT_WORDS_H
#define SLASH64_DETECT_WORDS_H

#include "detect.h"
#include "net/block_target.h"

/* What a block of it would be about, in the stored form; *is_source: it is one source. */
struct prefix detect_prefix_of(const struct detect_track *track, const struct source_rules *rules,
			       const struct s64_seed *seed, bool *is_source);

/* The sources in it that take no part, as far as they are known by name. Returns their number. */
uint32_t detect_spared_of(const struct detect_track *track, const struct source_rules *rules,
			  const struct s64_seed *seed, struct prefix spared[HEAVY_SPARED_MAX]);

/* "packets_per_second 30012 over 5000, syn_share 0.97 over 0.8" */
#define DETECT_WORDS_MAX 200
const char *detect_words(const struct detect_rule *rule, const struct detect_values *values,
			 char text[DETECT_WORDS_MAX]);

#endif
