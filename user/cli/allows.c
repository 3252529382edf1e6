// SPDX-License-Identifier: GPL-2.0-only
/* allow, unallow (and disallow, which is the same). */
#include <stdio.h>

#include "answer.h"
#include "client.h"
#include "list.h"
#include "print.h"
#include "rows.h"
#include "words.h"

static void print_allowed(const json_t *answer, void *data)
{
	printf("allowed %s: it is never blocked", member_text(answer, "prefix"));
	if (!member_is_null(answer, "reason"))
		printf(" (%s)", member_text(answer, "reason"));
	printf("\n");
	answer_note(answer);
}

int command_allow(struct context *context)
{
	const char *reason = NULL;
	const struct option_spec specs[] = {{"reason", &reason, NULL}, {NULL, NULL, NULL}};
	static const struct list_table table = {.columns = rows_allow_columns,
						.row = rows_allow,
						.empty = "no prefix is allowed"};
	int code = take_options(context, specs, 0, 1);
	json_t *body;

	if (code >= 0)
		return code;
	if (!context->argc)
		return list_print(context, client_path("/v1/allows"), &table);
	code = words_prefix(context, context->argv[0]);
	if (code < 0)
		code = words_text(context, "reason", reason);
	if (code >= 0)
		return code;
	body = json_pack("{s:s, s:s*}", "prefix", context->argv[0], "reason", reason);
	return answer_of(context, "POST", client_path("/v1/allows"), body, "prefix", print_allowed, NULL);
}

static void print_disallowed(const json_t *answer, void *data)
{
	printf("no longer allowed: %s\n", member_text(answer, "prefix"));
	answer_note(answer);
}

int command_disallow(struct context *context)
{
	const char *reason = NULL, *ticket = NULL;
	const struct option_spec specs[] = {{"reason", &reason, NULL}, {"ticket", &ticket, NULL}, {NULL, NULL, NULL}};
	int code = take_options(context, specs, 1, 1);
	char *path;

	if (code < 0)
		code = words_prefix(context, context->argv[0]);
	if (code < 0)
		code = words_text(context, "reason", reason);
	if (code < 0)
		code = words_text(context, "ticket", ticket);
	if (code >= 0)
		return code;
	path = client_path_add(client_path("/v1/allows"), "prefix", context->argv[0]);
	path = client_path_add(path, "reason", reason);
	path = client_path_add(path, "ticket", ticket);
	return answer_of(context, "DELETE", path, NULL, "prefix", print_disallowed, NULL);
}
