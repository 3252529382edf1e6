// SPDX-License-Identifier: GPL-2.0-only
#include "ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/client.h"
#include "cli/lib/output/print.h"
#include "base/text/language.h"
#include "cli/lib/output/said.h"

bool ask_is_possible(void)
{
	return isatty(STDIN_FILENO);
}

bool ask(const char *question)
{
	char answer[16];

	fflush(stdout);
	fprintf(stderr, "%s [y/N] ", question);
	fflush(stderr);
	return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}

int ask_first(const char *question, bool yes, const char *what, const char *hint)
{
	struct error error;

	if (yes || (ask_is_possible() && ask(question)))
		return -1;
	if (ask_is_possible())
		error_set(&error, 0, "nothing is changed");
	else
		error_set(&error, 0,
			  "%s needs a confirmation, and standard input is not a "
			  "terminal: %s",
			  what, hint);
	return refused(&error);
}

json_t *ask_send(struct client *client, const char *method, const char *path, const json_t *body,
		 const char *key, json_t **refusal, struct error *error)
{
	struct client_call call = {
		.method = method,
		.path = path,
		.type = CLIENT_TYPE_JSON,
		.seconds_max = CLIENT_OBJECT_MAX_S,
		.refusal = refusal,
	};
	char *text = json_dumps(body, JSON_COMPACT);
	json_t *object = NULL;

	call.body = text;
	call.bytes = text ? strlen(text) : 0;
	if (text)
		object = client_ask(client, &call, key, error);
	else
		error_set(error, 0, "out of memory; try again");
	free(text);
	return object;
}

/* What the refusal is about, without the hint for scripts. One yes is for all prefixes of the
 * request.
 */
static bool agrees(const char *text, size_t prefixes)
{
	char question[SAID_MAX + 256], piece[ERROR_TEXT_MAX], translated[SAID_MAX], all[96] = "";

	if (prefixes > 1)
		snprintf(all, sizeof(all), _(" with all %zu prefixes"), prefixes);
	snprintf(piece, sizeof(piece), "%.*s", (int)strcspn(text, ";"), text);
	snprintf(question, sizeof(question), _("%s; proceed%s?"), said(piece, translated), all);
	return ask(question);
}

static const char *known_code(const json_t *refusal, const char *const *codes)
{
	for (; refusal && *codes; codes++)
		if (!strcmp(member_text(refusal, "code"), *codes))
			return *codes;
	return NULL;
}

json_t *ask_object(const struct context *context, const char *method, const char *path,
		   json_t *body, const char *key, const char *const *codes, struct error *error)
{
	json_t *object = NULL;
	struct client *client;

	if (client_open(&client, context->socket, error))
		return NULL;
	client_tell_waiting(client);
	for (bool again = true; again && !object;) {
		json_t *refusal = NULL;
		const char *code;

		object = ask_send(client, method, path, body, key, &refusal, error);
		code = object ? NULL : known_code(refusal, codes);
		/* asked once for each */
		again = code && !json_object_get(body, code) && ask_is_possible() &&
			agrees(error->text, json_array_size(json_object_get(body, "prefixes")));
		if (again)
			json_object_set_new(body, code, json_true());
		json_decref(refusal);
	}
	client_close(client);
	return object;
}
