// SPDX-License-Identifier: GPL-2.0-only
/* edit: changes only the given terms of an entry. */
#include <stdio.h>

#include "cli/lib/request.h"
#include "cli/lib/block_words.h"
#include "client/client.h"
#include "cli/lib/output/print.h"
#include "cli/lib/args.h"
#include "feed/feed.h"
#include "base/text/language.h"

static void print_edited(const json_t *answer, void *data)
{
	const json_t *before = json_object_get(answer, "before");
	bool same = json_is_object(before) && block_says_same(answer, before);

	printf(same ? _("not changed: ") : _("changed "));
	block_print_prefix(answer);
	printf(_(" of %s, %s"), member_text(answer, "origin"), member_text(answer, "kind"));
	block_print_rate(answer);
	block_print_end(answer, before);
	if (!member_is_null(answer, "reason"))
		printf(": %s", member_text(answer, "reason"));
	if (!member_is_null(answer, "ticket"))
		printf(" [%s]", member_text(answer, "ticket"));
	printf("\n");
	answer_note(answer);
}

int command_edit(struct context *context)
{
	const char *reason = NULL, *ticket = NULL, *rate = NULL, *burst = NULL, *origin = NULL;
	struct end_words end = {};
	const struct option_spec specs[] = {
		{"for", &end.span, NULL},  {"until", &end.until, NULL}, {"no-end", NULL, &end.none},
		{"reason", &reason, NULL}, {"ticket", &ticket, NULL},	{"rate", &rate, NULL},
		{"burst", &burst, NULL},   {"origin", &origin, NULL},	{NULL, NULL, NULL},
	};
	int64_t packets = 0, at_once = 0;
	int code = take_options(context, specs, 1, WORDS_ANY);
	json_t *body, *prefixes = NULL;
	const char *key;

	if (code < 0)
		code = words_texts(context, specs);
	if (code < 0)
		code = words_whole(context, "rate", rate, 1, &packets);
	if (code < 0)
		code = words_at_most(context, "rate", rate, packets, RATE_MAX);
	if (code < 0)
		code = words_whole(context, "burst", burst, 1, &at_once);
	if (code < 0)
		code = words_at_most(context, "burst", burst, at_once, BURST_MAX);
	if (code >= 0)
		return code;
	if (!end.span && !end.until && !end.none && !reason && !ticket && !rate && !burst)
		return usage_error(context, "nothing to change: give --for, --until, --no-end, "
					    "--reason, --ticket, --rate or --burst");
	body = json_pack("{s:s*, s:s*, s:s*}", "reason", reason, "ticket", ticket, "origin",
			 origin);
	if (packets)
		json_object_set_new(body, "rate", json_integer(packets));
	if (at_once)
		json_object_set_new(body, "burst", json_integer(at_once));
	code = end_add(context, &end, body);
	if (code < 0)
		code = words_prefixes(context, &prefixes);
	if (code >= 0) {
		json_decref(body);
		return code;
	}
	key = answer_key(prefixes);
	prefixes_add(body, prefixes);
	return answer_of(context, "PATCH", client_path("/v1/blocks"), body, key, print_edited,
			 NULL);
}
