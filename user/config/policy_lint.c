// SPDX-License-Identifier: GPL-2.0-only
#include "policy_lint.h"

#include <stdio.h>
#include <string.h>

#include "net/icmpv6_types.h"
#include "net/special_prefixes.h"

/* A lower limit starves the flows that depend on the class: an error message for each of a handful
 * of flows.
 */
#define ERROR_RATE_MIN 10

/* And for neighbour discovery: a neighbour is asked three times per second (RFC 4861 10), and one
 * source may be the whole link's.
 */
#define LINK_RATE_MIN 10

/* What dropping a class breaks, and the reference. NULL: nothing. */
static const struct consequence {
	int row;
	const char *transit, *local;
	const char *source;
} consequences[] = {
	{S64_CLASS_PACKET_TOO_BIG, "breaks path MTU discovery", "breaks path MTU discovery",
	 "RFC 4890 4.3.1"},
	{S64_CLASS_DESTINATION_UNREACHABLE, "makes connections hang instead of failing",
	 "makes connections hang instead of failing", "RFC 4890 4.3.1"},
	{S64_CLASS_TIME_EXCEEDED, "breaks traceroute and hides routing loops", "breaks traceroute",
	 "RFC 4890 4.3.1"},
	{S64_CLASS_PARAMETER_PROBLEM, "hides errors about extension headers",
	 "hides errors about extension headers", "RFC 4890 4.3.1"},
	{S64_CLASS_ECHO_REQUEST, "breaks ping and the monitoring that uses it",
	 "breaks ping and the monitoring that uses it", "RFC 4890 4.3.1"},
	{S64_CLASS_ECHO_REPLY, "breaks ping from inside", "breaks ping from the router",
	 "RFC 4890 4.3.1"},
	{S64_CLASS_NEIGHBOR_SOLICITATION, NULL, "cuts the router off from its neighbours",
	 "RFC 4890 4.4.1"},
	{S64_CLASS_NEIGHBOR_ADVERTISEMENT, NULL, "cuts the router off from its neighbours",
	 "RFC 4890 4.4.1"},
	{S64_CLASS_ROUTER_SOLICITATION, NULL, "makes hosts on the link wait for a router",
	 "RFC 4890 4.4.1"},
	{S64_CLASS_ROUTER_ADVERTISEMENT, NULL,
	 "takes default route and prefixes from interfaces that learn them", "RFC 4890 4.4.1"},
	{S64_CLASS_MLD, NULL,
	 "breaks multicast on the link, neighbour discovery behind switches included",
	 "RFC 4890 4.4.1"},
	{S64_CLASS_MLDV2_REPORT, NULL,
	 "breaks multicast on the link, neighbour discovery behind switches included",
	 "RFC 4890 4.4.1"},
	{S64_CLASS_INVERSE_ND, NULL, "cuts off neighbours found by inverse neighbour discovery",
	 "RFC 3122 3"},
	{S64_CLASS_SEND, NULL, "keeps hosts with secure neighbour discovery from trusting a router",
	 "RFC 3971 6"},
	{S64_CLASS_MULTICAST_ROUTER_DISCOVERY, NULL,
	 "keeps snooping switches from finding multicast routers", "RFC 4286 3"},
	{S64_CLASS_TCP, "cuts off all TCP", "cuts off the router's own TCP, BGP and SSH included",
	 "RFC 9293"},
	{S64_CLASS_TCP_SYN, "prevents TCP connections from being opened",
	 "prevents TCP connections to the router from being opened", "RFC 9293"},
	{S64_CLASS_UDP, "cuts off DNS, QUIC and all other UDP", "cuts off the router's own UDP",
	 "RFC 768"},
	{S64_CLASS_OTHER, "cuts off SCTP and all other upper layers",
	 "cuts off OSPF, PIM, VRRP and other routing protocols", "RFC 5340"},
	{S64_CLASS_ESP, "cuts off IPsec", "cuts off the router's own IPsec", "RFC 4303"},
	{S64_CLASS_FRAGMENT_NON_FIRST, "loses large DNS answers and other fragmented UDP",
	 "loses fragmented packets to the router", "RFC 8900 5"},
	{S64_CLASS_COUNT + S64_FEATURE_FRAGMENT_FIRST,
	 "loses large DNS answers and other fragmented UDP",
	 "loses fragmented packets to the router", "RFC 8900 5"},
	{S64_CLASS_COUNT + S64_FEATURE_ROUTER_ALERT, NULL, "drops multicast listener messages",
	 "RFC 3810 5"},
	{S64_CLASS_COUNT + S64_FEATURE_HOP_BY_HOP, NULL, "drops multicast listener messages",
	 "RFC 3810 5"},
	{S64_CLASS_COUNT + S64_FEATURE_AH, "cuts off IPsec with AH", "cuts off OSPFv3 with AH",
	 "RFC 4552"},
};

/* What passing a class exposes that a router should drop. */
static const struct danger {
	int row;
	const char *text, *source;
} dangers[] = {
	{S64_CLASS_COUNT + S64_FEATURE_ROUTING_0, "lets source routing amplify traffic",
	 "RFC 5095"},
	{S64_CLASS_ROUTER_RENUMBERING, "lets strangers renumber routers", "RFC 4890 4.3.5"},
	{S64_CLASS_NODE_INFORMATION, "tells strangers the names of hosts", "RFC 4890 4.3.5"},
};

struct check {
	const char *scope; /* "" or " on NAME" */
	policy_warn_t warn;
	void *data;
	unsigned int count;
};

static void warn(struct check *check, unsigned int line, const char *verb, int row,
		 const char *where, const char *text, const char *source)
{
	char message[ERROR_TEXT_MAX];

	snprintf(message, sizeof(message), "%s %s%s%s %s, %s", verb, policy_row_name(row), where,
		 check->scope, text, source);
	check->warn(line, message, check->data);
	check->count++;
}

static bool drops(uint8_t action)
{
	return action == S64_ACTION_DROP || action == S64_ACTION_SCOPE;
}

static void check_drops(struct check *check, const struct policy *policy)
{
	for (size_t i = 0; i < sizeof(consequences) / sizeof(consequences[0]); i++) {
		const struct consequence *c = &consequences[i];
		const struct policy_row *row = &policy->row[c->row];

		if (!row->action_changed)
			continue;
		if (c->transit && drops(row->action[S64_TRANSIT]))
			warn(check, row->action_line, "dropping", c->row, " in transit", c->transit,
			     c->source);
		if (c->local && drops(row->action[S64_LOCAL]))
			warn(check, row->action_line, "dropping", c->row, " to the router",
			     c->local, c->source);
	}
}

static void check_passes(struct check *check, const struct policy *policy)
{
	for (size_t i = 0; i < sizeof(dangers) / sizeof(dangers[0]); i++) {
		const struct danger *d = &dangers[i];
		const struct policy_row *row = &policy->row[d->row];

		if (row->action_changed &&
		    !(drops(row->action[S64_TRANSIT]) && drops(row->action[S64_LOCAL])))
			warn(check, row->action_line, "passing", d->row, "", d->text, d->source);
	}
	/* Link scope in transit: no router forwards it, so passing it only makes sense on a bridge.
	 */
	for (int i = 0; i < S64_CLASS_COUNT && policy->profile == PROFILE_EDGE; i++)
		if (policy->row[i].action_changed && !icmpv6_class_is_of_the_link(i) &&
		    class_info(i)->action[S64_TRANSIT] == S64_ACTION_SCOPE &&
		    !drops(policy->row[i].action[S64_TRANSIT]))
			warn(check, policy->row[i].action_line, "passing", i, " in transit",
			     "admits forged messages of link scope", "RFC 4890 4.3.3");
}

/* Link-scope classes have one action, the local one, and so does every class on a host: a different
 * `transit` has no effect.
 */
static void check_link(struct check *check, const struct policy *policy)
{
	int rows = policy->profile == PROFILE_HOST ? NAMES_COUNT : S64_CLASS_COUNT;

	for (int i = 0; i < rows && policy->profile != PROFILE_BRIDGE; i++) {
		const struct policy_row *row = &policy->row[i];

		if (!row->transit_given || row->action[S64_TRANSIT] == row->action[S64_LOCAL])
			continue;
		if (policy->profile == PROFILE_HOST)
			warn(check, row->action_line, "setting", i, " in transit",
			     "has no effect: on a host 'local' applies to all of it",
			     "docs/policy.md");
		else if (icmpv6_class_is_of_the_link(i))
			warn(check, row->action_line, "setting", i, " in transit",
			     "has no effect: it comes from the link, so 'local' "
			     "applies to all of it",
			     "RFC 4890 4.3.3");
	}
}

static void check_limits(struct check *check, const struct policy *policy)
{
	static const int errors[] = {S64_CLASS_PACKET_TOO_BIG, S64_CLASS_DESTINATION_UNREACHABLE,
				     S64_CLASS_TIME_EXCEEDED, S64_CLASS_PARAMETER_PROBLEM};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		const struct policy_row *row = &policy->row[errors[i]];
		char text[64];

		if (!row->limit_changed || !row->limit.rate || row->limit.rate >= ERROR_RATE_MIN)
			continue;
		snprintf(text, sizeof(text), "to %u per second starves the flows of a busy source",
			 row->limit.rate);
		warn(check, row->limit_line, "limiting", errors[i], "", text, "RFC 4890 4.3.1");
	}
	for (int i = 0; i < S64_CLASS_COUNT; i++) {
		const struct policy_row *row = &policy->row[i];
		char text[96];

		if (!row->limit_changed || !row->limit.rate || row->limit.rate >= LINK_RATE_MIN ||
		    !icmpv6_class_is_of_the_link(i))
			continue;
		snprintf(text, sizeof(text),
			 "to %u per second loses neighbours when several are looked up at once",
			 row->limit.rate);
		warn(check, row->limit_line, "limiting", i, "", text, "RFC 4861 7.2");
	}
}

static bool is_allowed(const struct config *config, const struct prefix *prefix)
{
	for (size_t i = 0; i < config->allow.count; i++)
		if (prefix_contains(&config->allow.entry[i].prefix, prefix))
			return true;
	return false;
}

/* Settings for sources that are dropped as bogons. Translators and allowed prefixes are not bogons
 * (bpf/bogons.h).
 */
static void check_bogons(struct check *check, const struct config *config,
			 const struct config_prefixes *list, const char *what)
{
	char message[ERROR_TEXT_MAX], text[PREFIX_TEXT_MAX];

	for (size_t i = 0; i < list->count; i++) {
		const struct prefix *prefix = &list->entry[i].prefix;
		int special = special_find(prefix);

		if (special_source_of(prefix) != S64_SOURCE_BOGON || is_allowed(config, prefix))
			continue;
		prefix_format(prefix, text);
		snprintf(message, sizeof(message),
			 "%s %s is dropped%s as a bogon (%s, %s); 'allow' "
			 "makes it a source like any other",
			 what, text, check->scope,
			 special < 0 ? "not assigned" : special_name(special),
			 special < 0 ? "IANA IPv6 address space" : special_reference(special));
		check->warn(list->entry[i].line, message, check->data);
		check->count++;
	}
}

static void check_one(struct check *check, const struct config *config, const struct policy *policy)
{
	/* an interface that inherits from all: reported once */
	if (policy->bogons == BOGONS_ENFORCE &&
	    (policy == &config->policy || config->policy.bogons != BOGONS_ENFORCE)) {
		check_bogons(check, config, &config->peers, "the peer");
		check_bogons(check, config, &config->sources, "the source prefix");
	}
	check_drops(check, policy);
	check_passes(check, policy);
	check_link(check, policy);
	check_limits(check, policy);
}

/* A profile for one interface may be mistaken for its whole policy. */
static void check_profile(struct check *check, const struct config_iface *iface)
{
	const struct policy *policy = iface->policy;
	char message[ERROR_TEXT_MAX];

	if (!policy->profile_line || policy->profile == PROFILE_MONITOR_ALL ||
	    policy->filter != FILTER_MONITOR || policy->filter_given || iface->filter_given)
		return;
	snprintf(message, sizeof(message),
		 "%s stays in monitor mode, which is set for all interfaces; "
		 "its profile %s does not change that, 'filter: enforce' does",
		 iface->name, policy_profile_names[policy->profile]);
	check->warn(policy->profile_line, message, check->data);
	check->count++;
}

unsigned int policy_check(const struct config *config, policy_warn_t warn_function, void *data)
{
	struct check check = {"", warn_function, data, 0};
	char scope[S64_IFACE_NAME_MAX + 8];

	check_one(&check, config, &config->policy);
	for (size_t i = 0; i < config->iface_count; i++) {
		if (!config->iface[i].policy)
			continue;
		snprintf(scope, sizeof(scope), " on %s", config->iface[i].name);
		check.scope = scope;
		check_one(&check, config, config->iface[i].policy);
		check_profile(&check, &config->iface[i]);
	}
	return check.count;
}
