// SPDX-License-Identifier: GPL-2.0-only
/* who: everything known about a source. */
#include <slash64/source.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lib/request.h"
#include "client/client.h"
#include "cli/lib/output/print.h"
#include "cli/lib/output/table_rows.h"
#include "cli/lib/output/terminal.h"
#include "cli/lib/args.h"
#include "net/prefix.h"
#include "base/text/language.h"
#include "cli/lib/output/said.h"

/* The words of an answer, for a person. Unknown words are printed as they are. */
static const char *in_words(const char *const (*table)[2], const char *word)
{
	for (; (*table)[0]; table++)
		if (!strcmp((*table)[0], word))
			return (*table)[1];
	return word;
}

static const char *const kinds[][2] = {
	{"native", N_("native IPv6")},
	{"configured", N_("a source length from the configuration")},
	{"ipv4", N_("an IPv4 host, in all its forms")},
	{"link-local", N_("a neighbour on the link")},
	{"isatap", N_("an IPv4 host behind ISATAP")},
	{NULL, NULL},
};

static const char *const sources[][2] = {
	{"ok", N_("like any other source")},
	{"bogon", N_("never a valid source from outside")},
	{"onlink", N_("a valid source on the link only")},
	{"policy", N_("valid if the operator wants it")},
	{NULL, NULL},
};

static const char *const verdicts[][2] = {
	{"blocked", N_("BLOCKED")},
	{"throttled", N_("THROTTLED")},
	{"allowed", N_("allowed")},
	{"limited", N_("LIMITED")},
	{"passes", N_("passes")},
	{"bogon", N_("BOGON")},
	{"dropped", N_("SOME DROPPED")},
	{"not-filtered", N_("not filtered")},
	{NULL, NULL},
};

/* If no interface enforces, nothing is blocked. */
static const char *const verdicts_of_monitors[][2] = {
	{"blocked", N_("would be blocked")},
	{"throttled", N_("would be throttled")},
	{NULL, NULL},
};

static const char *verdict_words(const json_t *who)
{
	const char *word = member_text(who, "verdict"), *would = word;
	struct prefix address;

	/* from a multicast source everything is dropped, whatever the policy */
	if (!strcmp(word, "dropped") && !member_is_null(who, "address") &&
	    !prefix_parse_whole(member_text(who, "address"), &address, NULL) &&
	    s64_is_multicast(prefix_hi(&address)))
		return N_("DROPPED");
	if (json_is_false(json_object_get(who, "enforced")))
		would = in_words(verdicts_of_monitors, word);
	return would != word ? would : in_words(verdicts, word);
}

static void print_source(FILE *out, const json_t *who)
{
	const json_t *registry = json_object_get(who, "registry");

	fprintf(out, _("source    %s"), member_text(who, "source"));
	if (!member_is_null(who, "check_chars"))
		fprintf(out, _(" (check %s)"), member_text(who, "check_chars"));
	fprintf(out, ", %s\n", _(in_words(kinds, member_text(who, "source_kind"))));
	if (json_is_object(registry))
		fprintf(out, _("registry  %s (%s): %s\n"), member_text(registry, "name"),
			member_text(registry, "reference"),
			_(in_words(sources, member_text(registry, "source"))));
}

static void print_shares(FILE *out, const json_t *seen)
{
	double dropped = member_number(seen, "dropped_percent"),
	       would = member_number(seen, "would_drop_percent");

	if (dropped > 0 || would <= 0)
		fprintf(out, _(", %.1f%% dropped"), dropped);
	if (would > 0)
		fprintf(out, _(", %.1f%% would be dropped, and passes"), would);
}

static void print_seen(FILE *out, const json_t *seen)
{
	double uncertainty = member_number(seen, "uncertainty_percent");
	char packets[PRINT_MAX], bits[PRINT_MAX], since[PRINT_MAX];

	if (!json_is_object(seen)) {
		fprintf(out, _("seen      not recently\n"));
		return;
	}
	fprintf(out, _("seen      %s packets per second"),
		print_rate(member_number(seen, "packets_per_second"), packets));
	if (uncertainty >= ROWS_UNCERTAIN_PERCENT)
		fprintf(out, " (+/- %.0f%%)", uncertainty);
	fprintf(out, ", %s", print_bit_rate(member_number(seen, "bytes_per_second"), bits));
	print_shares(out, seen);
	fprintf(out, _("; mostly %s, %s\n"), member_text(seen, "class"),
		member_text(seen, "reason"));
	if (!member_is_null(seen, "since"))
		fprintf(out, _("          since %s, peak %s packets per second\n"),
			print_when(member_time(seen, "since"), since),
			print_rate(member_number(seen, "peak_packets_per_second"), packets));
}

/* Nothing is said where nothing is proven: nobody may ask for proof. */
static void print_evidence(FILE *out, const json_t *who)
{
	char since[PRINT_MAX];

	if (!strcmp(member_text(who, "evidence"), "proven"))
		fprintf(out,
			_("proven    since %s: it completed TCP handshakes through this router;\n"
			  "          others behind the same neighbour may still send in its name\n"),
			print_when(member_time(who, "proven_since"), since));
}

/* Of a form it is known what entries say, and not what the policy does with its packets. */
static void print_forms(FILE *out, const json_t *forms)
{
	char why[SAID_MAX];
	json_t *form;
	size_t i;

	json_array_foreach (forms, i, form) {
		fprintf(out, "%s%-8s ", i ? "          " : _("forms     "),
			member_text(form, "kind"));
		if (member_is_null(form, "verdict"))
			fprintf(out, "%s\n", member_text(form, "prefix"));
		else if (!strcmp(member_text(form, "verdict"), "passes"))
			fprintf(out, "%-43s %s\n", member_text(form, "prefix"),
				said(member_text(form, "why"), why));
		else
			fprintf(out, "%-43s %s: %s\n", member_text(form, "prefix"),
				_(verdict_words(form)), said(member_text(form, "why"), why));
	}
}

static void print_block(FILE *out, const json_t *block)
{
	int64_t seen = member_integer(block, "sources_seen");
	char count[PRINT_MAX], rate[PRINT_MAX], text[PRINT_TEXT_MAX];
	struct error why;

	if (!json_is_object(block))
		return;
	if (member_is_null(block, "prefix"))
		fprintf(out, _("a block   is not possible\n"));
	else if (seen > 0)
		fprintf(out,
			P_("a block   would cover %s and hit %s source seen recently, %s packets per second\n",
			   "a block   would cover %s and hit %s sources seen recently, %s packets per second\n",
			   seen),
			member_text(block, "prefix"), print_count(seen, count),
			print_rate(member_number(block, "packets_per_second"), rate));
	else
		fprintf(out, _("a block   would cover %s and hit no source seen recently\n"),
			member_text(block, "prefix"));
	if (!member_is_null(block, "refused"))
		fprintf(out, _("          would be refused: %s\n"),
			print_local(refusal_text(block, &why), text));
	if (!member_is_null(block, "note"))
		fprintf(out, _("          note: %s\n"),
			print_local(member_text(block, "note"), text));
}

static void print_around(const json_t *list, const struct table_column *columns, rows_row_t row)
{
	if (json_array_size(list))
		printf("\n");
	rows_print(list, columns, row);
}

#define INDENT	     10 /* behind the names of the lines */
#define FORMS_INDENT 19

static void print_head(FILE *out, const json_t *who)
{
	char text[PRINT_TEXT_MAX];

	fprintf(out, _("address   %s\n"), member_text(who, "address"));
	print_source(out, who);
	fprintf(out, _("verdict   %s"), _(verdict_words(who)));
	if (!member_is_null(who, "why"))
		fprintf(out, ": %s", print_local(member_text(who, "why"), text));
	fprintf(out, "\n");
	print_seen(out, json_object_get(who, "seen"));
	print_evidence(out, who);
}

/* Prints the output of a function in lines that fit. */
static void print_part(void (*write)(FILE *out, const json_t *object), const json_t *object,
		       int indent)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		return;
	write(out, object);
	fclose(out);
	if (text)
		print_broken(text, indent);
	free(text);
}

static void print_lookup(const json_t *who, void *data)
{
	terminal_page(data);
	print_part(print_head, who, INDENT);
	print_part(print_forms, json_object_get(who, "forms"), FORMS_INDENT);
	print_part(print_block, json_object_get(who, "block"), INDENT);
	print_around(json_object_get(who, "blocks"), rows_block_columns, rows_block);
	if (json_is_true(json_object_get(who, "blocks_truncated")))
		printf(_("and more: slash64 list %s --addresses\n"), member_text(who, "source"));
	print_around(json_object_get(who, "allowlist"), rows_allow_columns, rows_allow);
}

int command_lookup(struct context *context)
{
	int code = take_options(context, NULL, 1, 1);
	char *path;

	if (code < 0)
		code = words_address(context, context->argv[0]);
	if (code >= 0)
		return code;
	path = client_path_add(client_path("/v1/lookup"), "address", context->argv[0]);
	return answer_of(context, "GET", path, NULL, "verdict", print_lookup, context);
}
