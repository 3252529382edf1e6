// SPDX-License-Identifier: GPL-2.0-only
/* unblock. */
#include <stdio.h>

#include "answer.h"
#include "client.h"
#include "print.h"
#include "words.h"

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
