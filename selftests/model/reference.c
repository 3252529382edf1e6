// SPDX-License-Identifier: GPL-2.0-only
#include "reference.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GUARDED_LENGTH_MIN    29
#define GUARDED_V4_LENGTH_MIN 13
#define WIDE_LENGTH	      48
#define WIDE_V4_LENGTH	      24
#define LENGTH_MIN	      16
#define TABLE_PREFIXES	      1024 /* as the model's configuration has it */

/* --- addresses, bit by bit --- */

static bool has_bits(const struct in6_addr *address, const char *prefix, unsigned int length)
{
	struct in6_addr other;

	inet_pton(AF_INET6, prefix, &other);
	for (unsigned int i = 0; i < length; i++)
		if ((address->s6_addr[i / 8] ^ other.s6_addr[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

static struct prefix cut(const struct in6_addr *address, unsigned int length)
{
	struct prefix out = {.address = *address, .length = length};

	for (unsigned int i = length; i < 128; i++)
		out.address.s6_addr[i / 8] &= ~(0x80 >> i % 8);
	return out;
}

static bool contains(const struct prefix *outer, const struct in6_addr *address)
{
	unsigned int bytes = outer->length / 8, bits = outer->length % 8;

	return !memcmp(&outer->address, address, bytes) &&
	       (!bits || !((outer->address.s6_addr[bytes] ^ address->s6_addr[bytes]) >> (8 - bits)));
}

static bool same(const struct prefix *a, const struct prefix *b)
{
	return a->length == b->length && !memcmp(&a->address, &b->address, sizeof(a->address));
}

bool ref_lies_in(const struct prefix *inner, const struct prefix *outer)
{
	return inner->length >= outer->length && contains(outer, &inner->address);
}

static bool is_v4(const struct in6_addr *address)
{
	return IN6_IS_ADDR_V4MAPPED(address);
}

static struct in6_addr mapped(const uint8_t v4[4])
{
	struct in6_addr out = {};

	out.s6_addr[10] = out.s6_addr[11] = 0xff;
	memcpy(&out.s6_addr[12], v4, 4);
	return out;
}

/* --- who a source is --- */

static bool has_lengths(enum sites_variant sites)
{
	return sites == SITES_LENGTHS || sites == SITES_BOTH;
}

static bool is_translated(enum sites_variant sites, const struct in6_addr *address)
{
	return has_bits(address, "64:ff9b::", 96) ||
	       ((sites == SITES_NAT64 || sites == SITES_BOTH) && has_bits(address, "2001:db8:64::", 96));
}

static bool is_customer(enum sites_variant sites, const struct in6_addr *address)
{
	return has_lengths(sites) && has_bits(address, "2001:db8:5600::", 40);
}

/* Is it an IPv4 address in another form? */
static bool v4_behind(enum sites_variant sites, const struct in6_addr *address, struct in6_addr *v4)
{
	uint8_t bytes[4];

	if (is_v4(address)) {
		*v4 = *address;
		return true;
	}
	if (is_translated(sites, address)) {
		memcpy(bytes, &address->s6_addr[12], 4);
	} else if (has_bits(address, "2001::", 32)) {
		for (int i = 0; i < 4; i++)
			bytes[i] = ~address->s6_addr[12 + i];
	} else if (has_bits(address, "2002::", 16)) {
		memcpy(bytes, &address->s6_addr[2], 4);
	} else {
		return false;
	}
	*v4 = mapped(bytes);
	return true;
}

static struct prefix site_of(enum sites_variant sites, const struct in6_addr *address)
{
	struct in6_addr v4;

	if (v4_behind(sites, address, &v4))
		return cut(&v4, 128);
	if (has_bits(address, "fe80::", 10))
		return cut(address, 128);
	return cut(address, is_customer(sites, address) ? 56 : 64);
}

/* Is a form, or the link, of which one prefix holds many sources, within it? */
static bool holds_a_form(enum sites_variant sites, const struct prefix *prefix)
{
	static const struct {
		const char *text;
		unsigned int length;
	} forms[] = {{"64:ff9b::", 96}, {"2001::", 32}, {"2002::", 16}, {"fe80::", 10}, {"2001:db8:64::", 96}};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct in6_addr form;

		if (i == 4 && sites != SITES_NAT64 && sites != SITES_BOTH)
			continue;
		inet_pton(AF_INET6, forms[i].text, &form);
		if (prefix->length < forms[i].length && contains(prefix, &form))
			return true;
	}
	return false;
}

static enum unit_verdict unit_of_form(enum sites_variant sites, const struct prefix *prefix, struct prefix *out)
{
	const struct in6_addr *address = &prefix->address;
	bool six_to_four = has_bits(address, "2002::", 16) && prefix->length >= 16;
	bool teredo = has_bits(address, "2001::", 32) && prefix->length >= 32;
	bool translated = is_translated(sites, address) && prefix->length >= 96;
	bool neighbours = has_bits(address, "fe80::", 10) && prefix->length >= 10;

	if (!six_to_four && !teredo && !translated && !neighbours) {
		if (is_customer(sites, address) && prefix->length > 56)
			return UNIT_UNSAFE;
		return UNIT_OK;
	}
	if (prefix->length == (six_to_four ? 48 : 128)) {
		*out = site_of(sites, address);
		return UNIT_OK;
	}
	return six_to_four && prefix->length < 48 ? UNIT_OK : UNIT_UNSAFE;
}

enum unit_verdict ref_unit(enum sites_variant sites, const char *text, struct prefix *prefix, struct prefix *said)
{
	enum prefix_note note;
	struct prefix written;
	enum unit_verdict verdict = UNIT_OK;

	if (prefix_parse_whole(text, &written, &note))
		return UNIT_NONE;
	*said = (struct prefix){};
	*prefix = written;
	if (is_v4(&written.address) && written.length >= 96)
		return written.length == 96 ? UNIT_NONE : UNIT_OK;
	if (written.length < LENGTH_MIN || written.address.s6_addr[0] == 0xff || has_bits(&written.address, "::", 64))
		return UNIT_NONE;
	if (!strchr(text, '/'))
		*prefix = site_of(sites, &written.address);
	else if (holds_a_form(sites, &written))
		verdict = UNIT_UNSAFE;
	else
		verdict = unit_of_form(sites, &written, prefix);
	if (!same(prefix, &written))
		*said = written;
	return verdict;
}

/* --- rows --- */

void ref_copy(struct ref_state *to, const struct ref_state *from)
{
	memcpy(to, from, offsetof(struct ref_state, allow) + from->allows * sizeof(from->allow[0]));
	memcpy(to->row, from->row, from->rows * sizeof(from->row[0]));
	memcpy(to->gone, from->gone, from->gones * sizeof(from->gone[0]));
}

void ref_begin(struct ref_state *state)
{
	state->stamp++;
	state->gones = 0;
	state->action = NULL;
}

static void note_gone(struct ref_state *state, const char *action, const struct prefix *prefix, const char *origin)
{
	struct ref_gone *gone = &state->gone[state->gones++];

	*gone = (struct ref_gone){.action = action, .prefix = *prefix};
	strcpy(gone->origin, origin);
}

struct ref_row *ref_find(struct ref_state *state, const struct prefix *prefix, const char *origin,
			 const struct prefix *said)
{
	for (unsigned int i = 0; i < state->rows; i++) {
		struct ref_row *row = &state->row[i];

		if (same(&row->prefix, prefix) && !strcmp(row->origin, origin) && same(&row->said, said))
			return row;
	}
	return NULL;
}

void ref_put(struct ref_state *state, const struct ref_row *row)
{
	struct ref_row *old = ref_find(state, &row->prefix, row->origin, &row->said);

	if (!old && state->rows == ROWS_MAX)
		world_fail("model", "more rows than the reference has room for");
	if (!old)
		old = &state->row[state->rows++];
	*old = *row;
	old->stamp = state->stamp;
}

void ref_remove(struct ref_state *state, struct ref_row *row)
{
	note_gone(state, "unblock", &row->prefix, row->origin);
	*row = state->row[--state->rows];
}

struct ref_allow *ref_allow_find(struct ref_state *state, const struct prefix *prefix, const char *origin)
{
	for (unsigned int i = 0; i < state->allows; i++)
		if (same(&state->allow[i].prefix, prefix) && !strcmp(state->allow[i].origin, origin))
			return &state->allow[i];
	return NULL;
}

void ref_allow_put(struct ref_state *state, const struct prefix *prefix, const char *origin, const char *reason)
{
	struct ref_allow *allow = ref_allow_find(state, prefix, origin);

	if (!allow && state->allows == ALLOWS_MAX)
		world_fail("model", "more allowed prefixes than the reference has room for");
	if (!allow)
		allow = &state->allow[state->allows++];
	allow->prefix = *prefix;
	snprintf(allow->origin, sizeof(allow->origin), "%s", origin);
	snprintf(allow->reason, sizeof(allow->reason), "%s", reason ? reason : "");
	allow->stamp = state->stamp;
	allow->maybe = false;
}

void ref_allow_remove(struct ref_state *state, struct ref_allow *allow)
{
	note_gone(state, "disallow", &allow->prefix, allow->origin);
	*allow = state->allow[--state->allows];
}

int64_t ref_until(const struct ref_row *row)
{
	if (row->until_ms || !row->span_ms)
		return row->until_ms;
	return (row->is_changed	   ? row->from_ms :
		row->start_ms >= 0 ? row->start_ms :
				     row->start_from_ms) +
	       row->span_ms;
}

unsigned int ref_expire(struct ref_state *state, int64_t now_ms)
{
	unsigned int gone = 0;

	for (unsigned int i = 0; i < state->rows;) {
		int64_t until_ms = ref_until(&state->row[i]);

		if (until_ms && until_ms <= now_ms) {
			ref_remove(state, &state->row[i]);
			state->gone[state->gones - 1].action = "end";
			gone++;
		} else {
			i++;
		}
	}
	return gone;
}

int64_t ref_next_end(const struct ref_state *state)
{
	int64_t next = 0;

	for (unsigned int i = 0; i < state->rows; i++) {
		int64_t until_ms = ref_until(&state->row[i]);

		if (until_ms && (!next || until_ms < next))
			next = until_ms;
	}
	return next;
}

/* --- what becomes of a source --- */

static bool is_stricter(const struct ref_row *a, const struct ref_row *b)
{
	if (a->throttle != b->throttle)
		return !a->throttle;
	return a->throttle && (a->rate < b->rate || (a->rate == b->rate && a->burst < b->burst));
}

/* The longest around it, and of those the strictest. */
static const struct ref_row *longest(const struct ref_state *state, const struct in6_addr *address)
{
	const struct ref_row *found = NULL;

	for (unsigned int i = 0; i < state->rows; i++) {
		const struct ref_row *row = &state->row[i];

		if (!contains(&row->prefix, address))
			continue;
		if (!found || row->prefix.length > found->prefix.length ||
		    (row->prefix.length == found->prefix.length && is_stricter(row, found)))
			found = row;
	}
	return found;
}

static bool is_allowed(const struct ref_state *state, const struct in6_addr *address)
{
	for (unsigned int i = 0; i < state->allows; i++)
		if (contains(&state->allow[i].prefix, address))
			return true;
	return false;
}

struct ref_verdict ref_judge(const struct ref_state *state, const struct in6_addr *address)
{
	struct ref_verdict verdict = {};
	const struct ref_row *row = NULL;
	struct in6_addr v4;
	bool has_v4 = v4_behind(state->config.sites, address, &v4);

	/* it is the same source whatever form it came in; and what is allowed in one form is so in that */
	verdict.allowed = is_allowed(state, address) || (has_v4 && is_allowed(state, &v4));
	if (verdict.allowed)
		return verdict;
	if (has_v4)
		row = longest(state, &v4);
	if (!row)
		row = longest(state, address);
	if (!row)
		return verdict;
	verdict.why = row;
	verdict.fate = row->throttle ? REF_THROTTLED : REF_BLOCKED;
	verdict.rate = row->rate;
	verdict.burst = row->burst;
	return verdict;
}

/* --- may it be? --- */

bool ref_allowed_around(const struct ref_state *state, const struct prefix *prefix)
{
	for (unsigned int i = 0; i < state->allows; i++)
		if (ref_lies_in(prefix, &state->allow[i].prefix))
			return true;
	return false;
}

bool ref_allowed_within(const struct ref_state *state, const struct prefix *prefix)
{
	for (unsigned int i = 0; i < state->allows; i++)
		if (state->allow[i].prefix.length > prefix->length && ref_lies_in(&state->allow[i].prefix, prefix))
			return true;
	return false;
}

bool ref_is_short(const struct prefix *prefix)
{
	if (is_v4(&prefix->address) && prefix->length >= 96)
		return prefix->length - 96 < GUARDED_V4_LENGTH_MIN;
	return prefix->length < GUARDED_LENGTH_MIN;
}

bool ref_is_wide(enum sites_variant sites, const struct prefix *prefix)
{
	if (is_v4(&prefix->address) && prefix->length >= 96)
		return prefix->length - 96 < WIDE_V4_LENGTH;
	return prefix->length < WIDE_LENGTH;
}

const struct ref_row *ref_around(const struct ref_state *state, const struct prefix *prefix)
{
	const struct ref_row *found = NULL;

	for (unsigned int i = 0; i < state->rows; i++) {
		const struct ref_row *row = &state->row[i];

		if (row->prefix.length >= prefix->length || !ref_lies_in(prefix, &row->prefix))
			continue;
		if (!found || row->prefix.length > found->prefix.length ||
		    (row->prefix.length == found->prefix.length && is_stricter(row, found)))
			found = row;
	}
	return found;
}

/* Whoever lives there, or more than that. */
static bool is_own(const struct ref_config *config, const struct prefix *prefix)
{
	for (unsigned int i = 0; i < config->owns; i++) {
		struct prefix own;

		prefix_parse_whole(config->own[i], &own, NULL);
		if (ref_lies_in(prefix, &own) || ref_lies_in(&own, prefix))
			return true;
	}
	return false;
}

bool ref_is_guarded(const struct ref_config *config, const struct prefix *prefix, const struct in6_addr *ssh)
{
	struct in6_addr address, v4;

	if (is_own(config, prefix))
		return true;
	for (int i = 0; i < KNOWN_MAX; i++)
		if (world->known[i].is_there && contains(prefix, &world->known[i].address))
			return true;
	for (unsigned int i = 0; i < config->peers; i++) {
		if (strchr(config->peer[i], '.')) {
			uint8_t bytes[4];

			inet_pton(AF_INET, config->peer[i], bytes);
			address = mapped(bytes);
		} else {
			inet_pton(AF_INET6, config->peer[i], &address);
		}
		if (contains(prefix, &address) || (v4_behind(config->sites, &address, &v4) && contains(prefix, &v4)))
			return true;
	}
	return ssh && contains(prefix, ssh);
}

unsigned int ref_rates(const struct ref_state *state, uint32_t rate, uint32_t burst, bool *known)
{
	static uint32_t seen[ROWS_MAX][2];
	unsigned int count = 0;

	*known = false;
	for (unsigned int i = 0; i < state->rows; i++) {
		const struct ref_row *row = &state->row[i];
		unsigned int j;

		if (!row->throttle)
			continue;
		*known |= row->rate == rate && row->burst == burst;
		for (j = 0; j < count && (seen[j][0] != row->rate || seen[j][1] != row->burst); j++)
			;
		if (j == count) {
			seen[count][0] = row->rate;
			seen[count++][1] = row->burst;
		}
	}
	return count;
}

/* --- a configuration --- */

static bool says_block(const struct ref_config *config, const struct prefix *prefix)
{
	for (unsigned int i = 0; i < config->blocks; i++) {
		struct prefix said, entry;

		ref_unit(config->sites, config->block[i].text, &entry, &said);
		if (same(&entry, prefix))
			return true;
	}
	return false;
}

static bool says_allow(const struct ref_config *config, const struct prefix *prefix)
{
	for (unsigned int i = 0; i < config->allows; i++) {
		struct prefix said, entry;

		ref_unit(config->sites, config->allow[i].text, &entry, &said);
		if (same(&entry, prefix))
			return true;
	}
	return false;
}

/* Who writes the file sees what it allows, and not what was allowed beside it. */
static bool holds_allowed_by_hand(const struct ref_state *state, const struct prefix *prefix)
{
	for (unsigned int i = 0; i < state->allows; i++)
		if (strcmp(state->allow[i].origin, "config") && ref_lies_in(&state->allow[i].prefix, prefix))
			return true;
	return false;
}

static enum ref_take take_blocks(struct ref_state *state, const struct ref_config *config, bool start, int64_t from_ms,
				 int64_t to_ms)
{
	static const struct prefix none;

	for (unsigned int i = 0; i < config->blocks; i++) {
		const struct ref_entry *entry = &config->block[i];
		struct ref_row row = {.start_ms = -1, .start_from_ms = from_ms, .start_to_ms = to_ms}, *old;
		struct prefix said;
		enum unit_verdict unit = ref_unit(config->sites, entry->text, &row.prefix, &said);
		bool refused =
			!entry->force && (unit != UNIT_OK || ref_allowed_around(state, &row.prefix) ||
					  holds_allowed_by_hand(state, &row.prefix) || ref_is_short(&row.prefix) ||
					  ref_is_guarded(config, &row.prefix, NULL));

		strcpy(row.origin, "config");
		strcpy(row.reason, entry->reason);
		old = ref_find(state, &row.prefix, row.origin, &none);
		if (refused && !old && !start)
			return REF_REFUSED;
		if ((refused && !old) || (old && !strcmp(old->reason, row.reason)))
			continue;
		if (old) { /* it has another reason now */
			row.start_ms = old->start_ms;
			row.start_from_ms = old->start_from_ms;
			row.start_to_ms = old->start_to_ms;
		}
		ref_put(state, &row);
	}
	for (unsigned int i = 0; i < state->rows;) {
		struct ref_row *row = &state->row[i];

		if (!strcmp(row->origin, "config") && !says_block(config, &row->prefix))
			ref_remove(state, row);
		else
			i++;
	}
	return REF_TAKEN;
}

static void take_allows(struct ref_state *state, const struct ref_config *config)
{
	for (unsigned int i = 0; i < config->allows; i++) {
		struct prefix prefix, said;
		const struct ref_allow *old;

		ref_unit(config->sites, config->allow[i].text, &prefix, &said);
		old = ref_allow_find(state, &prefix, "config");
		if (!old || strcmp(old->reason, config->allow[i].reason))
			ref_allow_put(state, &prefix, "config", config->allow[i].reason);
	}
	for (unsigned int i = 0; i < state->allows;) {
		struct ref_allow *allow = &state->allow[i];

		if (!strcmp(allow->origin, "config") && !says_allow(config, &allow->prefix))
			ref_allow_remove(state, allow);
		else
			i++;
	}
}

enum ref_take ref_take_config(struct ref_state *state, const struct ref_config *config, bool start, int64_t from_ms,
			      int64_t to_ms)
{
	enum ref_take taken;

	if (config->is_garbage)
		return REF_REFUSED;
	if (config->many_allows > TABLE_PREFIXES)
		return REF_NO_ROOM;
	take_allows(state, config);
	taken = take_blocks(state, config, start, from_ms, to_ms);
	state->config = *config;
	state->detacheds = 0;
	return taken;
}

/* --- interfaces --- */

static bool goes_by(const struct model_link *link, const char *name)
{
	return !strcmp(link->name, name) || !strcmp(link->other_name, name);
}

static struct ref_filtering by_own_name(const struct ref_state *state, const struct model_link *link)
{
	struct ref_filtering out = {};

	for (unsigned int i = 0; i < state->config.ifaces && !out.wanted; i++) {
		const struct ref_iface *iface = &state->config.iface[i];

		if (!goes_by(link, iface->name))
			continue;
		out.wanted = true;
		out.ipv4 = iface->ipv4;
		out.monitor = iface->filter >= 0 ? iface->filter : state->config.filter > 0;
	}
	for (unsigned int i = 0; i < state->hands; i++) {
		if (!goes_by(link, state->hand[i].name))
			continue;
		if (!out.wanted)
			out.monitor = state->config.filter > 0;
		out.wanted = true;
		if (state->hand[i].filter >= 0)
			out.monitor = state->hand[i].filter;
	}
	for (unsigned int i = 0; i < state->detacheds; i++)
		out.wanted = out.wanted && !goes_by(link, state->detached[i]);
	return out;
}

static struct ref_filtering by_name_before(const struct ref_state *state, const struct model_link *link)
{
	struct model_link before = {};

	strcpy(before.name, link->renamed_from);
	return by_own_name(state, &before);
}

struct ref_filtering ref_filtering(const struct ref_state *state, const struct model_link *link)
{
	struct ref_filtering out = by_own_name(state, link);

	return out.wanted || !link->renamed_from[0] ? out : by_name_before(state, link);
}

static bool is_taken(const char *name)
{
	for (int i = 0; i < LINKS_MAX; i++)
		if (world->link[i].ifindex && goes_by(&world->link[i], name))
			return true;
	return false;
}

void ref_forget_renamed(const struct ref_state *state)
{
	for (int i = 0; i < LINKS_MAX; i++) {
		struct model_link *link = &world->link[i];

		if (link->ifindex && link->renamed_from[0] &&
		    (by_own_name(state, link).wanted || !by_name_before(state, link).wanted ||
		     is_taken(link->renamed_from)))
			link->renamed_from[0] = '\0';
	}
}
