// SPDX-License-Identifier: GPL-2.0-only
#include "decode.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/utf8.h"
#include "net/limits.h"

#define LONG_DIGITS 19 /* more than INT64_MAX may have, which is all that jansson reads */

/* Extended communities, by their upper 16 bits. */
#define RATE_BYTES   0x8006U /* RFC 8955, 7.1 */
#define RATE_PACKETS 0x800cU /* RFC 8955, 7.2 */
#define TYPE_SHIFT   48
#define SUBTYPE_MASK 0xffU
#define ROUTE_TARGET 0x02U /* RFC 4360; of the types 0x00 to 0x02, and 0x40 to 0x42 */
#define ROUTE_ORIGIN 0x03U

const char *const flow_refusal_names[FLOW_REFUSALS] = {
	"executed",   "component", "no-source", "offset",   "prefix", "ipv4",	 "action",
	"rate-bytes", "rate",	   "rate-wide", "neighbor", "within", "invalid", "room",
};

const char *const flow_refusal_texts[FLOW_REFUSALS] = {
	[FLOW_EXECUTED] = "",
	[FLOW_COMPONENT] = "slash64 holds a source whatever its packets are",
	[FLOW_NO_SOURCE] = "it names no source, or all of them",
	[FLOW_OFFSET] = "it matches a part of an address, behind an offset",
	[FLOW_PREFIX] = "its prefix is not readable, or has bits behind its length",
	[FLOW_IPV4] = "slash64 would block the address in all forms: see ipv4 in flowspec.yaml",
	[FLOW_ACTION] = "its action is none, or several, or not discard or a rate of packets",
	[FLOW_RATE_BYTES] = "it limits bytes, and slash64 counts packets",
	[FLOW_RATE] = "its rate is not a whole number of packets per second",
	[FLOW_RATE_WIDE] = "each source of the prefix would have the rate to itself",
	[FLOW_NEIGHBOR] = "the configuration accepts no rules of this neighbor",
	[FLOW_WITHIN] = "the configuration accepts no rules about this source",
	[FLOW_INVALID] = "validation: rfc8955 asks for a destination that can be checked",
	[FLOW_NO_ROOM] = "there are more rules than max",
};

/* --- numbers of 64 bits: as text --- */

static bool is_number_end(char c)
{
	return c != '.' && c != 'e' && c != 'E' && !isalnum((unsigned char)c);
}

/* Long numbers outside of strings get quotes. NULL if out of memory; to be freed. */
static char *quote_long_numbers(const char *line)
{
	char *out = malloc(2 * strlen(line) + 1), *to = out;
	bool in_string = false;

	while (out && *line) {
		size_t n = in_string ? 0 : strspn(line, "0123456789");

		if (n >= LONG_DIGITS && is_number_end(line[n])) {
			to += sprintf(to, "\"%.*s\"", (int)n, line);
			line += n;
			continue;
		}
		if (n) {
			memcpy(to, line, n);
			to += n;
			line += n;
			continue;
		}
		if (in_string && *line == '\\' && line[1])
			*to++ = *line++;
		else if (*line == '"')
			in_string = !in_string;
		*to++ = *line++;
	}
	if (out)
		*to = '\0';
	return out;
}

static bool number_of(const json_t *value, uint64_t *number)
{
	const char *text = json_string_value(value);
	char *end;

	if (json_is_integer(value) && json_integer_value(value) >= 0) {
		*number = json_integer_value(value);
		return true;
	}
	if (!text || !isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*number = strtoull(text, &end, 10);
	return !*end && !errno;
}

/* --- actions --- */

struct actions {
	unsigned int count;
	enum flow_refusal refusal;
	bool blocks;
	uint32_t rate;
	char text[FLOW_ACTION_MAX];
};

static void add_text(struct actions *actions, const char *text)
{
	size_t n = strlen(actions->text);

	if (!text)
		return;
	snprintf(actions->text + n, sizeof(actions->text) - n, "%s%s", n ? " " : "", text);
	utf8_end_whole(actions->text);
}

static float float_of(uint64_t community)
{
	uint32_t bits = (uint32_t)community;
	float value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

static void take_rate(struct actions *actions, uint64_t community, bool of_packets)
{
	float rate = float_of(community);

	actions->count++;
	if (isnan(rate) || isinf(rate))
		actions->refusal = FLOW_RATE;
	else if (rate <= 0) /* a negative one counts as zero (RFC 8955, 7.1) */
		actions->blocks = true;
	else if (!of_packets)
		actions->refusal = FLOW_RATE_BYTES;
	else if (rate < 1 || rate > RATE_MAX || rate != floorf(rate))
		actions->refusal = FLOW_RATE;
	else
		actions->rate = (uint32_t)rate;
}

static void take_community(struct actions *actions, uint64_t community)
{
	unsigned int type = community >> TYPE_SHIFT, subtype = type & SUBTYPE_MASK;
	unsigned int high = type >> 8 & ~0x40U;

	if (type == RATE_BYTES || type == RATE_PACKETS)
		take_rate(actions, community, type == RATE_PACKETS);
	else if (high > 2 || (subtype != ROUTE_TARGET && subtype != ROUTE_ORIGIN))
		actions->refusal = FLOW_ACTION;
}

static struct actions actions_of(const json_t *update)
{
	const json_t *attribute = json_object_get(update, "attribute"), *value;
	const json_t *list = json_object_get(attribute, "extended-community");
	struct actions actions = {};
	const char *key;
	json_t *other;
	size_t i;

	json_array_foreach (list, i, value) {
		uint64_t community;

		add_text(&actions, json_string_value(json_object_get(value, "string")));
		if (number_of(json_object_get(value, "value"), &community))
			take_community(&actions, community);
		else
			actions.refusal = FLOW_ACTION;
	}
	/* such as redirects by an extended community of IPv6 (RFC 8956, 6.1) */
	json_object_foreach ((json_t *)attribute, key, other)
		if (strstr(key, "extended-community") && strcmp(key, "extended-community")) {
			actions.refusal = FLOW_ACTION;
			add_text(&actions, key);
		}
	if (!actions.refusal && actions.count != 1)
		actions.refusal = FLOW_ACTION;
	return actions;
}

/* --- one rule --- */

/* "2001:db8::/64/0" with its offset, "192.0.2.0/24". */
static enum flow_refusal parse_source(const char *text, bool is_v4, struct prefix *prefix)
{
	char buf[PREFIX_TEXT_MAX + 8], *length, *offset;
	enum prefix_note note;

	if (!text || strlen(text) >= sizeof(buf))
		return FLOW_PREFIX;
	strcpy(buf, text);
	length = strchr(buf, '/');
	offset = length ? strchr(length + 1, '/') : NULL;
	if (!length || (offset && is_v4))
		return FLOW_PREFIX;
	if (offset && strcmp(offset, "/0"))
		return FLOW_OFFSET;
	if (offset)
		*offset = '\0';
	if (prefix_parse_whole(buf, prefix, &note) || note != PREFIX_EXACT ||
	    (strchr(buf, ':') == NULL) != is_v4) {
		*prefix = (struct prefix){};
		return FLOW_PREFIX;
	}
	return prefix->length > (is_v4 ? PREFIX_V4_LENGTH : 0) ? FLOW_EXECUTED : FLOW_NO_SOURCE;
}

/* A destination that is every address of the family matches all packets that the source does. */
static bool is_everywhere(const char *key, const json_t *value, bool is_v4)
{
	const char *text = json_string_value(json_array_get(value, 0));

	if (json_array_size(value) != 1 || !text)
		return false;
	if (is_v4)
		return !strcmp(key, "destination-ipv4") && !strcmp(text, "0.0.0.0/0");
	return !strcmp(key, "destination-ipv6") &&
	       (!strcmp(text, "::/0/0") || !strcmp(text, "::/0"));
}

static enum flow_refusal match_of(const json_t *components, struct flow_rule *rule)
{
	const char *source_key = rule->is_v4 ? "source-ipv4" : "source-ipv6", *key;
	const json_t *source = json_object_get(components, source_key);
	enum flow_refusal refusal = FLOW_NO_SOURCE;
	json_t *value;

	if (json_array_size(source) == 1)
		refusal = parse_source(json_string_value(json_array_get(source, 0)), rule->is_v4,
				       &rule->source);
	else if (source)
		refusal = FLOW_PREFIX;
	json_object_foreach ((json_t *)components, key, value)
		if (strcmp(key, source_key) && strcmp(key, "string") &&
		    !is_everywhere(key, value, rule->is_v4))
			return FLOW_COMPONENT;
	return refusal;
}

/* -EPROTO: it has no form that could be withdrawn again. */
static int read_rule(const json_t *components, const struct actions *actions, bool is_v4,
		     struct flow_rule *rule)
{
	json_t *plain = json_is_object(components) ? json_copy((json_t *)components) : NULL;
	size_t n;

	if (!plain)
		return -EPROTO;
	*rule = (struct flow_rule){.is_v4 = is_v4};
	json_object_del(plain, "string"); /* says the same again */
	n = json_dumpb(plain, rule->key, sizeof(rule->key) - 1, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(plain);
	if (!n || n >= sizeof(rule->key))
		return -EPROTO;
	rule->key[n] = '\0';
	rule->refusal = match_of(components, rule);
	if (!rule->refusal && actions)
		rule->refusal = actions->refusal;
	if (actions) {
		rule->blocks = actions->blocks;
		rule->rate = actions->rate;
		memcpy(rule->action, actions->text, sizeof(rule->action));
	}
	return 0;
}

/* --- an update --- */

struct decoding {
	flow_event_t take; /* NULL: only checked */
	void *data;
	struct flow_event event;
	const struct actions *actions;
	int err;
};

static void take_rules(struct decoding *decoding, const json_t *list, bool is_v4)
{
	const json_t *components;
	size_t i;

	json_array_foreach (list, i, components) {
		int err = read_rule(components, decoding->actions, is_v4, &decoding->event.rule);

		if (err)
			decoding->err = err;
		else if (decoding->take)
			decoding->take(&decoding->event, decoding->data);
	}
}

/* A list of rules, or lists by next hop. */
static void take_family(struct decoding *decoding, const json_t *family, bool is_v4)
{
	const char *next_hop;
	json_t *list;

	if (json_is_array(family)) {
		take_rules(decoding, family, is_v4);
		return;
	}
	json_object_foreach ((json_t *)family, next_hop, list)
		take_rules(decoding, list, is_v4);
}

static void take_part(struct decoding *decoding, const json_t *update, const char *part,
		      enum flow_event_kind kind, const struct actions *actions)
{
	const json_t *families = json_object_get(update, part);

	decoding->event.kind = kind;
	decoding->actions = actions;
	take_family(decoding, json_object_get(families, "ipv6 flow"), false);
	take_family(decoding, json_object_get(families, "ipv4 flow"), true);
}

static void take_update(struct decoding *decoding, const json_t *update)
{
	struct actions actions = actions_of(update);

	take_part(decoding, update, "withdraw", FLOW_WITHDRAW, NULL);
	take_part(decoding, update, "announce", FLOW_ANNOUNCE, &actions);
}

static void take_message(struct decoding *decoding, const json_t *neighbor)
{
	const json_t *message = json_object_get(neighbor, "message");
	const json_t *eor = json_object_get(message, "eor");
	const char *afi = json_string_value(json_object_get(eor, "afi"));
	const char *safi = json_string_value(json_object_get(eor, "safi"));
	const char *direction = json_string_value(json_object_get(neighbor, "direction"));

	if (direction && !strcmp(direction, "send"))
		return;
	if (eor) {
		if (!afi || !safi || strcmp(safi, "flow"))
			return;
		decoding->event.kind = FLOW_END_OF_RIB;
		decoding->event.rule = (struct flow_rule){.is_v4 = !strcmp(afi, "ipv4")};
		if (decoding->take)
			decoding->take(&decoding->event, decoding->data);
		return;
	}
	take_update(decoding, json_object_get(message, "update"));
}

static void take_state(struct decoding *decoding, const json_t *neighbor)
{
	const char *state = json_string_value(json_object_get(neighbor, "state"));

	if (!state || (strcmp(state, "up") && strcmp(state, "down")))
		return;
	decoding->event.kind = strcmp(state, "up") ? FLOW_DOWN : FLOW_UP;
	if (decoding->take)
		decoding->take(&decoding->event, decoding->data);
}

static int decode_once(const json_t *root, flow_event_t take, void *data)
{
	struct decoding decoding = {.take = take, .data = data};
	const char *version = json_string_value(json_object_get(root, "exabgp"));
	const char *type = json_string_value(json_object_get(root, "type")), *peer;
	const json_t *neighbor = json_object_get(root, "neighbor");

	if (!version || !type || (strncmp(version, "4.", 2) && strncmp(version, "5.", 2)))
		return -EPROTO;
	if (strcmp(type, "update") && strcmp(type, "state"))
		return 0;
	peer = json_string_value(json_object_get(json_object_get(neighbor, "address"), "peer"));
	if (!peer || strlen(peer) >= sizeof(decoding.event.peer))
		return -EPROTO;
	strcpy(decoding.event.peer, peer);
	if (!strcmp(type, "update"))
		take_message(&decoding, neighbor);
	else
		take_state(&decoding, neighbor);
	return decoding.err;
}

int flow_decode(const char *line, flow_event_t take, void *data)
{
	char *text = quote_long_numbers(line);
	json_t *root = text ? json_loads(text, 0, NULL) : NULL;
	int err = root ? decode_once(root, NULL, NULL) : -EINVAL;

	if (!err)
		err = decode_once(root, take, data);
	json_decref(root);
	free(text);
	return err;
}
