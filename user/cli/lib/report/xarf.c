// SPDX-License-Identifier: GPL-2.0-only
#include "xarf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uuid/uuid.h>

#include "base/text/when.h"
#include "cli/lib/output/print.h"
#include "evidence.h"
#include "facts.h"

#define VERSION		"4.2.0"
#define DESCRIPTION_MAX 1000 /* of XARF */
#define PORT_OF_NO_PORT 1    /* XARF wants a port of every address, also for ICMPv6 */

/* --- what it needs --- */

static int check_sender(const struct config_report *sender, struct error *error)
{
	const char *missing = !sender->organization[0] ? "organization" :
			      !sender->contact[0]      ? "contact" :
			      !sender->domain[0]       ? "domain" :
							 NULL;

	if (!missing)
		return 0;
	return error_set(error, -EINVAL,
			 "an XARF report names its sender, and 'report.%s' is missing; set "
			 "report: {organization, contact, domain} in the configuration",
			 missing);
}

static int check_facts(const json_t *facts, struct error *error)
{
	if (member_is_null(facts, "first_seen"))
		return error_set(
			error, -ENODATA,
			"an XARF report says when the attack began, and %s was neither seen "
			"nor blocked in this time; give an earlier --since",
			member_text(facts, "prefix"));
	if (member_is_null(facts, "protocol"))
		return error_set(
			error, -ENODATA,
			"an XARF report says which protocol was used, and what %s sends now "
			"does not tell; give --protocol",
			member_text(facts, "prefix"));
	return 0;
}

/* --- its parts --- */

static json_t *contact(const struct config_report *sender)
{
	return json_pack("{s:s, s:s, s:s}", "org", sender->organization, "contact", sender->contact,
			 "domain", sender->domain);
}

static bool is_scan(const json_t *facts)
{
	return strstr(member_text(facts, "rule"), "scan") != NULL;
}

static const char *attack_vector(const json_t *facts)
{
	const char *class = member_text(facts, "class"), *protocol = member_text(facts, "protocol");

	if (!strcmp(class, "tcp-syn"))
		return "syn_flood";
	return !strcmp(protocol, "udp")	 ? "udp_flood" :
	       !strcmp(protocol, "icmp") ? "icmp_flood" :
					   NULL;
}

/* The address that sends most, or the first of the prefix, whose length is told beside it. */
static const char *source_address(const json_t *facts, char text[PREFIX_TEXT_MAX])
{
	struct prefix prefix;

	if (!member_is_null(facts, "address"))
		return member_text(facts, "address");
	if (prefix_parse_whole(member_text(facts, "prefix"), &prefix, NULL))
		return member_text(facts, "prefix");
	prefix = prefix_around(&prefix.address, 128);
	return prefix_format_said(&prefix, text);
}

static void set_number(json_t *report, const char *key, double value)
{
	if (value >= 1)
		json_object_set_new(report, key, json_integer((json_int_t)(value + 0.5)));
}

static void add_rates(json_t *report, const json_t *facts)
{
	const char *vector = attack_vector(facts);

	if (is_scan(facts))
		return;
	if (vector)
		json_object_set_new(report, "attack_vector", json_string(vector));
	set_number(report, "peak_pps", member_number(facts, "peak_packets_per_second"));
	set_number(report, "peak_bps", 8 * member_number(facts, "bytes_per_second"));
	set_number(report, "duration_seconds",
		   (double)(member_time(facts, "last_seen") - member_time(facts, "first_seen")));
	json_object_set_new(report, "mitigation_applied",
			    json_boolean(json_is_true(json_object_get(facts, "blocked"))));
}

static void add_ends(json_t *report, const json_t *facts)
{
	int64_t port = member_integer(facts, "source_port");

	json_object_set_new(report, "source_port", json_integer(port > 0 ? port : PORT_OF_NO_PORT));
	if (!member_is_null(facts, "destination"))
		json_object_set(report, "destination_ip", json_object_get(facts, "destination"));
	port = member_integer(facts, "destination_port");
	if (port > 0)
		json_object_set_new(report, "destination_port", json_integer(port));
}

static void describe(json_t *report, const json_t *facts)
{
	bool has_port = member_integer(facts, "source_port") > 0;
	char text[DESCRIPTION_MAX];

	snprintf(text, sizeof(text), "%s from %s%s%s%s%s.%s",
		 is_scan(facts) ? "Scan" : "Attack traffic", member_text(facts, "prefix"),
		 member_is_null(facts, "check_chars") ? "" : " (check characters ",
		 member_is_null(facts, "check_chars") ? "" : member_text(facts, "check_chars"),
		 member_is_null(facts, "check_chars") ? "" : ")",
		 member_is_null(facts, "rule") ? "" : ", found by a rule",
		 has_port ? "" :
			    " source_port is not that of a packet: this traffic has no port, or "
			    "none was seen, and the format requires one.");
	json_object_set_new(report, "description", json_string(text));
}

/* Without who did it: that is no business of the receiver. */
static json_t *public_changes(const json_t *facts)
{
	static const char *const keys[] = {"time", "action", "prefix", "origin", "reason", "until"};
	json_t *list = json_array(), *change, *copy;
	size_t i;

	json_array_foreach (json_object_get(facts, "changes"), i, change) {
		if (!report_is_action(change))
			continue;
		copy = json_object();
		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
			json_object_set(copy, keys[k], json_object_get(change, keys[k]));
		json_array_append_new(list, copy);
	}
	return list;
}

/* Takes over the list. */
static void add_list(json_t *items, json_t *list, const char *description)
{
	char *text = json_array_size(list) ? json_dumps(list, JSON_INDENT(1)) : NULL;

	if (text)
		json_array_append_new(items, evidence_item("application/json", description, text,
							   strlen(text)));
	free(text);
	json_decref(list);
}

static void add_evidence(json_t *report, const json_t *facts, const struct xarf_evidence *evidence)
{
	json_t *items = json_array();

	if (evidence->file)
		json_array_append_new(items, evidence_item("application/vnd.tcpdump.pcap",
							   "Capture of its packets",
							   evidence->bytes, evidence->count));
	else if (evidence->is_kept)
		json_array_append_new(items,
				      evidence_item("application/x-pcapng",
						    "The first packets that were captured of it",
						    evidence->bytes, evidence->count));
	add_list(items, json_incref(json_object_get(facts, "packets")),
		 "Packets that were sampled, with verdict and reason");
	add_list(items, public_changes(facts), "What was done, from the log");
	if (json_array_size(items))
		json_object_set(report, "evidence", items);
	json_decref(items);
}

json_t *xarf_report(const json_t *facts, const struct config_report *sender,
		    const struct xarf_evidence *evidence, struct error *error)
{
	char id[UUID_STR_LEN], address[PREFIX_TEXT_MAX];
	json_t *report;
	uuid_t uuid;
	int err = check_sender(sender, error);

	if (!err)
		err = check_facts(facts, error);
	if (err)
		return NULL;
	uuid_generate_random(uuid);
	uuid_unparse_lower(uuid, id);
	report = json_pack("{s:s, s:s, s:O, s:o, s:o, s:s, s:s, s:s, s:s, s:s, s:O, s:O, s:s}",
			   "xarf_version", VERSION, "report_id", id, "timestamp",
			   json_object_get(facts, "first_seen"), "reporter", contact(sender),
			   "sender", contact(sender), "source_identifier",
			   source_address(facts, address), "category", "connection", "type",
			   is_scan(facts) ? "port_scan" : "ddos", "evidence_source",
			   "flow_analysis", "protocol", member_text(facts, "protocol"),
			   "first_seen", json_object_get(facts, "first_seen"), "last_seen",
			   json_object_get(facts, "last_seen"), "source_prefix",
			   member_text(facts, "prefix"));
	if (!report) {
		error_set(error, -ENOMEM, "out of memory; try again");
		return NULL;
	}
	if (!member_is_null(facts, "check_chars"))
		json_object_set(report, "source_check_chars",
				json_object_get(facts, "check_chars"));
	add_ends(report, facts);
	add_rates(report, facts);
	describe(report, facts);
	add_evidence(report, facts, evidence);
	return report;
}
