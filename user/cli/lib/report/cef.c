// SPDX-License-Identifier: GPL-2.0-only
#include "cef.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/when.h"
#include "cli/lib/output/print.h"

#define SEVERITY_BLOCKED   8
#define SEVERITY_THROTTLED 6
#define SEVERITY_SEEN	   4

/* In the header '|' and '\' are escaped, in values '=' and '\' and line breaks. */
static void put_escaped(FILE *out, const char *text, const char *escaped)
{
	for (; *text; text++) {
		if (*text == '\n' || *text == '\r') {
			fputs("\\n", out);
			continue;
		}
		if (strchr(escaped, *text))
			putc('\\', out);
		putc(*text, out);
	}
}

static void put_header(FILE *out, const char *text)
{
	putc('|', out);
	put_escaped(out, text, "|\\");
}

static void put_value(FILE *out, const char *key, const char *text)
{
	fprintf(out, " %s=", key);
	put_escaped(out, text, "=\\");
}

static void put_member(FILE *out, const char *key, const json_t *facts, const char *member)
{
	if (!member_is_null(facts, member))
		put_value(out, key, member_text(facts, member));
}

static void put_time(FILE *out, const char *key, const json_t *facts, const char *member)
{
	if (!member_is_null(facts, member))
		fprintf(out, " %s=%" PRId64, key, member_time_us(facts, member) / WHEN_MS);
}

static void put_port(FILE *out, const char *key, const json_t *facts, const char *member)
{
	int64_t port = member_integer(facts, member);

	if (port > 0)
		fprintf(out, " %s=%" PRId64, key, port);
}

/* A field of the operator's own, with its label. */
static void put_labelled(FILE *out, const char *key, const char *label, const char *text)
{
	char name[16];

	snprintf(name, sizeof(name), "%sLabel", key);
	put_value(out, key, text);
	put_value(out, name, label);
}

static const json_t *first_block(const json_t *facts)
{
	return json_array_get(json_object_get(facts, "blocks"), 0);
}

static bool is_throttled(const json_t *block)
{
	return !strcmp(member_text(block, "kind"), "throttle");
}

static int severity(const json_t *facts)
{
	const json_t *block = first_block(facts);

	if (!block)
		return SEVERITY_SEEN;
	return is_throttled(block) ? SEVERITY_THROTTLED : SEVERITY_BLOCKED;
}

static void put_extension(FILE *out, const json_t *facts)
{
	const json_t *block = first_block(facts);
	/* a text is no IPv6 address without a colon */
	bool has_v6 = strchr(member_text(facts, "address"), ':');

	put_time(out, "start", facts, "first_seen");
	put_time(out, "end", facts, "last_seen");
	put_member(out, "src", facts, "address");
	if (has_v6)
		put_labelled(out, "c6a2", "Source IPv6 Address", member_text(facts, "address"));
	put_port(out, "spt", facts, "source_port");
	put_member(out, "dst", facts, "destination");
	if (strchr(member_text(facts, "destination"), ':'))
		put_labelled(out, "c6a3", "Destination IPv6 Address",
			     member_text(facts, "destination"));
	put_port(out, "dpt", facts, "destination_port");
	put_member(out, "proto", facts, "protocol");
	put_labelled(out, "cs1", "Source prefix", member_text(facts, "prefix"));
	if (!member_is_null(facts, "check_chars"))
		put_labelled(out, "cs2", "Check characters", member_text(facts, "check_chars"));
	if (!member_is_null(facts, "rule"))
		put_labelled(out, "cs3", "Rule", member_text(facts, "rule"));
	if (!member_is_null(facts, "class"))
		put_labelled(out, "cs4", "Class", member_text(facts, "class"));
	if (!member_is_null(facts, "peak_packets_per_second"))
		fprintf(out, " cn1=%.0f cn1Label=Peak packets per second",
			member_number(facts, "peak_packets_per_second"));
	fprintf(out, " cnt=%" PRId64, member_integer(facts, "hits"));
	put_value(out, "act", block ? member_text(block, "kind") : "none");
	if (block)
		put_member(out, "reason", block, "reason");
}

char *cef_report(const json_t *facts)
{
	char *line = NULL;
	size_t bytes;
	FILE *out = open_memstream(&line, &bytes);

	if (!out)
		return NULL;
	fputs("CEF:0", out);
	put_header(out, "slash64");
	put_header(out, "slash64");
	put_header(out, SLASH64_VERSION);
	put_header(out, member_is_null(facts, "rule") ? "report" : member_text(facts, "rule"));
	put_header(out, "Attack traffic from an IPv6 source");
	fprintf(out, "|%d|", severity(facts));
	put_extension(out, facts);
	if (fclose(out)) {
		free(line);
		return NULL;
	}
	return line;
}
