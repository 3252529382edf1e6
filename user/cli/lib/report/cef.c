// SPDX-License-Identifier: GPL-2.0-only
#include "cef.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/cef.h"
#include "base/text/when.h"
#include "cli/lib/output/print.h"

#define SEVERITY_BLOCKED   8
#define SEVERITY_THROTTLED 6
#define SEVERITY_SEEN	   4

/* NULL if it is unknown. */
static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void put_time(FILE *out, const char *key, const json_t *facts, const char *member)
{
	if (!member_is_null(facts, member))
		cef_number(out, key, member_time_us(facts, member) / WHEN_MS);
}

static void put_port(FILE *out, const char *key, const json_t *facts, const char *member)
{
	int64_t port = member_integer(facts, member);

	if (port > 0)
		cef_number(out, key, port);
}

/* The address, and once more in a field for IPv6 if it is one: some readers look there. */
static void put_address(FILE *out, const char *key, const char *v6_key, const char *label,
			const char *address)
{
	cef_value(out, key, address);
	if (address && strchr(address, ':'))
		cef_labelled(out, v6_key, label, address);
}

static const json_t *first_block(const json_t *facts)
{
	return json_array_get(json_object_get(facts, "blocks"), 0);
}

static int severity(const json_t *facts)
{
	const json_t *block = first_block(facts);

	if (!block)
		return SEVERITY_SEEN;
	return strcmp(member_text(block, "kind"), "throttle") ? SEVERITY_BLOCKED :
								SEVERITY_THROTTLED;
}

static void put_extension(FILE *out, const json_t *facts)
{
	const json_t *block = first_block(facts);

	put_time(out, "start", facts, "first_seen");
	put_time(out, "end", facts, "last_seen");
	put_address(out, "src", "c6a2", "Source IPv6 Address", text_of(facts, "address"));
	put_port(out, "spt", facts, "source_port");
	put_address(out, "dst", "c6a3", "Destination IPv6 Address", text_of(facts, "destination"));
	put_port(out, "dpt", facts, "destination_port");
	cef_value(out, "proto", text_of(facts, "protocol"));
	cef_labelled(out, "cs1", "Source prefix", text_of(facts, "prefix"));
	cef_labelled(out, "cs2", "Check characters", text_of(facts, "check_chars"));
	cef_labelled(out, "cs3", "Rule", text_of(facts, "rule"));
	cef_labelled(out, "cs4", "Class", text_of(facts, "class"));
	if (!member_is_null(facts, "peak_packets_per_second")) {
		cef_number(out, "cn1",
			   (int64_t)(member_number(facts, "peak_packets_per_second") + 0.5));
		cef_value(out, "cn1Label", "Peak packets per second");
	}
	cef_number(out, "cnt", member_integer(facts, "hits"));
	/* a block around it has no row here */
	cef_value(out, "act",
		  block						  ? text_of(block, "kind") :
		  json_is_true(json_object_get(facts, "blocked")) ? "block" :
								    "none");
	cef_value(out, "reason", text_of(block, "reason"));
}

char *cef_report(const json_t *facts)
{
	const char *rule = text_of(facts, "rule");
	char *line = NULL;
	size_t bytes;
	FILE *out = open_memstream(&line, &bytes);

	if (!out)
		return NULL;
	cef_begin(out, SLASH64_VERSION, rule ? rule : "report",
		  "Attack traffic from an IPv6 source", severity(facts));
	put_extension(out, facts);
	if (fclose(out)) {
		free(line);
		return NULL;
	}
	return line;
}
