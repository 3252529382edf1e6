// SPDX-License-Identifier: GPL-2.0-only
/* block, throttle, unblock. */
#include <stdio.h>
#include <string.h>

#include "answer.h"
#include "client.h"
#include "print.h"
#include "rows.h"
#include "ssh_source.h"
#include "words.h"

/* What block and throttle were told. */
struct order {
	const char *span, *reason, *ticket, *origin;
	const char *rate, *burst; /* of a throttle */
	bool force, dry_run;
};

/* " (check ND)", for those who have been told the prefix over the telephone. */
static void print_prefix(const json_t *answer)
{
	printf("%s", member_text(answer, "prefix"));
	if (!member_is_null(answer, "check"))
		printf(" (check %s)", member_text(answer, "check"));
}

static void print_done(const json_t *answer, const struct order *order)
{
	char until[PRINT_MAX], rate[PRINT_MAX], burst[PRINT_MAX];

	printf(order->rate ? "throttled " : "blocked ");
	print_prefix(answer);
	if (order->rate)
		printf(" to %s packets a second, burst %s", print_count(member_integer(answer, "rate"), rate),
		       print_count(member_integer(answer, "burst"), burst));
	if (order->span)
		printf(" for %s", order->span);
	if (!member_is_null(answer, "until"))
		printf(" (until %s)", print_time(member_time(answer, "until"), until));
	if (!member_is_null(answer, "reason"))
		printf(": %s", member_text(answer, "reason"));
	if (!member_is_null(answer, "ticket"))
		printf(" [%s]", member_text(answer, "ticket"));
	printf("\n");
	answer_note(answer);
	if (json_is_false(json_object_get(answer, "in_force")))
		printf("note: it does nothing while a prefix around it is allowed: see slash64 allow\n");
}

static void print_would(const json_t *answer, const struct order *order)
{
	json_t *sites = json_object_get(answer, "sites");
	int64_t seen = member_integer(answer, "sites_seen"), more;
	char count[PRINT_MAX], rate[PRINT_MAX];

	printf("a %s of ", order->rate ? "throttle" : "block");
	print_prefix(answer);
	if (seen > 0)
		printf(" would hit %s site%s seen lately, %s packets a second; nothing is changed\n",
		       print_count(seen, count), seen == 1 ? "" : "s",
		       print_rate(member_number(answer, "packets_per_second"), rate));
	else
		printf(" would hit no site seen lately; nothing is changed\n");
	answer_note(answer);
	if (order->force && !member_is_null(answer, "refused"))
		printf("note: without --force it would be refused: %s\n", member_text(answer, "refused"));
	rows_print(sites, rows_hit_columns, rows_site);
	more = seen - (int64_t)json_array_size(sites);
	if (more > 0)
		printf("and %s more\n", print_count(more, count));
}

/* Ends as the order itself would, but for what --force overrides. */
static int end_dry_run(const struct context *context, const json_t *answer, const struct order *order)
{
	struct error error;

	if (!context->json)
		print_would(answer, order);
	if (order->force || member_is_null(answer, "refused"))
		return EXIT_DONE;
	error_set(&error, 0, "it would be refused: %s", member_text(answer, "refused"));
	return refused(&error);
}

static int send_order(const struct context *context, const char *path, const json_t *body, const struct order *order)
{
	struct error error;
	json_t *answer = client_object(context->socket, "POST", path, body, "prefix", &error);
	int code = EXIT_DONE;

	if (!answer)
		return refused(&error);
	if (context->json)
		print_json(answer);
	if (order->dry_run)
		code = end_dry_run(context, answer, order);
	else if (!context->json)
		print_done(answer, order);
	json_decref(answer);
	return code;
}

/* An exit code, or -1 with the body. */
static int make_body(const struct context *context, const struct order *order, json_t **out)
{
	int64_t ms = 0, rate = 0, burst = 0;
	int code = words_prefix(context, context->argv[0]);
	json_t *body, *sources;

	if (code < 0)
		code = words_duration(context, "for", order->span, &ms);
	if (code < 0)
		code = words_whole(context, "rate", order->rate, 1, &rate);
	if (code < 0)
		code = words_whole(context, "burst", order->burst, 1, &burst);
	if (code < 0)
		code = words_text(context, "reason", order->reason);
	if (code < 0)
		code = words_text(context, "ticket", order->ticket);
	if (code < 0)
		code = words_text(context, "origin", order->origin);
	if (code >= 0)
		return code;
	body = json_pack("{s:s, s:s*, s:s*, s:s*}", "prefix", context->argv[0], "reason", order->reason, "ticket",
			 order->ticket, "origin", order->origin);
	if (rate)
		json_object_set_new(body, "rate", json_integer(rate));
	if (burst)
		json_object_set_new(body, "burst", json_integer(burst));
	if (ms)
		json_object_set_new(body, "for_seconds", ms % 1000 ? json_real(ms / 1000.0) : json_integer(ms / 1000));
	if (order->force)
		json_object_set_new(body, "force", json_true());
	if (order->dry_run)
		json_object_set_new(body, "dry_run", json_true());
	sources = ssh_sources();
	if (json_array_size(sources))
		json_object_set(body, "ssh_sources", sources);
	json_decref(sources);
	*out = body;
	return -1;
}

static int run(const struct context *context, const char *path, const struct order *order)
{
	json_t *body = NULL;
	int code = make_body(context, order, &body);

	if (code < 0)
		code = send_order(context, path, body, order);
	json_decref(body);
	return code;
}

int command_block(struct context *context)
{
	struct order order = {};
	const struct option_spec specs[] = {{"for", &order.span, NULL},
					    {"reason", &order.reason, NULL},
					    {"ticket", &order.ticket, NULL},
					    {"origin", &order.origin, NULL},
					    {"force", NULL, &order.force},
					    {"dry-run", NULL, &order.dry_run},
					    {NULL, NULL, NULL}};
	int code = take_options(context, specs, 1, 1);

	return code < 0 ? run(context, "/v1/blocks", &order) : code;
}

int command_throttle(struct context *context)
{
	struct order order = {};
	const struct option_spec specs[] = {
		{"rate", &order.rate, NULL},	 {"burst", &order.burst, NULL},	    {"for", &order.span, NULL},
		{"reason", &order.reason, NULL}, {"ticket", &order.ticket, NULL},   {"origin", &order.origin, NULL},
		{"force", NULL, &order.force},	 {"dry-run", NULL, &order.dry_run}, {NULL, NULL, NULL}};
	int code = take_options(context, specs, 1, 1);

	if (code < 0 && !order.rate)
		return usage_error(context, "--rate is missing: packets a second, like --rate 100");
	return code < 0 ? run(context, "/v1/throttles", &order) : code;
}

static void print_unblocked(const json_t *answer, void *data)
{
	printf("unblocked %s", member_text(answer, "prefix"));
	if (!member_is_null(answer, "origin"))
		printf(" of %s", member_text(answer, "origin"));
	printf("\n");
	answer_note(answer);
}

int command_unblock(struct context *context)
{
	const char *origin = NULL;
	const struct option_spec specs[] = {{"origin", &origin, NULL}, {NULL, NULL, NULL}};
	int code = take_options(context, specs, 1, 1);
	char *path;

	if (code < 0)
		code = words_prefix(context, context->argv[0]);
	if (code < 0)
		code = words_text(context, "origin", origin);
	if (code >= 0)
		return code;
	path = client_path_add(client_path("/v1/blocks"), "prefix", context->argv[0]);
	path = client_path_add(path, "origin", origin);
	return answer_of(context, "DELETE", path, NULL, "prefix", print_unblocked, NULL);
}
