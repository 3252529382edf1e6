// SPDX-License-Identifier: GPL-2.0-only
#include "filter_options.h"

#include <stdio.h>
#include <string.h>

#include "args.h"
#include "base/text/near.h"
#include "client/client.h"
#include "net/prefix.h"
#include "policy/names.h"
#include "base/text/language.h"

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
	if (!near.count && count > S64_VERDICT_COUNT)
		return usage_error(context,
				   "--%s: there is no %s '%.64s'; 'slash64 help --words %s --%s' "
				   "lists all",
				   option, option, text, context->command->name, option);
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

const char *filter_options_text(const struct filter_options *filter, char buf[FILTER_TEXT_MAX])
{
	const struct {
		const char *name, *value;
	} all[] = {
		{"source", filter->source},   {"destination", filter->destination},
		{"class", filter->class},     {"reason", filter->reason},
		{"verdict", filter->verdict}, {"interface", filter->interface},
	};
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].value)
			n += snprintf(buf + n, FILTER_TEXT_MAX - n, "%s%s=%.64s", n ? " " : "",
				      all[i].name, all[i].value);
	return buf;
}

static void note_address(const char *option, const char *text)
{
	char address[PREFIX_TEXT_MAX], source[PREFIX_TEXT_MAX];
	struct prefix whole, prefix;
	enum prefix_note note;

	if (!text || prefix_parse_whole(text, &whole, &note) || note != PREFIX_WAS_ADDRESS ||
	    prefix_is_v4(&whole) || prefix_parse(text, &prefix, NULL))
		return;
	fprintf(stderr, _("slash64: --%s %s is this address alone; its /64 is %s\n"), option,
		prefix_format_said(&whole, address), prefix_format(&prefix, source));
}

void filter_options_note(const struct filter_options *filter)
{
	note_address("source", filter->source);
	note_address("destination", filter->destination);
}
