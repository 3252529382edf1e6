// SPDX-License-Identifier: GPL-2.0-only
/* block, unblock, list, allow, disallow. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "client.h"
#include "command.h"
#include "duration.h"
#include "prefix.h"
#include "print.h"

static int check_prefix(const struct context *context, const char *text)
{
	struct prefix prefix;

	if (prefix_parse(text, &prefix, NULL))
		return usage_error(context, "'%s' is not a prefix: write it like 2001:db8:0:1::/64",
				   text);
	return -1;
}

static void print_note(const json_t *answer)
{
	if (!member_is_null(answer, "note"))
		printf("note: %s\n", member_text(answer, "note"));
}

static void set_text(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, json_string(text));
}

/* Send an object, print the answer. */
static int send_object(struct context *context, const char *path, json_t *body,
		       void (*print)(const json_t *answer))
{
	struct error error;
	json_t *answer = client_object(context->socket, "POST", path, body, &error);

	json_decref(body);
	if (!answer)
		return refused(&error);
	if (context->json)
		print_json(answer);
	else
		print(answer);
	json_decref(answer);
	return EXIT_DONE;
}

static void print_blocked(const json_t *answer)
{
	char when[PRINT_MAX], until[PRINT_MAX];

	printf("blocked %s", member_text(answer, "prefix"));
	if (!member_is_null(answer, "until"))
		printf(", ends %s (%s)", print_when(member_number(answer, "until"), when),
		       print_time(member_number(answer, "until"), until));
	if (!member_is_null(answer, "reason"))
		printf(": %s", member_text(answer, "reason"));
	if (!member_is_null(answer, "ticket"))
		printf(" [%s]", member_text(answer, "ticket"));
	printf("\n");
	print_note(answer);
}

int command_block(struct context *context)
{
	const char *span = NULL, *reason = NULL, *ticket = NULL;
	const struct option_spec specs[] = {{"for", &span, NULL},
					    {"reason", &reason, NULL},
					    {"ticket", &ticket, NULL},
					    {NULL, NULL, NULL}};
	int code = take_options(context, specs, 1, 1);
	int64_t ms = 0;
	json_t *body;

	if (code < 0)
		code = check_prefix(context, context->argv[0]);
	if (code >= 0)
		return code;
	if (span && duration_parse(span, &ms))
		return usage_error(context, "'%s' is not a duration: write it like 90s, 15m, 1h30m or 7d",
				   span);
	body = json_object();
	set_text(body, "prefix", context->argv[0]);
	set_text(body, "reason", reason);
	set_text(body, "ticket", ticket);
	if (span)
		json_object_set_new(body, "for_seconds", json_real(ms / 1000.0));
	return send_object(context, "/v1/blocks", body, print_blocked);
}

static int delete_prefix(struct context *context, const char *path, const char *done)
{
	struct error error;
	json_t *answer;
	char *whole;
	int code = take_options(context, NULL, 1, 1);

	if (code < 0)
		code = check_prefix(context, context->argv[0]);
	if (code >= 0)
		return code;
	whole = client_path(path, "prefix", context->argv[0]);
	if (!whole) {
		error_set(&error, 0, "out of memory");
		return refused(&error);
	}
	answer = client_object(context->socket, "DELETE", whole, NULL, &error);
	free(whole);
	if (!answer)
		return refused(&error);
	if (context->json) {
		print_json(answer);
	} else {
		printf("%s %s\n", done, member_text(answer, "prefix"));
		print_note(answer);
	}
	json_decref(answer);
	return EXIT_DONE;
}

int command_unblock(struct context *context)
{
	return delete_prefix(context, "/v1/blocks", "unblocked");
}

int command_disallow(struct context *context)
{
	return delete_prefix(context, "/v1/allows", "no longer allowed:");
}

/* --- lists --- */

struct listing {
	const struct context *context;
	void (*header)(void);
	void (*row)(const json_t *object);
	uint64_t rows;
};

static int list_line(const char *line, void *data)
{
	struct listing *listing = data;
	json_t *object;

	if (listing->context->json) {
		puts(line);
		return 0;
	}
	object = json_loads(line, 0, NULL);
	if (!object)
		return -EPROTO;
	if (!listing->rows++)
		listing->header();
	listing->row(object);
	json_decref(object);
	return 0;
}

static int list(struct context *context, const char *path, void (*header)(void),
		void (*row)(const json_t *object), const char *empty)
{
	struct listing listing = {context, header, row, 0};
	struct error error;
	int err = client_request(context->socket, "GET", path, NULL, list_line, &listing, &error);

	if (err == -EPROTO)
		error_set(&error, err, "the answer from %s is not JSON; is it slash64d?",
			  context->socket);
	if (err)
		return refused(&error);
	if (!listing.rows && !context->json)
		printf("%s\n", empty);
	return EXIT_DONE;
}

static void block_header(void)
{
	print_header("%-43s %-10s %10s %13s %10s  %s", "PREFIX", "ORIGIN", "ENDS", "HITS", "LAST HIT",
		     "REASON");
}

static void block_row(const json_t *object)
{
	char until[PRINT_MAX], hits[PRINT_MAX], last[PRINT_MAX];

	printf("%-43s %-10s %10s %13s %10s  %s", member_text(object, "prefix"),
	       member_text(object, "origin"),
	       member_is_null(object, "until") ? "never" :
						 print_when(member_number(object, "until"), until),
	       print_count(member_number(object, "hits"), hits),
	       print_when(member_number(object, "last_hit"), last), member_text(object, "reason"));
	if (!member_is_null(object, "ticket"))
		printf(" [%s]", member_text(object, "ticket"));
	printf("\n");
}

int command_list(struct context *context)
{
	int code = take_options(context, NULL, 0, 0);

	if (code >= 0)
		return code;
	return list(context, "/v1/blocks", block_header, block_row, "nothing is blocked");
}

static void allow_header(void)
{
	print_header("%-43s %-10s %10s  %s", "PREFIX", "ORIGIN", "SINCE", "REASON");
}

static void allow_row(const json_t *object)
{
	char since[PRINT_MAX];

	printf("%-43s %-10s %10s  %s\n", member_text(object, "prefix"), member_text(object, "origin"),
	       print_when(member_number(object, "start"), since), member_text(object, "reason"));
}

static void print_allowed(const json_t *answer)
{
	printf("allowed %s: it is never blocked\n", member_text(answer, "prefix"));
	print_note(answer);
}

int command_allow(struct context *context)
{
	const char *reason = NULL;
	const struct option_spec specs[] = {{"reason", &reason, NULL}, {NULL, NULL, NULL}};
	int code = take_options(context, specs, 0, 1);
	json_t *body;

	if (code >= 0)
		return code;
	if (!context->argc)
		return list(context, "/v1/allows", allow_header, allow_row, "no prefix is allowed");
	code = check_prefix(context, context->argv[0]);
	if (code >= 0)
		return code;
	body = json_object();
	set_text(body, "prefix", context->argv[0]);
	set_text(body, "reason", reason);
	return send_object(context, "/v1/allows", body, print_allowed);
}

/* --- top --- */

static void top_header(void)
{
	print_header("%-43s %12s %12s %8s  %-22s %-20s %s", "SITE", "PACKETS/S", "BITS/S", "DROPPED",
		     "MOSTLY", "BECAUSE", "");
}

static const char *print_bits(double bytes, char buf[PRINT_MAX])
{
	static const char *const units[] = {"", "k", "M", "G", "T"};
	double bits = bytes * 8;
	int unit = 0;

	for (; bits >= 1000 && unit < 4; unit++)
		bits /= 1000;
	snprintf(buf, PRINT_MAX, unit ? "%.1f %s" : "%.0f%s", bits, units[unit]);
	return buf;
}

static void top_row(const json_t *object)
{
	char packets[PRINT_MAX], bits[PRINT_MAX];

	printf("%-43s %12s %12s %7.1f%%  %-22s %-20s %s\n", member_text(object, "site"),
	       print_rate(member_number(object, "packets_per_second"), packets),
	       print_bits(member_number(object, "bytes_per_second"), bits),
	       member_number(object, "dropped_percent"), member_text(object, "class"),
	       member_text(object, "reason"),
	       json_is_true(json_object_get(object, "blocked")) ? "blocked" : "");
}

int command_top(struct context *context)
{
	const char *seconds = "10", *limit = "20";
	const struct option_spec specs[] = {
		{"seconds", &seconds, NULL}, {"limit", &limit, NULL}, {NULL, NULL, NULL}};
	int code = take_options(context, specs, 0, 0);
	char path[128], *end;

	if (code >= 0)
		return code;
	if (!(strtod(seconds, &end) > 0) || *end)
		return usage_error(context, "--seconds '%s' is not a number above 0", seconds);
	if (!(strtod(limit, &end) >= 1) || *end)
		return usage_error(context, "--limit '%s' is not a number above 0", limit);
	snprintf(path, sizeof(path), "/v1/top?seconds=%.20s&limit=%.20s", seconds, limit);
	return list(context, path, top_header, top_row, "no IPv6 traffic was seen");
}
