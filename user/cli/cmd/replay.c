// SPDX-License-Identifier: GPL-2.0-only
/* The arguments of slash64 replay. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "replay/replay.h"

/* --local may be given several times: extracted before the other options. */
static int take_locals(struct context *context, struct replay_options *options)
{
	int kept = 0;

	for (int i = 0; i < context->argc; i++) {
		const char *text = NULL;

		if (!strcmp(context->argv[i], "--local")) {
			if (i + 1 == context->argc)
				return usage_error(context, "--local needs an address");
			text = context->argv[++i];
		} else if (!strncmp(context->argv[i], "--local=", 8)) {
			text = context->argv[i] + 8;
		} else {
			context->argv[kept++] = context->argv[i];
			continue;
		}
		if (options->local_count == REPLAY_LOCAL_MAX)
			return usage_error(context, "more than %d addresses with --local",
					   REPLAY_LOCAL_MAX);
		if (prefix_parse_whole(text, &options->local[options->local_count], NULL) ||
		    prefix_is_v4(&options->local[options->local_count]) ||
		    !options->local[options->local_count].length)
			return usage_error(context, "--local '%s' is not an IPv6 address or prefix",
					   text);
		options->local_count++;
	}
	context->argc = kept;
	return -1;
}

int command_replay(struct context *context)
{
	struct replay_options options = {.json = context->json};
	const char *as = NULL, *step = "all";
	const struct option_spec specs[] = {{"config", &options.config, NULL},
					    {"interface", &options.interface, NULL},
					    {"as", &as, NULL},
					    {"step", &step, NULL},
					    {"detect", NULL, &options.detect},
					    {NULL, NULL, NULL}};
	struct error error;
	int code = take_locals(context, &options);

	if (code < 0)
		code = take_options(context, specs, 1, 1);
	if (code >= 0)
		return code;
	options.file = context->argv[0];
	if (as && !strcmp(as, "transit"))
		options.direction = S64_TEST_TRANSIT;
	else if (as && !strcmp(as, "local"))
		options.direction = S64_TEST_LOCAL;
	else if (as)
		return usage_error(context, "--as '%s' must be transit or local", as);
	if (!strcmp(step, "parse"))
		options.step = S64_STEP_PARSE;
	else if (!strcmp(step, "classify"))
		options.step = S64_STEP_CLASSIFY;
	else if (strcmp(step, "all"))
		return usage_error(context, "--step '%s' must be all, parse or classify", step);
	if (options.detect && options.step != S64_STEP_ALL)
		return usage_error(context, "--detect needs all steps; leave --step out");
	return replay(&options, &error) < 0 ? refused(&error) : EXIT_DONE;
}
