// SPDX-License-Identifier: GPL-2.0-only
#include "long_request.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "cli/lib/output/terminal.h"
#include "base/time.h"

#define QUIET_S 2 /* most are done by then */

struct progress {
	const char *doing;
	int64_t begin_s;
	bool shown;
};

/* Called about once a second; it never stops the request, which slash64d would finish all the same. */
static bool show(void *data)
{
	struct progress *progress = data;
	int64_t passed_s = clock_monotonic_s() - progress->begin_s;

	if (passed_s >= QUIET_S && terminal_shows_progress()) {
		fprintf(stderr, "\r%s: %" PRId64 " s\033[K", progress->doing, passed_s);
		progress->shown = true;
	}
	return false;
}

json_t *long_request(const struct context *context, const char *path, const json_t *body,
		     const char *key, const char *doing, struct error *error)
{
	struct progress progress = {.doing = doing, .begin_s = clock_monotonic_s()};
	struct client_call call = {.method = "POST", .path = path, .type = CLIENT_TYPE_JSON};
	char *text = json_dumps(body, JSON_COMPACT);
	json_t *answer = NULL;
	struct client *client;

	if (!text) {
		error_set(error, 0, "out of memory; try again");
		return NULL;
	}
	if (!client_open(&client, context->socket, error)) {
		call.body = text;
		call.bytes = strlen(text);
		client_stop_at(client, show, &progress);
		answer = client_ask(client, &call, key, error);
		client_close(client);
	}
	if (progress.shown)
		fputs("\r\033[K", stderr);
	free(text);
	return answer;
}
