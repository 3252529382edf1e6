// SPDX-License-Identifier: GPL-2.0-only
/* proposals, apply, dismiss: what detection has found, and what is done about it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/duration.h"
#include "cli/lib/args.h"
#include "client/client.h"
#include "cli/lib/output/list_output.h"
#include "cli/lib/output/print.h"
#include "cli/lib/request.h"
#include "cli/lib/capture/proposal_packets.h"
#include "base/text/language.h"

#define WORDS_MAX      512
#define ID_MAX	       4294967295LL
#define MS_PER_SECOND  1000.0
#define PERCENT	       100
#define SPARED_NAMED_B 300

/* --- the list --- */

static const struct table_column columns[] = {
	{N_("ID"), true, 0, false},
	{N_("PREFIX"), false, 0, false},
	{N_("RULE"), false, 0, false},
	{N_("STATE"), false, 0, false},
	{N_("ACTION"), false, 1, false},
	{N_("MEASURED"), false, 0, true},
	{N_("SINCE"), true, 2, false},
	{N_("COST"), true, 1, false},
	{N_("EVIDENCE"), false, 4, false},
	{N_("REFUSED"), false, 3, true},
	{},
};

static const struct {
	const char *key, *unit;
	double scale;
} measures[] = {
	{"packets_per_second", N_(" packets/s"), 1},
	{"bits_per_second", N_(" bits/s"), 1},
	{"destinations_per_second", N_(" destinations/s"), 1},
	{"ports_per_second", N_(" ports/s"), 1},
	{"syn_share", N_("% SYN"), PERCENT},
	/* xgettext:no-c-format */
	{"drop_share", N_("% dropped"), PERCENT},
};

/* "30,012 packets/s (over 5,000), 97% SYN (over 80)" */
static const char *measured_words(const json_t *proposal, char text[WORDS_MAX])
{
	const json_t *measured = json_object_get(proposal, "measured"),
		     *threshold = json_object_get(proposal, "threshold");
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(measures) / sizeof(measures[0]) && n < WORDS_MAX; i++) {
		const json_t *value = json_object_get(measured, measures[i].key);
		char is[PRINT_MAX], over[PRINT_MAX];

		if (!json_is_number(value))
			continue;
		n += snprintf(text + n, WORDS_MAX - n, _("%s%s%s (over %s)"), n ? ", " : "",
			      print_count(json_number_value(value) * measures[i].scale + 0.5, is),
			      _(measures[i].unit),
			      print_count(member_number(threshold, measures[i].key) *
							  measures[i].scale +
						  0.5,
					  over));
	}
	return text;
}

/* "block for 10m", "100/s for 1h", or until when it holds. */
static const char *action_words(const json_t *proposal, char text[WORDS_MAX])
{
	char rate[PRINT_MAX] = "block", span[PRINT_MAX];
	bool holds = !strcmp(member_text(proposal, "state"), "applied");

	if (!strcmp(member_text(proposal, "action"), "throttle"))
		snprintf(rate, sizeof(rate), "%" PRId64 "/s", member_integer(proposal, "rate"));
	if (holds)
		snprintf(text, WORDS_MAX, _("%s, ends %s"), rate,
			 print_when(member_time(proposal, "until"), span));
	else
		snprintf(text, WORDS_MAX, _("%s for %s"), rate,
			 duration_format(member_number(proposal, "for_seconds") * MS_PER_SECOND,
					 span));
	return text;
}

/* Of the packets in it, those that are not part of the attack; and the sources. */
static const char *cost_words(const json_t *proposal, char text[WORDS_MAX])
{
	int64_t spared = member_integer(proposal, "spared");
	char percent[PRINT_MAX];

	print_percent(member_number(proposal, "collateral_share") * PERCENT, percent);
	if (spared)
		snprintf(text, WORDS_MAX, _("%s, %" PRId64 " sources"), percent, spared);
	else
		snprintf(text, WORDS_MAX, "%s", percent);
	return text;
}

static void row(const json_t *proposal, struct table *table)
{
	char id[PRINT_MAX], action[WORDS_MAX], measured[WORDS_MAX], since[PRINT_MAX],
		cost[WORDS_MAX], refused_text[PRINT_TEXT_MAX];
	const char *const cells[] = {
		id,
		member_text(proposal, "prefix"),
		member_text(proposal, "rule"),
		member_text(proposal, "state"),
		action_words(proposal, action),
		measured_words(proposal, measured),
		print_when(member_time(proposal, "since"), since),
		cost_words(proposal, cost),
		member_text(proposal, "evidence"),
		print_local(member_text(proposal, "refused"), refused_text),
	};

	snprintf(id, sizeof(id), "%" PRId64, member_integer(proposal, "id"));
	table_row(table, cells);
}

int command_proposals(struct context *context)
{
	const char *write = NULL;
	bool all = false;
	const struct option_spec specs[] = {{"all", NULL, &all},
					    {"write", &write, NULL},
					    {NULL, NULL, NULL}};
	static const struct list_table table = {.columns = columns,
						.row = row,
						.empty = N_("no proposals")};
	int code = take_options(context, specs, 0, 1);
	int64_t id = 0;

	if (code < 0 && context->argc)
		code = words_whole(context, "ID", context->argv[0], 1, &id);
	if (code < 0 && id > ID_MAX)
		return usage_error(context, "there is no proposal %s", context->argv[0]);
	if (code >= 0)
		return code;
	if (!write != !id)
		return usage_error(context,
				   "the packets of a proposal: slash64 proposals ID --write FILE");
	if (write)
		return proposal_packets_write(context, id, write);
	return list_print(context,
			  client_path_add(client_path("/v1/proposals"), "all", all ? "1" : NULL),
			  &table);
}

/* --- decisions --- */

static void tell_spared(const json_t *proposal)
{
	const json_t *sources = json_object_get(proposal, "spared_sources"), *source;
	char names[SPARED_NAMED_B] = "";
	size_t i, n = 0;

	json_array_foreach (sources, i, source)
		if (n < sizeof(names))
			n += snprintf(names + n, sizeof(names) - n, "%s%s", n ? ", " : "",
				      json_string_value(source));
	if (n)
		printf(_("note: it also holds %" PRId64 " sources that took no part: %s\n"),
		       member_integer(proposal, "spared"), names);
}

static void print_applied(const json_t *proposal, void *data)
{
	char until[PRINT_MAX], measured[WORDS_MAX];
	bool throttle = !strcmp(member_text(proposal, "action"), "throttle");

	(void)data;
	printf("%s %s", throttle ? _("throttled") : _("blocked"), member_text(proposal, "prefix"));
	if (throttle)
		printf(_(" to %" PRId64 "/s"), member_integer(proposal, "rate"));
	printf(_(" until %s: %s, %s\n"), print_time(member_time(proposal, "until"), until),
	       member_text(proposal, "rule"), measured_words(proposal, measured));
	tell_spared(proposal);
}

static void print_dismissed(const json_t *proposal, void *data)
{
	char until[PRINT_MAX];

	(void)data;
	printf(_("dismissed proposal %" PRId64 ", %s of %s, "), member_integer(proposal, "id"),
	       member_text(proposal, "rule"), member_text(proposal, "prefix"));
	if (member_is_null(proposal, "until"))
		printf(_("as long as it lasts\n"));
	else
		printf(_("until %s\n"), print_time(member_time(proposal, "until"), until));
}

/* An exit code, or -1. */
static int take_id(const struct context *context, int64_t *id)
{
	const char *word = context->argv[0];
	char *end;

	*id = strtoll(word, &end, 10);
	if (*word >= '0' && *word <= '9' && !*end && *id > 0 && *id <= ID_MAX)
		return -1;
	return usage_error(
		context, "'%.64s' is not the number of a proposal: 'slash64 proposals' lists them",
		word);
}

static int decide(struct context *context, const char *path,
		  void (*print)(const json_t *answer, void *data))
{
	const char *span = NULL, *reason = NULL, *ticket = NULL;
	const struct option_spec specs[] = {{"for", &span, NULL},
					    {"reason", &reason, NULL},
					    {"ticket", &ticket, NULL},
					    {NULL, NULL, NULL}};
	int code = take_options(context, specs, 1, 1);
	int64_t id = 0, ms = 0;
	json_t *body;

	if (code < 0)
		code = take_id(context, &id);
	if (code < 0)
		code = words_duration(context, "for", span, &ms);
	if (code < 0)
		code = words_texts(context, specs);
	if (code >= 0)
		return code;
	body = json_pack("{s:I, s:s*, s:s*}", "id", (json_int_t)id, "reason", reason, "ticket",
			 ticket);
	if (span)
		json_object_set_new(body, "for_seconds", json_real(ms / MS_PER_SECOND));
	return answer_of(context, "POST", client_path(path), body, "id", print, NULL);
}

int command_apply(struct context *context)
{
	return decide(context, "/v1/proposals/apply", print_applied);
}

int command_dismiss(struct context *context)
{
	return decide(context, "/v1/proposals/dismiss", print_dismissed);
}
