// SPDX-License-Identifier: GPL-2.0-only
/* unblock: one prefix, or everything of an origin, of a ticket, with a reason, within a prefix. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lib/request.h"
#include "cli/lib/ask.h"
#include "client/client.h"
#include "cli/lib/long_request.h"
#include "cli/lib/output/print.h"
#include "cli/lib/args.h"
#include "base/text/language.h"

#define MANY 10 /* more than this is confirmed first */

struct words {
	const char *origin, *ticket, *reason, *within, *because;
	bool dry_run, yes, force;
};

static void print_unblocked(const json_t *answer, void *data)
{
	printf(_("unblocked %s"), member_text(answer, "prefix"));
	if (!member_is_null(answer, "origin"))
		printf(_(" of %s"), member_text(answer, "origin"));
	printf("\n");
	answer_note(answer);
}

/* --- by prefix --- */

static int unblock_named(struct context *context, const struct words *words)
{
	const char *why = words->because ? words->because : words->reason, *key;
	json_t *prefixes = NULL;
	char *path;
	int code;

	if (words->within || words->dry_run)
		return usage_error(context, "--%s cannot be used with a PREFIX",
				   words->within ? "within" : "dry-run");
	if (words->because && words->reason)
		return usage_error(context, "with a PREFIX, --reason and --because mean the "
					    "same: give one of them");
	code = words_prefixes(context, &prefixes);
	if (code >= 0)
		return code;
	path = client_path_add(client_path("/v1/blocks"), "origin", words->origin);
	path = client_path_add(path, "reason", why);
	path = client_path_add(path, "ticket", words->ticket);
	key = answer_key(prefixes);
	return answer_of(context, "DELETE", prefixes_add_query(path, prefixes), NULL, key,
			 print_unblocked, NULL);
}

/* --- by filter --- */

static json_t *make_body(const struct words *words)
{
	return json_pack("{s:s*, s:s*, s:s*, s:s*, s:s*}", "origin", words->origin, "ticket",
			 words->ticket, "reason", words->reason, "within", words->within, "why",
			 words->because);
}

static json_t *send_many(const struct context *context, json_t *body, bool dry_run,
			 struct error *error)
{
	json_object_set_new(body, "dry_run", json_boolean(dry_run));
	return long_request(context, "/v1/unblocks", body, "removed",
			    dry_run ? _("counting") : _("unblocking"), error);
}

static int end_many(const struct context *context, const json_t *answer, bool dry_run)
{
	char count[PRINT_MAX];
	int64_t removed = member_integer(answer, "removed");

	if (context->json)
		print_json(answer);
	else if (!removed)
		printf(_("no matching blocks; 'slash64 list' takes the same options\n"));
	else
		printf(dry_run ? P_("%s block would end; nothing is changed\n",
				    "%s blocks would end; nothing is changed\n", removed) :
				 P_("unblocked %s block\n", "unblocked %s blocks\n", removed),
		       print_count(removed, count));
	return EXIT_DONE;
}

/* An exit code, or -1 to go on. */
static int agree(const struct context *context, const struct words *words, int64_t count)
{
	char question[128], text[PRINT_MAX];

	if (count <= MANY && ask_is_possible())
		return -1;
	snprintf(question, sizeof(question), P_("end %s block?", "end %s blocks?", count),
		 print_count(count, text));
	return ask_first(question, words->yes || words->force, N_("unblocking many"),
			 N_("use --yes; --dry-run counts them"));
}

static int unblock_many(const struct context *context, const struct words *words)
{
	json_t *body = make_body(words), *answer;
	struct error error;
	int code = -1;

	answer = send_many(context, body, true, &error);
	if (answer && !words->dry_run && member_integer(answer, "removed")) {
		code = agree(context, words, member_integer(answer, "removed"));
		json_decref(answer);
		answer = code < 0 ? send_many(context, body, false, &error) : NULL;
	}
	json_decref(body);
	if (code >= 0)
		return code;
	if (!answer)
		return refused(&error);
	code = end_many(context, answer, words->dry_run);
	json_decref(answer);
	return code;
}

int command_unblock(struct context *context)
{
	struct words words = {};
	const struct option_spec specs[] = {{"origin", &words.origin, NULL},
					    {"ticket", &words.ticket, NULL},
					    {"reason", &words.reason, NULL},
					    {"within", &words.within, NULL},
					    {"because", &words.because, NULL},
					    {"dry-run", NULL, &words.dry_run},
					    {"yes", NULL, &words.yes},
					    {"force", NULL, &words.force},
					    {NULL, NULL, NULL}};
	int code = take_options(context, specs, 0, WORDS_ANY);

	if (code < 0)
		code = words_texts(context, specs);
	if (code < 0)
		code = words_prefix(context, words.within);
	if (code >= 0)
		return code;
	if (context->argc)
		return unblock_named(context, &words);
	if (!words.origin && !words.ticket && !words.reason && !words.within)
		return usage_error(context,
				   "missing PREFIX, or --origin, --ticket, --reason or --within");
	/* every reason contains '' */
	for (size_t i = 0; specs[i].name; i++)
		if (specs[i].value && specs[i].value != &words.because && *specs[i].value &&
		    !**specs[i].value)
			return usage_error(context, "--%s '' selects nothing: give a value",
					   specs[i].name);
	return unblock_many(context, &words);
}
