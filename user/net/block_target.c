// SPDX-License-Identifier: GPL-2.0-only
#include "block_target.h"

#include <errno.h>
#include <slash64/maps.h>
#include <stdio.h>
#include <string.h>

#define LINK_LOCAL 0xfe80000000000000ULL

static const char *const kind_names[S64_SOURCE_KIND_COUNT] = {
	[S64_SOURCE_KIND_NAT64] = "NAT64",
	[S64_SOURCE_KIND_TEREDO] = "Teredo",
	[S64_SOURCE_KIND_6TO4] = "6to4",
};

/* The stored form of a whole source, for an address in it. */
static struct block_target block_target_of_source(const struct source *source)
{
	return (struct block_target){source->shown, true, source->src_key};
}

/* If ISATAP hosts are sources of their own, a /64 contains several, and is not one source. */
static bool holds_finer_sources(const struct s64_source_rule *rule, uint8_t length)
{
	return rule && rule->kind == S64_SOURCE_KIND_ISATAP && length <= S64_SOURCE_NATIVE_LENGTH;
}

struct block_target block_target_of_stored(const struct source_rules *rules,
					   const struct s64_seed *seed, const struct prefix *prefix)
{
	struct source source = source_rules_identify(rules, seed, prefix);

	/* An IPv4 host is stored as IPv4; a prefix written in a translator's form is stored in that
	 * form.
	 */
	if (prefix_compare(&source.shown, prefix) ||
	    holds_finer_sources(source.rule, prefix->length))
		return (struct block_target){*prefix, false, 0};
	return block_target_of_source(&source);
}

struct prefix block_target_said(const struct block_target *target, const struct prefix *prefix)
{
	return prefix_compare(&target->prefix, prefix) && !S64_MISTAKE(SAID_LOST) ?
		       *prefix :
		       (struct prefix){};
}

/* --- what somebody wrote --- */

static void say(char said[BLOCK_TARGET_NOTE_MAX], const struct prefix *from,
		const struct source *to)
{
	char a[PREFIX_TEXT_MAX], b[PREFIX_TEXT_MAX];

	if (!said)
		return;
	prefix_format(from, a);
	if (from->length == 128 && !prefix_is_v4(from))
		*strchr(a, '/') = '\0';
	prefix_format(&to->shown, b);
	if (kind_names[to->kind])
		snprintf(said, BLOCK_TARGET_NOTE_MAX,
			 "%s is %s behind %s, which applies in all its forms", a, b,
			 kind_names[to->kind]);
	else
		snprintf(said, BLOCK_TARGET_NOTE_MAX, "%s stands for its %s, %s", a,
			 to->length == 64 ? "/64" : "source", b);
}

static int block_target_of_address(const struct source_rules *rules, const struct s64_seed *seed,
				   const struct prefix *address, struct block_target *target,
				   char said[BLOCK_TARGET_NOTE_MAX])
{
	struct source source = source_rules_identify(rules, seed, address);

	*target = block_target_of_stored(rules, seed, &source.shown);
	if (prefix_compare(&source.shown, address))
		say(said, address, &source);
	return 0;
}

/* A prefix within that of a translator or a tunnel. */
static int target_of_form(const struct source_rules *rules, const struct s64_seed *seed,
			  const struct s64_source_rule *rule, const struct prefix *prefix,
			  struct block_target *target, char said[BLOCK_TARGET_NOTE_MAX],
			  struct error *error)
{
	uint8_t whole = rule->kind == S64_SOURCE_KIND_6TO4  ? 48 :
			rule->kind == S64_SOURCE_KIND_NAT64 ? nat64_end(rule->length) :
							      128;
	struct source source = source_rules_identify(rules, seed, prefix);
	char text[PREFIX_TEXT_MAX], host[PREFIX_TEXT_MAX];

	prefix_format(prefix, text);
	prefix_format(&source.shown, host);
	if (prefix->length == whole ||
	    (rule->kind == S64_SOURCE_KIND_NAT64 && prefix->length > whole)) {
		*target = block_target_of_source(&source);
		if (prefix_compare(&source.shown, prefix))
			say(said, prefix, &source);
		return 0;
	}
	*target = (struct block_target){*prefix, false, 0};
	switch (rule->kind) {
	case S64_SOURCE_KIND_6TO4:
		if (prefix->length < whole)
			return 0; /* as many hosts as any prefix of that length */
		return error_set(error, -EDOM,
				 "%s is not blocked: it is part of the 6to4 source %s; block that",
				 text, host);
	case S64_SOURCE_KIND_TEREDO:
		return error_set(
			error, -EDOM,
			"%s is not blocked: it is a Teredo server's, with all its clients behind it; block the IPv4 address of the client",
			text);
	case S64_SOURCE_KIND_LINK_LOCAL:
		return error_set(
			error, -EDOM,
			"%s is not blocked: every neighbour on the link is in it; block the one host, as fe80::1/128",
			text);
	default:
		return error_set(
			error, -EDOM,
			"%s is not blocked: it is a translator's (NAT64), with up to %llu IPv4 addresses behind it; block an IPv4 address or prefix",
			text, 1ULL << (whole - prefix->length > 32 ? 32 : whole - prefix->length));
	}
}

static int block_target_of_length(const struct s64_source_rule *rule, const struct prefix *prefix,
				  struct block_target *target, struct error *error)
{
	struct prefix shown = prefix_around(&prefix->address, rule->source_length);
	char text[PREFIX_TEXT_MAX], right[PREFIX_TEXT_MAX];

	*target = (struct block_target){*prefix, false, 0};
	prefix_format(prefix, text);
	if (prefix->length > rule->source_length)
		return error_set(error, -EDOM,
				 "%s is not blocked: it is part of the source %s; block that", text,
				 prefix_format(&shown, right));
	if (rule->source_length > S64_SOURCE_NATIVE_LENGTH &&
	    prefix->length >= S64_SOURCE_NATIVE_LENGTH)
		return error_set(
			error, -EDOM,
			"%s is not blocked: it is shared by several sources, each a /%u; block one of those",
			text, rule->source_length);
	return 0;
}

/* A rule whose prefix is within this one: behind a translator or a tunnel are more hosts than it
 * seems.
 */
static int contains_form(const struct source_rules *rules, const struct prefix *prefix,
			 struct error *error)
{
	char text[PREFIX_TEXT_MAX], form[PREFIX_TEXT_MAX];

	for (unsigned int i = 0; i < rules->count; i++) {
		struct prefix inner;

		/* nearly all of them lie elsewhere */
		if ((rules->rule[i].hi ^ prefix_hi(prefix)) & prefix_mask(prefix->length))
			continue;
		inner = source_rule_prefix(&rules->rule[i]);
		if (rules->rule[i].kind == S64_SOURCE_KIND_LENGTH ||
		    rules->rule[i].kind == S64_SOURCE_KIND_ISATAP ||
		    prefix->length >= inner.length || !prefix_contains(prefix, &inner))
			continue;
		prefix_format(prefix, text);
		prefix_format(&inner, form);
		if (rules->rule[i].kind == S64_SOURCE_KIND_LINK_LOCAL)
			return error_set(
				error, -EDOM,
				"%s is not blocked: every neighbour on every link is in it", text);
		return error_set(
			error, -EDOM,
			"%s is not blocked: the whole IPv4 Internet is in it, behind %s (%s); block an IPv4 address or prefix",
			text, form, kind_names[rules->rule[i].kind]);
	}
	return 0;
}

/* A prefix that the maps cannot hold at all. */
static int check_prefix(const struct prefix *prefix, struct error *error)
{
	char text[PREFIX_TEXT_MAX];
	uint64_t hi = prefix_hi(prefix);

	if (hi >> 61 == 1 && prefix->length >= S64_PREFIX_LENGTH_MIN)
		return 0; /* nearly always */
	prefix_format(prefix, text);
	if (prefix_is_v4(prefix) ? prefix->length == PREFIX_V4_LENGTH : prefix->length == 0)
		return error_set(error, -EINVAL, "%s is everything: name the parts that you mean",
				 text);
	if (prefix->length < S64_PREFIX_LENGTH_MIN && hi >> 54 == LINK_LOCAL >> 54)
		return error_set(
			error, -EINVAL,
			"%s is too short: a prefix has a length of %d to 128; every link-local address is in fe80::/64 (RFC 4291 2.5.6)",
			text, S64_PREFIX_LENGTH_MIN);
	if (prefix->length < S64_PREFIX_LENGTH_MIN)
		return error_set(error, -EINVAL,
				 "%s is too short: a prefix has a length of %d to 128", text,
				 S64_PREFIX_LENGTH_MIN);
	if (s64_is_multicast(hi))
		return error_set(
			error, -EINVAL,
			"%s cannot be blocked or allowed: it is multicast, which is never a source (RFC 4291 2.7)",
			text);
	if (prefix_is_v4(prefix) && prefix->length == 128 && (uint32_t)prefix_lo(prefix) == 0)
		return error_set(
			error, -EINVAL,
			"%s cannot be blocked or allowed: it is no host's address, but that of hosts without one yet (RFC 1122 3.2.1.3)",
			text);
	if (!prefix_is_v4(prefix) && hi == 0)
		return error_set(
			error, -EINVAL,
			"%s cannot be blocked or allowed: ::/64 has no source but ::, of hosts without an address yet (RFC 4291 2.5.2)",
			text);
	return 0;
}

int block_target_of(const struct source_rules *rules, const struct s64_seed *seed,
		    const struct prefix *prefix, enum prefix_note note, struct block_target *target,
		    char said[BLOCK_TARGET_NOTE_MAX], struct error *error)
{
	const struct s64_source_rule *rule =
		source_rules_find(rules, prefix_hi(prefix), prefix_lo(prefix));
	char text[PREFIX_TEXT_MAX];
	int err = check_prefix(prefix, error);

	if (said)
		said[0] = '\0';
	if (err)
		return err;
	if (note == PREFIX_WAS_ADDRESS)
		return block_target_of_address(rules, seed, prefix, target, said);
	if (said && note == PREFIX_HAD_HOST_BITS)
		snprintf(said, BLOCK_TARGET_NOTE_MAX, "host bits were ignored: %s",
			 prefix_format(prefix, text));
	*target = block_target_of_stored(rules, seed, prefix);
	err = contains_form(rules, prefix, error);
	if (err)
		return err;
	if (!rule || prefix->length < __builtin_popcountll(rule->hi_mask) +
					      __builtin_popcountll(rule->lo_mask))
		return 0;
	switch (rule->kind) {
	case S64_SOURCE_KIND_ISATAP:
		return 0;
	case S64_SOURCE_KIND_LENGTH:
		return target->is_source ? 0 : block_target_of_length(rule, prefix, target, error);
	}
	return target_of_form(rules, seed, rule, prefix, target, said, error);
}
