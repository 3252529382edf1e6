// SPDX-License-Identifier: GPL-2.0-only
#include "request.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/client.h"
#include "cli/lib/output/print.h"
#include "base/text/language.h"

static void print_one(const struct context *context, const json_t *answer, answer_print_t print,
		      void *data)
{
	if (context->json)
		print_json(answer);
	else
		print(answer, data);
}

void answer_print(const struct context *context, const json_t *answer, answer_print_t print,
		  void *data)
{
	json_t *list = json_object_get(answer, "prefixes"), *one;
	size_t i;

	if (!json_is_array(list))
		print_one(context, answer, print, data);
	json_array_foreach (list, i, one)
		print_one(context, one, print, data);
}

const char *answer_key(const json_t *prefixes)
{
	return json_array_size(prefixes) == 1 ? "prefix" : "prefixes";
}

int answer_of(const struct context *context, const char *method, char *path, json_t *body,
	      const char *key, answer_print_t print, void *data)
{
	json_t *answer = NULL;
	struct error error;

	if (path)
		answer = client_object(context->socket, method, path, body, key, &error);
	else
		error_set(&error, 0, "out of memory; try again");
	free(path);
	json_decref(body);
	if (!answer)
		return refused(&error);
	answer_print(context, answer, print, data);
	json_decref(answer);
	return EXIT_DONE;
}

const char *refusal_text(const json_t *answer, struct error *why)
{
	return client_failure(json_object_get(answer, "refusal"), why) ?
		       why->text :
		       member_text(answer, "refused");
}

void answer_note(const json_t *answer)
{
	char text[PRINT_TEXT_MAX];

	if (!member_is_null(answer, "note"))
		printf(_("note: %s\n"), print_local(member_text(answer, "note"), text));
}
