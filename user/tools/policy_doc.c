// SPDX-License-Identifier: GPL-2.0-only
/* The tables of docs/policy.md, from the lists the programs are made of. `make docs` puts them in place. */
#include <stdio.h>

#include "policy/names.h"
#include "policy/policy.h"
#include "net/special_prefixes.h"

static const char *action_word(uint8_t action)
{
	return action == S64_ACTION_SCOPE ? "drop (link scope)" : action_name(action);
}

static void print_rows(const struct policy *policy, int first, int last)
{
	printf("| class | is | in transit | to the router | limit of a source | of a /48 | source |\n");
	printf("|---|---|---|---|---|---|---|\n");
	for (int i = first; i < last; i++) {
		const struct policy_row *row = &policy->row[i];
		const struct class_info *info = policy_row_info(i);

		printf("| `%s` | %s | %s | %s | ", info->name, info->description,
		       action_word(row->action[S64_TRANSIT]), action_word(row->action[S64_LOCAL]));
		if (row->action[S64_TRANSIT] == S64_ACTION_LIMIT ||
		    row->action[S64_LOCAL] == S64_ACTION_LIMIT)
			printf("%u/s, burst %u | %u/s, burst %u", row->limit.rate, row->limit.burst,
			       row->limit.aggregate_rate, row->limit.aggregate_burst);
		else
			printf("- | -");
		printf(" | %s |\n", info->source);
	}
}

static void print_reasons(void)
{
	printf("| reason | verdict | means | source |\n|---|---|---|---|\n");
	for (int i = 0; i < S64_REASON_COUNT; i++)
		if (reason_source(i) && (i < S64_REASON_CLASS_COUNT || i >= S64_REASON_PARSE))
			printf("| `%s` | %s | %s%s | %s |\n", reason_name(i),
			       reason_is_drop(i) ? "drop" : "pass",
			       i >= S64_REASON_FEATURE && i < S64_REASON_CLASS_COUNT ?
				       "it holds what the policy drops: " :
				       "",
			       reason_description(i), reason_source(i));
}

static void print_special(void)
{
	static const char *const words[] = {[S64_SOURCE_OK] = "passes",
					    [S64_SOURCE_ONLINK] = "bogon beyond the link",
					    [S64_SOURCE_POLICY] = "passes",
					    [S64_SOURCE_BOGON] = "bogon"};

	printf("| prefix | is | as a source | reference |\n|---|---|---|---|\n");
	for (unsigned int i = 0; special_name(i); i++) {
		struct prefix prefix = special_prefix(i);
		char text[PREFIX_TEXT_MAX];

		/* which is not native IPv4 here */
		printf("| `%s` | %s | %s | %s |\n",
		       prefix_is_v4(&prefix) ? "::ffff:0:0/96" : prefix_format(&prefix, text),
		       special_name(i), words[special_source(i)], special_reference(i));
	}
}

int main(void)
{
	struct policy policy;

	policy_init(&policy, PROFILE_EDGE);
	printf("### Classes\n\n");
	print_rows(&policy, 0, S64_CLASS_COUNT);
	printf("\n### Features\n\n");
	print_rows(&policy, S64_CLASS_COUNT, NAMES_COUNT);
	printf("\n### Reasons\n\n");
	print_reasons();
	printf("\n### Special prefixes\n\n");
	print_special();
	return 0;
}
