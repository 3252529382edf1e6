// SPDX-License-Identifier: GPL-2.0-only
/* block, throttle. */
#include <stdio.h>
#include <string.h>

#include "cli/lib/request.h"
#include "cli/lib/ask.h"
#include "cli/lib/block_words.h"
#include "client/client.h"
#include "cli/lib/output/print.h"
#include "cli/lib/output/table_rows.h"
#include "cli/lib/args.h"
#include "feed/feed.h"
#include "base/text/language.h"

/* The arguments of block and throttle. */
struct order {
	struct end_words end;
	const char *reason, *ticket, *origin;
	const char *rate, *burst; /* of a throttle */
	bool force, dry_run;
};

/* ": echo flood [NOC-4711]" */
static void print_why(const json_t *block)
{
	if (!member_is_null(block, "reason"))
		printf(": %s", member_text(block, "reason"));
	if (!member_is_null(block, "ticket"))
		printf(" [%s]", member_text(block, "ticket"));
}

/* If nothing of it is in force, that is said first. */
static void print_stored(const json_t *answer)
{
	printf(_("stored "));
	block_print_prefix(answer);
	if (member_is_null(answer, "allowed_by"))
		printf(_(", not in force: it is within an allowed prefix, see slash64 allow"));
	else
		printf(_(", not in force: allowed by %s"), member_text(answer, "allowed_by"));
	if (!member_is_null(answer, "until"))
		block_print_end(answer, NULL);
	print_why(answer);
	printf("\n");
	answer_note(answer);
}

static void print_done(const json_t *answer, void *data)
{
	const struct order *order = data;
	const json_t *before = json_object_get(answer, "before");
	bool same = json_is_object(before) && block_says_same(answer, before);

	if (json_is_false(json_object_get(answer, "in_force"))) {
		print_stored(answer);
		return;
	}
	if (!same)
		printf(order->rate ? _("throttled ") : _("blocked "));
	block_print_prefix(answer);
	if (same)
		printf(order->rate ? _(" is already throttled") : _(" is already blocked"));
	block_print_rate(answer);
	if (order->end.span && !same)
		printf(_(" for %s"), order->end.span);
	block_print_end(answer, same ? NULL : before);
	print_why(answer);
	printf(same ? _("; nothing is changed\n") : "\n");
	answer_note(answer);
}

/* What would stay as it is: allowed prefixes, and existing blocks. */
static void print_standing(const json_t *answer)
{
	json_t *standing = json_object_get(answer, "standing"), *row;
	int64_t allowed = member_integer(answer, "allowed_count");
	char count[PRINT_MAX], until[PRINT_MAX];
	size_t i;

	/* a single one is named in the answer's note, or in the refusal */
	if (allowed > 1)
		printf(_("note: %s allowed prefixes in it stay open\n"),
		       print_count(allowed, count));
	json_array_foreach (standing, i, row) {
		printf(_("note: %s is already %s, by %s"), member_text(row, "prefix"),
		       strcmp(member_text(row, "kind"), "throttle") ? _("blocked") : _("throttled"),
		       member_text(row, "origin"));
		if (!member_is_null(row, "until"))
			printf(_(" until %s"), print_time(member_time(row, "until"), until));
		printf("\n");
	}
}

static void print_would(const json_t *answer, void *data)
{
	const struct order *order = data;
	json_t *sources = json_object_get(answer, "sources");
	int64_t seen = member_integer(answer, "sources_seen"), more;
	char count[PRINT_MAX], rate[PRINT_MAX], text[PRINT_TEXT_MAX];
	struct error why;

	printf(_("a %s of "), order->rate ? _("throttle") : _("block"));
	block_print_prefix(answer);
	if (seen > 0)
		printf(P_(" would hit %s source seen recently, %s packets per second; nothing is changed\n",
			  " would hit %s sources seen recently, %s packets per second; nothing is changed\n",
			  seen),
		       print_count(seen, count),
		       print_rate(member_number(answer, "packets_per_second"), rate));
	else
		printf(_(" would hit no source seen recently; nothing is changed\n"));
	answer_note(answer);
	print_standing(answer);
	if (order->force && !member_is_null(answer, "refused"))
		printf(_("note: without --force it would be refused: %s\n"),
		       print_local(refusal_text(answer, &why), text));
	rows_print(sources, rows_hit_columns, rows_source);
	more = seen - (int64_t)json_array_size(sources);
	if (more > 0)
		printf(_("and %s more\n"), print_count(more, count));
}

/* Ends like the order itself, except for what --force overrides: the first refused prefix refuses
 * all.
 */
static int end_dry_run(const json_t *answer, const struct order *order)
{
	json_t *list = json_object_get(answer, "prefixes"), *one;
	const json_t *refusal = answer;
	struct error error, why;
	size_t i;

	json_array_foreach (list, i, one)
		if (refusal == answer && !member_is_null(one, "refused"))
			refusal = one;
	if (order->force || member_is_null(refusal, "refused"))
		return EXIT_DONE;
	error_set(&error, 0, "it would be refused: %s", refusal_text(refusal, &why));
	return refused(&error);
}

static int send_order(const struct context *context, const char *path, json_t *body,
		      struct order *order)
{
	static const char *const codes[] = {"wide", "weaken", NULL};
	const char *key = json_object_get(body, "prefixes") ? "prefixes" : "prefix";
	struct error error;
	json_t *answer = ask_object(context, "POST", path, body, key, codes, &error);
	int code;

	if (!answer)
		return refused(&error);
	answer_print(context, answer, order->dry_run ? print_would : print_done, order);
	code = order->dry_run ? end_dry_run(answer, order) : EXIT_DONE;
	json_decref(answer);
	return code;
}

/* An exit code, or -1 with the body. */
static int make_body(const struct context *context, const struct order *order, json_t **out)
{
	json_t *body, *prefixes = NULL;
	int64_t rate = 0, burst = 0;
	int code = words_origin(context, order->origin);

	if (code < 0)
		code = words_whole(context, "rate", order->rate, 1, &rate);
	if (code < 0)
		code = words_at_most(context, "rate", order->rate, rate, RATE_MAX);
	if (code < 0)
		code = words_whole(context, "burst", order->burst, 1, &burst);
	if (code < 0)
		code = words_at_most(context, "burst", order->burst, burst, BURST_MAX);
	if (code < 0)
		code = words_prefixes(context, &prefixes);
	if (code >= 0)
		return code;
	body = json_pack("{s:s*, s:s*, s:s*}", "reason", order->reason, "ticket", order->ticket,
			 "origin", order->origin);
	prefixes_add(body, prefixes);
	if (rate)
		json_object_set_new(body, "rate", json_integer(rate));
	if (burst)
		json_object_set_new(body, "burst", json_integer(burst));
	if (order->force)
		json_object_set_new(body, "force", json_true());
	if (order->dry_run)
		json_object_set_new(body, "dry_run", json_true());
	ssh_sources_add(body);
	code = end_add(context, &order->end, body);
	if (code >= 0) {
		json_decref(body);
		return code;
	}
	*out = body;
	return -1;
}

static int run(const struct context *context, const char *path, struct order *order)
{
	json_t *body = NULL;
	int code = make_body(context, order, &body);

	if (code < 0)
		code = send_order(context, path, body, order);
	json_decref(body);
	return code;
}

/* Those of a block and of a throttle. */
#define ORDER_OPTIONS(order)                                                            \
	{"for", &(order).end.span, NULL}, {"until", &(order).end.until, NULL},          \
		{"no-end", NULL, &(order).end.none}, {"reason", &(order).reason, NULL}, \
		{"ticket", &(order).ticket, NULL}, {"origin", &(order).origin, NULL},   \
		{"force", NULL, &(order).force},                                        \
	{                                                                               \
		"dry-run", NULL, &(order).dry_run                                       \
	}

int command_block(struct context *context)
{
	struct order order = {};
	const struct option_spec specs[] = {ORDER_OPTIONS(order), {NULL, NULL, NULL}};
	int code = take_options(context, specs, 1, WORDS_ANY);

	if (code < 0)
		code = words_texts(context, specs);
	return code < 0 ? run(context, "/v1/blocks", &order) : code;
}

int command_throttle(struct context *context)
{
	struct order order = {};
	const struct option_spec specs[] = {{"rate", &order.rate, NULL},
					    {"burst", &order.burst, NULL},
					    ORDER_OPTIONS(order),
					    {NULL, NULL, NULL}};
	int code = take_options(context, specs, 1, WORDS_ANY);

	if (code < 0)
		code = words_texts(context, specs);
	if (code < 0 && !order.rate)
		return usage_error(context, "missing --rate: packets per second, like --rate 100");
	return code < 0 ? run(context, "/v1/throttles", &order) : code;
}
