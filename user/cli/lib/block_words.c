// SPDX-License-Identifier: GPL-2.0-only
#include "block_words.h"

#include <stdio.h>
#include <string.h>

#include "cli/lib/output/print.h"
#include "client/ssh_source.h"
#include "base/text/language.h"
#include "args.h"

/* --- requests --- */

static int add_until(const struct context *context, const char *until, json_t *body)
{
	int64_t now_us = when_now(), us = 0;
	int code = words_time(context, "until", until, now_us, WHEN_AFTER, &us);
	char text[WHEN_TEXT_MAX];

	if (code < 0 && us <= now_us)
		return usage_error(context, "--until '%s' is in the past", until);
	if (code < 0)
		json_object_set_new(body, "until", json_string(when_format_exact(us, 0, text)));
	return code;
}

int end_add(const struct context *context, const struct end_words *end, json_t *body)
{
	int64_t ms = 0;
	int code;

	if (!!end->span + !!end->until + end->none > 1)
		return usage_error(context, "--for, --until and --no-end exclude each other");
	if (end->until)
		return add_until(context, end->until, body);
	if (end->none)
		json_object_set_new(body, "until", json_null());
	code = words_duration(context, "for", end->span, &ms);
	if (code < 0 && ms)
		json_object_set_new(body, "for_seconds",
				    ms % 1000 ? json_real(ms / 1000.0) : json_integer(ms / 1000));
	return code;
}

void ssh_sources_add(json_t *body)
{
	json_t *sources = ssh_sources();

	if (json_array_size(sources))
		json_object_set(body, "ssh_sources", sources);
	json_decref(sources);
}

/* --- answers --- */

void block_print_prefix(const json_t *block)
{
	printf("%s", member_text(block, "prefix"));
	if (!member_is_null(block, "check_chars"))
		printf(_(" (check %s)"), member_text(block, "check_chars"));
}

static bool is_throttle(const json_t *block)
{
	return !strcmp(member_text(block, "kind"), "throttle");
}

void block_print_rate(const json_t *block)
{
	char rate[PRINT_MAX], burst[PRINT_MAX];

	if (is_throttle(block))
		printf(_(" to %s packets per second, burst %s"),
		       print_count(member_integer(block, "rate"), rate),
		       print_count(member_integer(block, "burst"), burst));
}

static bool differs(const json_t *a, const json_t *b, const char *key)
{
	json_t *one = json_object_get(a, key), *other = json_object_get(b, key);

	return !json_equal(one ? one : json_null(), other ? other : json_null());
}

static bool rate_differs(const json_t *a, const json_t *b)
{
	return differs(a, b, "kind") || differs(a, b, "rate") || differs(a, b, "burst");
}

bool block_says_same(const json_t *a, const json_t *b)
{
	return !rate_differs(a, b) && !differs(a, b, "until") && !differs(a, b, "reason") &&
	       !differs(a, b, "ticket");
}

static void print_until(const json_t *block)
{
	char until[PRINT_MAX];

	if (member_is_null(block, "until"))
		printf(_("without end"));
	else
		printf(_("until %s"), print_time(member_time(block, "until"), until));
}

static void print_text_before(const char **between, const char *name, const char *none,
			      const char *form, const json_t *block, const json_t *before)
{
	if (!differs(block, before, name))
		return;
	if (member_is_null(before, name))
		printf("%s%s", *between, none);
	else
		printf(form, *between, member_text(before, name));
	*between = ", ";
}

static void print_before(const json_t *block, const json_t *before)
{
	const char *between = _("; before: ");

	if (rate_differs(block, before)) {
		printf("%s%s", between, is_throttle(before) ? _("throttled") : _("blocked"));
		block_print_rate(before);
		between = ", ";
	}
	if (differs(block, before, "until")) {
		printf("%s", between);
		print_until(before);
		between = ", ";
	}
	print_text_before(&between, "reason", _("no reason"), _("%sreason '%s'"), block, before);
	print_text_before(&between, "ticket", _("no ticket"), _("%sticket '%s'"), block, before);
}

void block_print_end(const json_t *block, const json_t *before)
{
	bool changed = json_is_object(before) && !block_says_same(block, before);

	printf(" (");
	print_until(block);
	if (changed)
		print_before(block, before);
	printf(")");
}
