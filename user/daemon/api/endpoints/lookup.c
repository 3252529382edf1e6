// SPDX-License-Identifier: GPL-2.0-only
/* The control API: the identity of a source, in all its forms, and the verdict on it. */
#include <errno.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/attach/bogons.h"
#include "daemon/api/handlers.h"
#include "daemon/api/prefix.h"
#include "daemon/api/fates.h"
#include "net/prefix_typed.h"
#include "daemon/attach/egress/proof.h"
#include "daemon/guards/guard_rails.h"
#include "daemon/attach/reach.h"
#include "daemon/api/http/failures.h"
#include "daemon/api/http/reply.h"
#include "daemon/api/json/source_json.h"
#include "net/special_prefixes.h"
#include "net/action_rank.h"

#define BLOCKS_MAX 100 /* in an answer: a source may be listed by very many addresses */

static const char *kind_name(const struct source *source, const struct prefix *address)
{
	if (s64_src_key_is_v4(source->src_key))
		return "ipv4";
	switch (source->kind) {
	case S64_SOURCE_KIND_LINK_LOCAL:
		return "link-local";
	case S64_SOURCE_KIND_ISATAP:
		return "isatap";
	case S64_SOURCE_KIND_LENGTH:
		return "configured";
	default:
		break;
	}
	(void)address;
	return "native";
}

static json_t *registry_to_json(const struct source_rules *rules, const struct prefix *address)
{
	static const char *const sources[] = {[S64_SOURCE_OK] = "ok",
					      [S64_SOURCE_ONLINK] = "onlink",
					      [S64_SOURCE_POLICY] = "policy",
					      [S64_SOURCE_BOGON] = "bogon"};
	int i = special_find(address);

	if (prefix_is_v4(address))
		return json_null();
	if (i < 0 && prefix_hi(address) >> 61 == 1)
		return json_pack("{s:s, s:s, s:s}", "name", "global unicast", "reference",
				 "RFC 4291 2.4", "source", sources[S64_SOURCE_OK]);
	if (i < 0)
		return json_pack("{s:s, s:s, s:s}", "name", "not assigned", "reference",
				 "IANA IPv6 address space", "source", sources[S64_SOURCE_BOGON]);
	return json_pack(
		"{s:s, s:s, s:s}", "name", special_name(i), "reference", special_reference(i),
		"source",
		sources[bogon_is_translated(rules, address) ? S64_SOURCE_OK : special_source(i)]);
}

/* --- entries for it --- */

struct verdict {
	const struct daemon *daemon;
	json_t *blocks, *allowlist;
	bool truncated;	     /* there are more blocks */
	struct prefix block; /* the one that decides */
	enum store_kind kind;
	char text[768];
	const char *word;
	struct reach reach;
	bool is_ipv4;	   /* the form that is checked: an interface may ignore it */
	const char *never; /* why it cannot be a source, or NULL */
	enum bogon bogon;
	char bogon_text[320];
};

static bool add_block(const struct store_block *block, void *data)
{
	struct verdict *verdict = data;

	verdict->truncated = json_array_size(verdict->blocks) >= BLOCKS_MAX;
	if (!verdict->truncated)
		json_array_append_new(verdict->blocks,
				      block_to_json(block, &verdict->daemon->blocks, NULL));
	return !verdict->truncated;
}

/* Those that matter most are in the answer, however many there are. */
static bool add_missing(const struct store_block *block, void *data)
{
	struct verdict *verdict = data;
	json_t *object = block_to_json(block, &verdict->daemon->blocks, NULL), *row;
	bool is_there = false;
	size_t i;

	json_array_foreach (verdict->blocks, i, row)
		is_there |= json_equal(row, object);
	if (is_there)
		json_decref(object);
	else
		json_array_append_new(verdict->blocks, object);
	return true;
}

struct of_address {
	struct verdict *verdict;
	const struct prefix *prefix, *address;
};

static bool add_of_address(const struct store_block *first, void *data)
{
	struct of_address *of = data;
	struct error ignored;

	store_block_find(of->verdict->daemon->store, of->prefix, first->origin, of->address,
			 add_missing, of->verdict, &ignored);
	return true;
}

/* The rows of a prefix. If there are too many, also what they come to, and those of the address itself. */
static void add_blocks(struct verdict *verdict, const struct prefix *prefix,
		       const struct prefix *address)
{
	struct of_address of = {verdict, prefix, address};
	struct store *store = verdict->daemon->store;
	struct error ignored;

	store_block_at(store, prefix, add_block, verdict, &ignored);
	if (!verdict->truncated)
		return;
	store_block_deciding(store, prefix, NULL, clock_wall_ms(), add_missing, verdict, &ignored);
	store_block_origins(store, prefix, add_of_address, &of, &ignored);
}

static bool add_allow(const struct store_block *allow, void *data)
{
	struct verdict *verdict = data;

	json_array_append_new(verdict->allowlist, allow_to_json(allow, NULL));
	return true;
}

/* All rows around an address, the longest prefix first. */
static void gather(struct verdict *verdict, const struct prefix *address)
{
	struct error ignored;

	for (int length = address->length; length > 0; length--) {
		struct prefix around = prefix_around(&address->address, length);

		store_allow_at(verdict->daemon->store, &around, add_allow, verdict, &ignored);
		if (!prefix_is_v4(address) || length > PREFIX_V4_LENGTH)
			add_blocks(verdict, &around, address);
	}
}

/* The rate of a block is null, which reads as 0. */
static uint64_t rank_of(const json_t *row)
{
	uint32_t rate = json_integer_value(json_object_get(row, "rate"));

	return action_rank(rate, rate, json_integer_value(json_object_get(row, "burst")));
}

/* The deciding one of several rows for the longest prefix. */
static json_t *deciding(const struct verdict *verdict)
{
	json_t *first = json_array_get(verdict->blocks, 0), *found = first, *row;
	size_t i;

	json_array_foreach (verdict->blocks, i, row)
		if (json_equal(json_object_get(row, "prefix"), json_object_get(first, "prefix")) &&
		    rank_of(row) < rank_of(found))
			found = row;
	return found;
}

/* Why an entry has no effect, as a suffix. */
static void add_reach(struct verdict *verdict)
{
	size_t length = strlen(verdict->text);
	char text[320];

	if (reach_words(&verdict->reach, verdict->is_ipv4, text, sizeof(text))[0])
		snprintf(verdict->text + length, sizeof(verdict->text) - length, "%s%s",
			 !length ? "" :
			 verdict->is_ipv4 && !verdict->reach.enforcing &&
					 !verdict->reach.monitoring ?
				   "; it is stored, but " :
				   "; ",
			 text);
}

static void say_block(struct verdict *verdict, const json_t *block)
{
	bool throttle = !strcmp(json_string_value(json_object_get(block, "kind")), "throttle");
	const char *reason = json_string_value(json_object_get(block, "reason"));
	const char *address = json_string_value(json_object_get(block, "address"));

	verdict->word = throttle ? "throttled" : "blocked";
	snprintf(verdict->text, sizeof(verdict->text), "%s by %s%s%s%s%s",
		 json_string_value(json_object_get(block, "prefix")),
		 json_string_value(json_object_get(block, "origin")), address ? ", for " : "",
		 address ? address : "", reason ? ": " : "", reason ? reason : "");
	add_reach(verdict);
}

static void decide(struct verdict *verdict, const struct fate *fates, size_t count)
{
	json_t *block = deciding(verdict);
	json_t *allow = json_array_get(verdict->allowlist, 0);
	const char *word;

	verdict->text[0] = '\0';
	if (allow && !S64_MISTAKE(WHO_BLOCKED)) {
		verdict->word = "allowed";
		snprintf(verdict->text, sizeof(verdict->text),
			 "the allowed prefix %s is around it%s",
			 json_string_value(json_object_get(allow, "prefix")),
			 block ? ", which beats every block" : "");
	} else if (block) {
		say_block(verdict, block);
	} else if (verdict->never) {
		verdict->word = "dropped";
		snprintf(verdict->text, sizeof(verdict->text), "%s", verdict->never);
	} else if (verdict->bogon == BOGON_DROPPED) {
		verdict->word = "bogon";
		snprintf(verdict->text, sizeof(verdict->text), "%s", verdict->bogon_text);
	} else if ((word = fates_verdict(fates, count, verdict->text, sizeof(verdict->text)))) {
		verdict->word = word;
	} else {
		verdict->word = "passes";
		snprintf(verdict->text, sizeof(verdict->text),
			 "no entry applies, only the policy%s%s",
			 verdict->bogon == BOGON_BEYOND ? "; " : "",
			 verdict->bogon == BOGON_BEYOND ? verdict->bogon_text : "");
	}
	if (!verdict->is_ipv4 || verdict->reach.enforcing || verdict->reach.monitoring || allow)
		return;
	if (block) {
		verdict->word = "not-filtered";
	} else {
		verdict->text[0] = '\0';
		add_reach(verdict);
	}
}

/* bpf/verdict.h drops these, whatever the policy. */
static const char *never_a_source(const struct prefix *address)
{
	if (s64_is_multicast(prefix_hi(address)))
		return "multicast is never a source (RFC 4291 2.7)";
	if (!prefix_hi(address) && !prefix_lo(address))
		return ":: is every host that has no address yet: packets that need one are dropped (RFC 4291 2.5.2)";
	return NULL;
}

/* The entries for a source: first those for its identity, which take precedence (bpf/blocklist.h),
 * then those for the form; native IPv4 if it has no IPv6 form.
 */
static void verdict_of_form(struct verdict *verdict, const struct source *source,
			    const struct prefix *address, bool is_ipv4, const struct fate *fates,
			    size_t count)
{
	verdict->is_ipv4 = is_ipv4;
	reach_of(&verdict->daemon->ifaces, is_ipv4, &verdict->reach);
	if (s64_src_key_is_v4(source->src_key))
		gather(verdict, &source->shown);
	if (address && !prefix_is_v4(address)) {
		gather(verdict, address);
		verdict->never = never_a_source(address);
		verdict->bogon =
			bogon_where(&verdict->daemon->ifaces, &verdict->daemon->blocks.rules,
				    blocks_allowed(&verdict->daemon->blocks), address,
				    verdict->bogon_text, sizeof(verdict->bogon_text));
	}
	decide(verdict, fates, count);
}

static void verdict_free(struct verdict *verdict)
{
	json_decref(verdict->blocks);
	json_decref(verdict->allowlist);
}

/* `address` is in that form; NULL if it may be any. */
static void add_form(const struct daemon *daemon, const struct source *source, json_t *forms,
		     const char *kind, const char *text, const struct prefix *address)
{
	struct verdict verdict = {.daemon = daemon,
				  .blocks = json_array(),
				  .allowlist = json_array()};

	verdict_of_form(&verdict, source, address, !strcmp(kind, "ipv4"), NULL, 0);
	json_array_append_new(forms, json_pack("{s:s, s:s, s:s, s:s, s:b}", "kind", kind, "prefix",
					       text, "verdict", verdict.word, "why", verdict.text,
					       "enforced", verdict.reach.enforcing > 0));
	verdict_free(&verdict);
}

/* The forms of an IPv4 host behind every translator and tunnel. */
static void add_v4_forms(const struct daemon *daemon, const struct source *source, json_t *forms)
{
	const struct source_rules *rules = &daemon->blocks.rules;
	uint32_t v4 = s64_src_key_v4(source->src_key);
	char text[PREFIX_TEXT_MAX];
	struct prefix prefix = prefix_of_v4(v4, 32);

	add_form(daemon, source, forms, "ipv4", prefix_format(&prefix, text), NULL);
	prefix = prefix_of_bits(s64_src_key_of_v4(v4), 0, 48);
	add_form(daemon, source, forms, "6to4", prefix_format(&prefix, text), &prefix);
	for (unsigned int i = 0; i < rules->count; i++) {
		struct prefix translator = source_rule_prefix(&rules->rule[i]);

		if (rules->rule[i].kind != S64_SOURCE_KIND_NAT64)
			continue;
		prefix = nat64_address(&translator, v4);
		add_form(daemon, source, forms, "nat64", prefix_format(&prefix, text), &prefix);
	}
	/* server, flags and port (RFC 4380 4) may be anything */
	snprintf(text, sizeof(text), "2001:0:*:*:*:*:%x:%x", ~v4 >> 16 & 0xffff, ~v4 & 0xffff);
	add_form(daemon, source, forms, "teredo", text, NULL);
}

static json_t *forms_to_json(const struct daemon *daemon, const struct source *source,
			     const struct prefix *address)
{
	json_t *forms = json_array();
	char text[PREFIX_TEXT_MAX];

	if (s64_src_key_is_v4(source->src_key))
		add_v4_forms(daemon, source, forms);
	else
		add_form(daemon, source, forms, "native", prefix_format(&source->shown, text),
			 address);
	return forms;
}

static json_t *seen_row(const struct top_row *row)
{
	json_t *object;

	if (!row)
		return json_null();
	object = json_object();
	source_row_to_json(object, row);
	return object;
}

/* What a block of it would hit. */
static json_t *block_preview(struct daemon *daemon, const struct prefix *address)
{
	const struct guard_rails guard_rails = daemon_guard_rails(daemon, NULL);
	struct named_prefix named;
	char text[PREFIX_TEXT_MAX];
	struct guard_rails_answer answer;
	struct seen seen = {};
	struct error error;
	json_t *object;
	int err;

	prefix_resolve_parsed(daemon, address, PREFIX_WAS_ADDRESS, &named);
	error = named.why;
	err = named.err == -EINVAL ?
		      named.err :
		      guard_rails_check(&guard_rails,
					&(struct guard_rails_request){.prefix = &named.prefix,
								      .is_source = named.is_source,
								      .note = named.note,
								      .unsafe = named.err ?
											&named.why :
											NULL},
					&answer, &error);
	if (err == -EINVAL)
		return json_pack("{s:n, s:i, s:f, s:s, s:o, s:n}", "prefix", "sources_seen", 0,
				 "packets_per_second", 0.0, "refused", error.text, "refusal",
				 failure_to_json(failure_of(err, &error), &error), "note");
	samples_seen(&daemon->samples, &daemon->blocks.rules, &named.prefix, SEEN_SECONDS, &seen);
	object = json_pack("{s:s, s:o, s:o, s:o}", "prefix", prefix_format(&named.prefix, text),
			   "refused", text_or_null(err ? error.text : NULL), "refusal",
			   err ? failure_to_json(failure_of(err, &error), &error) : json_null(),
			   "note", text_or_null(answer.note[0] ? answer.note : NULL));
	source_seen_to_json(object, &seen);
	free(seen.row);
	return object;
}

static json_t *who(struct daemon *daemon, const struct prefix *address)
{
	struct source source =
		source_rules_identify(&daemon->blocks.rules, &daemon->maps.meta->seed, address);
	struct verdict verdict = {.daemon = daemon,
				  .blocks = json_array(),
				  .allowlist = json_array()};
	char text[PREFIX_TEXT_MAX], src_key[PREFIX_TEXT_MAX];
	struct fate fates[SAMPLES_FATES];
	const struct top_row *row;
	struct seen seen = {};
	json_t *object;
	int64_t proven_ms;
	size_t count;

	samples_drain(&daemon->samples, &daemon->blocks);
	samples_seen(&daemon->samples, &daemon->blocks.rules, &source.shown, SEEN_SECONDS, &seen);
	row = seen.rows ? &seen.row[0] : NULL;
	proven_ms = proof_since_ms(&daemon->maps, source.src_key);
	count = samples_fates(&daemon->samples, source.src_key, SEEN_SECONDS, fates);
	verdict_of_form(&verdict, &source, address, prefix_is_v4(address), fates, count);
	prefix_format(address, text);
	*strchr(text, '/') = '\0';
	object = json_pack(
		"{s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:s, s:b, s:o, s:b, s:o, s:o, s:s, s:o, s:o, s:o}",
		"address", text, "source", prefix_format(&source.shown, src_key), "source_kind",
		kind_name(&source, address), "check_chars", check_to_json(&source.shown),
		"registry", registry_to_json(&daemon->blocks.rules, address), "forms",
		forms_to_json(daemon, &source, address), "verdict", verdict.word, "why",
		verdict.text, "enforced", verdict.reach.enforcing > 0, "blocks", verdict.blocks,
		"blocks_truncated", verdict.truncated, "allowlist", verdict.allowlist, "seen",
		seen_row(row), "evidence", proven_ms ? "proven" : "none", "proven_since",
		time_to_json(proven_ms), "classes", fates_to_json(fates, count), "block",
		block_preview(daemon, address));
	free(seen.row);
	return object;
}

void control_get_lookup(struct daemon *daemon, struct evhttp_request *request)
{
	char *text = request_parameter(request, "address");
	struct prefix address;
	struct error error;

	if (!text)
		error_set(&error, 0, "'address' is missing");
	else
		error_set(&error, 0,
			  "'%.64s' is not an address: write it like 2001:db8::1 or 198.51.100.7",
			  text);
	if (!text || prefix_typed(text, &address, NULL) || address.length != 128)
		reply_error(request, -EINVAL, &error);
	else
		reply_object(request, who(daemon, &address));
	free(text);
}
