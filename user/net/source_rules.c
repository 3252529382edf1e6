// SPDX-License-Identifier: GPL-2.0-only
#include "source_rules.h"

#include <errno.h>
#include <slash64/maps.h>
#include <string.h>

static unsigned int rule_length(const struct s64_source_rule *rule)
{
	return __builtin_popcountll(rule->hi_mask) + __builtin_popcountll(rule->lo_mask);
}

struct prefix source_rule_prefix(const struct s64_source_rule *rule)
{
	return prefix_of_bits(rule->hi, rule->lo, rule_length(rule));
}

static void insert(struct source_rules *rules, const struct s64_source_rule *rule)
{
	unsigned int i = 0;

	while (i < rules->count && rule_length(&rules->rule[i]) >= rule_length(rule))
		i++;
	memmove(&rules->rule[i + 1], &rules->rule[i], (rules->count - i) * sizeof(*rule));
	rules->rule[i] = *rule;
	rules->count++;
}

static struct s64_source_rule rule_of(uint64_t hi, uint64_t lo, uint8_t length,
				      enum s64_source_kind kind, uint8_t source_length)
{
	return (struct s64_source_rule){
		.hi = hi & s64_mask_hi(length),
		.hi_mask = s64_mask_hi(length),
		.lo = lo & s64_mask_lo(length),
		.lo_mask = s64_mask_lo(length),
		.used = 1,
		.kind = kind,
		.length = length,
		.source_length = source_length,
	};
}

void source_rules_init(struct source_rules *rules)
{
	static const struct s64_source_rule standard[] = {
#define X(h, l, n, k) {.hi = h, .lo = l, .length = n, .kind = S64_SOURCE_KIND_##k},
		S64_SOURCE_RULES(X)
#undef X
	};

	memset(rules, 0, sizeof(*rules));
	for (size_t i = 0; i < sizeof(standard) / sizeof(standard[0]); i++) {
		struct s64_source_rule rule = rule_of(standard[i].hi, standard[i].lo,
						      standard[i].length, standard[i].kind, 0);

		insert(rules, &rule);
	}
}

uint8_t nat64_end(uint8_t length)
{
	/* 32 bits behind the prefix, and 8 more if they cross bits 64 to 71 */
	switch (length) {
	case 32:
		return 64;
	case 96:
		return 128;
	}
	return length + 40;
}

static bool nat64_length_is_valid(uint8_t length)
{
	switch (length) {
	case 32:
	case 40:
	case 48:
	case 56:
	case 64:
	case 96:
		return true;
	}
	return false;
}

int source_rules_add(struct source_rules *rules, const struct prefix *prefix,
		     enum s64_source_kind kind, uint8_t source_length, struct error *error)
{
	struct s64_source_rule rule =
		rule_of(prefix_hi(prefix), prefix_lo(prefix), prefix->length, kind, source_length);
	char text[PREFIX_TEXT_MAX];

	prefix_format(prefix, text);
	if (kind == S64_SOURCE_KIND_NAT64 && !nat64_length_is_valid(prefix->length))
		return error_set(error, -EINVAL,
				 "invalid translator prefix %s: RFC 6052 allows the "
				 "lengths 32, 40, 48, 56, 64 and 96",
				 text);
	if (kind == S64_SOURCE_KIND_ISATAP && prefix->length > S64_SOURCE_NATIVE_LENGTH)
		return error_set(error, -EINVAL,
				 "%s is longer than a /64: ISATAP has the "
				 "IPv4 address in the last 32 bits",
				 text);
	if (kind == S64_SOURCE_KIND_LENGTH &&
	    (source_length < S64_PREFIX_LENGTH_MIN || source_length > 128))
		return error_set(error, -EINVAL, "a source of %s has a length of %d to 128, not %u",
				 text, S64_PREFIX_LENGTH_MIN, source_length);
	if (kind == S64_SOURCE_KIND_LENGTH && source_length < prefix->length)
		return error_set(error, -EINVAL,
				 "a source of %s cannot be shorter than it, and a /%u is", text,
				 source_length);
	if (prefix->length < S64_PREFIX_LENGTH_MIN || prefix_is_v4(prefix))
		return error_set(error, -EINVAL, "%s is not an IPv6 prefix of /%d or longer", text,
				 S64_PREFIX_LENGTH_MIN);
	if (rules->count == S64_SOURCE_RULES_MAX)
		return error_set(error, -ENOSPC, "more than %d rules about sources",
				 S64_SOURCE_RULES_MAX);
	for (unsigned int i = 0; i < rules->count; i++) {
		struct prefix other = source_rule_prefix(&rules->rule[i]);

		if (!prefix_compare(&other, prefix))
			return error_set(error, -EEXIST, "duplicate rule for %s", text);
	}
	insert(rules, &rule);
	return 0;
}

bool source_rules_equal(const struct source_rules *a, const struct source_rules *b)
{
	return a->count == b->count && !memcmp(a->rule, b->rule, a->count * sizeof(a->rule[0]));
}

const struct s64_source_rule *source_rules_find(const struct source_rules *rules, uint64_t hi,
						uint64_t lo)
{
	for (unsigned int i = 0; i < rules->count; i++)
		if (s64_source_rule_matches(&rules->rule[i], hi, lo))
			return &rules->rule[i];
	return NULL;
}

struct source source_rules_identify(const struct source_rules *rules, const struct s64_seed *seed,
				    const struct prefix *address)
{
	uint64_t hi = prefix_hi(address), lo = prefix_lo(address);
	const struct s64_source_rule *rule = source_rules_find(rules, hi, lo);
	struct source source = {.src_key = s64_src_key_of_bits(hi),
				.length = S64_SOURCE_NATIVE_LENGTH,
				.rule = rule};

	if (prefix_is_v4(address)) {
		source.src_key = s64_src_key_of_v4(lo);
		source.length = 128;
		source.shown = prefix_of_v4(lo, 32);
		return source;
	}
	if (rule) {
		source.kind = rule->kind;
		source.src_key = s64_src_key_by_rule(rule, hi, lo, seed, &source.length);
		if (source.kind == S64_SOURCE_KIND_ISATAP &&
		    source.length == S64_SOURCE_NATIVE_LENGTH)
			source.kind = S64_SOURCE_KIND_NATIVE;
	}
	source.shown = s64_src_key_is_v4(source.src_key) ?
			       prefix_of_v4(s64_src_key_v4(source.src_key), 32) :
			       prefix_of_bits(hi, lo, source.length);
	return source;
}

struct prefix nat64_address(const struct prefix *translator, uint32_t v4)
{
	uint64_t hi = prefix_hi(translator), lo = prefix_lo(translator), v = v4;

	switch (translator->length) {
	case 32:
		return prefix_of_bits(hi | v, 0, 128);
	case 40:
		return prefix_of_bits(hi | v >> 8, (v & 0xff) << 48, 128);
	case 48:
		return prefix_of_bits(hi | v >> 16, (v & 0xffff) << 40, 128);
	case 56:
		return prefix_of_bits(hi | v >> 24, (v & 0xffffff) << 32, 128);
	case 64:
		return prefix_of_bits(hi, v << 24, 128);
	}
	return prefix_of_bits(hi, lo | v, 128);
}
