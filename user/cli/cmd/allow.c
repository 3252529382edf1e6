// SPDX-License-Identifier: GPL-2.0-only
/* allow, unallow (and disallow, its old name). */
#include <stdio.h>

#include "cli/lib/request.h"
#include "client/client.h"
#include "cli/lib/output/list_output.h"
#include "cli/lib/output/print.h"
#include "cli/lib/output/table_rows.h"
#include "cli/lib/args.h"
#include "base/text/language.h"

static void print_allowed(const json_t *answer, void *data)
{
	const json_t *before = json_object_get(answer, "before");
	bool known = json_is_object(before),
	     same = known && json_equal(json_object_get(answer, "reason"),
					json_object_get(before, "reason"));

	printf(same ? _("%s is already allowed") : _("allowed %s: it is never blocked"),
	       member_text(answer, "prefix"));
	if (!member_is_null(answer, "reason"))
		printf(" (%s)", member_text(answer, "reason"));
	if (same)
		printf(_("; nothing is changed"));
	else if (known && member_is_null(before, "reason"))
		printf(_("; before: no reason"));
	else if (known)
		printf(_("; before: reason '%s'"), member_text(before, "reason"));
	printf("\n");
	answer_note(answer);
}

int command_allow(struct context *context)
{
	const char *reason = NULL;
	const struct option_spec specs[] = {{"reason", &reason, NULL}, {NULL, NULL, NULL}};
	static const struct list_table table = {.columns = rows_allow_columns,
						.row = rows_allow,
						.empty = N_("no allowed prefixes")};
	int code = take_options(context, specs, 0, WORDS_ANY);
	json_t *body, *prefixes = NULL;
	const char *key;

	if (code < 0)
		code = words_texts(context, specs);
	if (code < 0 && !context->argc && reason)
		return usage_error(context, "--reason needs a PREFIX");
	if (code < 0 && !context->argc)
		return list_print(context, client_path("/v1/allowlist"), &table);
	if (code < 0)
		code = words_prefixes(context, &prefixes);
	if (code >= 0)
		return code;
	body = json_pack("{s:s*}", "reason", reason);
	key = answer_key(prefixes);
	prefixes_add(body, prefixes);
	return answer_of(context, "POST", client_path("/v1/allowlist"), body, key, print_allowed,
			 NULL);
}

static void print_unallowed(const json_t *answer, void *data)
{
	printf(_("no longer allowed: %s\n"), member_text(answer, "prefix"));
	answer_note(answer);
}

int command_unallow(struct context *context)
{
	const char *reason = NULL, *ticket = NULL;
	bool force = false;
	const struct option_spec specs[] = {{"reason", &reason, NULL},
					    {"ticket", &ticket, NULL},
					    {"force", NULL, &force},
					    {NULL, NULL, NULL}};
	int code = take_options(context, specs, 1, WORDS_ANY);
	json_t *prefixes = NULL;
	const char *key;
	char *path;

	if (code < 0)
		code = words_texts(context, specs);
	if (code < 0)
		code = words_prefixes(context, &prefixes);
	if (code >= 0)
		return code;
	path = client_path_add(client_path("/v1/allowlist"), "reason", reason);
	path = client_path_add(path, "ticket", ticket);
	path = client_path_add(path, "force", force ? "1" : NULL);
	key = answer_key(prefixes);
	return answer_of(context, "DELETE", prefixes_add_query(path, prefixes), NULL, key,
			 print_unallowed, NULL);
}
