// SPDX-License-Identifier: GPL-2.0-only
#include "filter_options.h"

#include <string.h>

#include "args.h"
#include "base/text/near.h"
#include "client/client.h"
#include "policy/names.h"

static const char *class_name(int class)
{
	return class_info(class)->name;
}

static const char *verdict_of(int verdict)
{
	return verdict_name(verdict);
}

/* One of `count` names. */
static int check_name(const struct context *context, const char *option, const char *text,
		      const char *(*name)(int number), int count)
{
	struct near near = {.typed = text};
	char meant[NEAR_TEXT_MAX];

	for (int i = 0; i < count; i++) {
		if (!text || !strcmp(text, name(i)))
			return -1;
		near_try(&near, name(i));
	}
	return usage_error(context, "--%s: there is no %s '%.64s'%s", option, option, text,
			   near_text(&near, "", meant));
}

int filter_options_check(const struct context *context, const struct filter_options *filter)
{
	int code = words_prefix(context, filter->source);

	if (code < 0)
		code = words_prefix(context, filter->destination);
	if (code < 0)
		code = check_name(context, "class", filter->class, class_name, S64_CLASS_COUNT);
	if (code < 0)
		code = check_name(context, "reason", filter->reason, reason_name, S64_REASON_COUNT);
	if (code < 0)
		code = check_name(context, "verdict", filter->verdict, verdict_of,
				  S64_VERDICT_COUNT);
	return code;
}

char *filter_options_add(char *path, const struct filter_options *filter)
{
	path = client_path_add(path, "source", filter->source);
	path = client_path_add(path, "destination", filter->destination);
	path = client_path_add(path, "class", filter->class);
	path = client_path_add(path, "reason", filter->reason);
	path = client_path_add(path, "verdict", filter->verdict);
	return client_path_add(path, "interface", filter->interface);
}
