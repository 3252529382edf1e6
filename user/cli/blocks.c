// SPDX-License-Identifier: GPL-2.0-only
/* block, unblock, list, allow, disallow. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "client.h"
#include "command.h"
#include "duration.h"
#include "list.h"
#include "prefix.h"
#include "print.h"

/* What may be blocked or allowed is decided here, and by the daemon. */
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

/* An exit code, or -1 to go on. */
static int set_text(const struct context *context, json_t *object, const char *key,
		    const char *text)
{
	if (!text || !json_object_set_new(object, key, json_string(text)))
		return -1;
	return usage_error(context, "--%s is not UTF-8", key);
}

/* Prints the answer; `span` is what --for said, or NULL. */
typedef void (*print_answer_t)(const json_t *answer, const char *span);

static int send_object(const struct context *context, const char *path, const json_t *body,
		       print_answer_t print, const char *span)
{
	struct error error;
	json_t *answer = client_object(context->socket, "POST", path, body, "prefix", &error);

	if (!answer)
		return refused(&error);
	if (context->json)
		print_json(answer);
	else
		print(answer, span);
	json_decref(answer);
	return EXIT_DONE;
}

static void print_blocked(const json_t *answer, const char *span)
{
	char until[PRINT_MAX];

	printf("blocked %s", member_text(answer, "prefix"));
	if (span)
		printf(" for %s", span);
	if (!member_is_null(answer, "until"))
		printf(" (until %s)", print_time(member_integer(answer, "until"), until));
	if (!member_is_null(answer, "reason"))
		printf(": %s", member_text(answer, "reason"));
	if (!member_is_null(answer, "ticket"))
		printf(" [%s]", member_text(answer, "ticket"));
	printf("\n");
	print_note(answer);
}

/* `span` may be NULL, and *ms is left alone then. An exit code, or -1 to go on. */
static int check_span(const struct context *context, const char *span, int64_t *ms)
{
	int err = span ? duration_parse(span, ms) : 0;

	if (err == -ERANGE)
		return usage_error(context,
				   "--for '%s' is above ten years: leave it out for no end", span);
	if (err)
		return usage_error(context,
				   "'%s' is not a duration: write it like 90s, 15m, 1h30m or 7d",
				   span);
	return -1;
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
	code = check_span(context, span, &ms);
	if (code >= 0)
		return code;
	body = json_pack("{s:s}", "prefix", context->argv[0]);
	if (ms)
		json_object_set_new(body, "for_seconds",
				    ms % 1000 ? json_real(ms / 1000.0) : json_integer(ms / 1000));
	code = set_text(context, body, "reason", reason);
	if (code < 0)
		code = set_text(context, body, "ticket", ticket);
	if (code < 0)
		code = send_object(context, "/v1/blocks", body, print_blocked, span);
	json_decref(body);
	return code;
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
		error_set(&error, 0, "out of memory; try again");
		return refused(&error);
	}
	answer = client_object(context->socket, "DELETE", whole, NULL, "prefix", &error);
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

static void block_header(void)
{
	print_header("%-43s %-10s %12s %13s %13s  %s", "PREFIX", "ORIGIN", "ENDS", "HITS",
		     "LAST HIT", "REASON [TICKET]");
}

static void block_row(const json_t *object)
{
	char until[PRINT_MAX], hits[PRINT_MAX], last[PRINT_MAX];

	printf("%-43s %-10s %12s %13s %13s  %s", member_text(object, "prefix"),
	       member_text(object, "origin"),
	       member_is_null(object, "until") ? "never"
					       : print_when(member_integer(object, "until"), until),
	       print_count(member_integer(object, "hits"), hits),
	       print_when(member_integer(object, "last_hit"), last), member_text(object, "reason"));
	if (!member_is_null(object, "ticket"))
		printf(" [%s]", member_text(object, "ticket"));
	printf("\n");
}

int command_list(struct context *context)
{
	static const struct list_table table = {block_header, block_row, "no blocks"};
	int code = take_options(context, NULL, 0, 0);

	if (code >= 0)
		return code;
	return list_print(context, "/v1/blocks", &table);
}

static void allow_header(void)
{
	print_header("%-43s %-10s %13s  %s", "PREFIX", "ORIGIN", "SINCE", "REASON");
}

static void allow_row(const json_t *object)
{
	char since[PRINT_MAX];

	printf("%-43s %-10s %13s  %s\n", member_text(object, "prefix"),
	       member_text(object, "origin"), print_when(member_integer(object, "start"), since),
	       member_text(object, "reason"));
}

static void print_allowed(const json_t *answer, const char *span)
{
	printf("allowed %s: it is never blocked\n", member_text(answer, "prefix"));
	print_note(answer);
}

int command_allow(struct context *context)
{
	const char *reason = NULL;
	const struct option_spec specs[] = {{"reason", &reason, NULL}, {NULL, NULL, NULL}};
	static const struct list_table table = {allow_header, allow_row, "no prefix is allowed"};
	int code = take_options(context, specs, 0, 1);
	json_t *body;

	if (code >= 0)
		return code;
	if (!context->argc)
		return list_print(context, "/v1/allows", &table);
	code = check_prefix(context, context->argv[0]);
	if (code >= 0)
		return code;
	body = json_pack("{s:s}", "prefix", context->argv[0]);
	code = set_text(context, body, "reason", reason);
	if (code < 0)
		code = send_object(context, "/v1/allows", body, print_allowed, NULL);
	json_decref(body);
	return code;
}
