// SPDX-License-Identifier: GPL-2.0-only
/* attach, detach, reload, metrics. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/lib/request.h"
#include "client/client.h"
#include "cli/lib/output/prometheus.h"
#include "cli/lib/output/print.h"
#include "cli/lib/args.h"
#include "config/config.h"
#include "base/text/language.h"

static void print_attached(const json_t *answer, void *data)
{
	printf(_("attached to %s: %s mode, %s, filter %s\n"), member_text(answer, "name"),
	       member_text(answer, "mode"), member_text(answer, "method"),
	       member_text(answer, "filter"));
	if (!strcmp(member_text(answer, "filter"), "monitor"))
		printf(_("note: nothing is dropped there now: it only counts what would be\n"));
}

int command_attach(struct context *context)
{
	const char *mode = NULL, *filter = NULL;
	const struct option_spec specs[] = {{"mode", &mode, NULL},
					    {"filter", &filter, NULL},
					    {NULL, NULL, NULL}};
	json_t *body;
	int code = take_options(context, specs, 1, 1);

	if (code < 0)
		code = words_choice(context, "mode", mode, config_mode_names);
	if (code < 0)
		code = words_choice(context, "filter", filter, policy_filter_names);
	if (code >= 0)
		return code;
	body = json_pack("{s:s, s:s*, s:s*}", "name", context->argv[0], "mode", mode, "filter",
			 filter);
	if (!body)
		return usage_error(context, "the name of the interface is not UTF-8");
	return answer_of(context, "POST", client_path("/v1/interfaces"), body, "name",
			 print_attached, NULL);
}

static void print_detached(const json_t *answer, void *data)
{
	printf(_("detached from %s: nothing is filtered there now\n"), member_text(answer, "name"));
	answer_note(answer);
}

int command_detach(struct context *context)
{
	const char *reason = NULL, *ticket = NULL;
	const struct option_spec specs[] = {{"reason", &reason, NULL},
					    {"ticket", &ticket, NULL},
					    {NULL, NULL, NULL}};
	int code = take_options(context, specs, 1, 1);
	char *path;

	if (code < 0)
		code = words_text(context, "reason", reason);
	if (code < 0)
		code = words_text(context, "ticket", ticket);
	if (code >= 0)
		return code;
	path = client_path_add(client_path("/v1/interfaces"), "name", context->argv[0]);
	path = client_path_add(path, "reason", reason);
	path = client_path_add(path, "ticket", ticket);
	return answer_of(context, "DELETE", path, NULL, "name", print_detached, NULL);
}

static int metrics_line(const char *line, void *data)
{
	const struct context *context = data;
	json_t *sample;

	if (!context->json) {
		puts(line);
		return 0;
	}
	if (exposition_parse(line, &sample))
		return -EPROTO;
	if (sample)
		print_json(sample);
	json_decref(sample);
	return 0;
}

int command_metrics(struct context *context)
{
	struct error error;
	int code = take_options(context, NULL, 0, 0);

	if (code >= 0)
		return code;
	if (client_request(context->socket, "/metrics", metrics_line, context, &error))
		return refused(&error);
	return EXIT_DONE;
}
