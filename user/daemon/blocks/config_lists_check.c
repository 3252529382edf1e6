// SPDX-License-Identifier: GPL-2.0-only
/* Are the configuration's lists meant as they are? Nothing is changed before that is known. */
#include "config_lists_internal.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "config/config_lint.h"

struct check {
	struct lists *lists;
	bool strict;
	struct error *error; /* the first one that ends it */
	int err;
};

static void refuse(struct check *check, size_t index, const struct error *why)
{
	struct lists *lists = check->lists;

	if (check->err)
		return;
	if (lists_row_find(&lists->blocked, &lists->config->block.entry[index].prefix)) {
		log_warning("%s; it was in force before, and stays", why->text);
		return;
	}
	lists->refused[index] = true;
	if (!check->strict && !S64_MISTAKE(START_STRICT)) {
		log_error("%s; skipped", why->text);
		return;
	}
	*check->error = *why;
	if (!check->error->code)
		check->error->code = ERROR_CONFIG_GUARDED;
	check->err = -EPERM;
}

static void on_refused(size_t index, const struct error *why, void *data)
{
	refuse(data, index, why);
}

/* What a person is told of an entry is told with its line, and with what to write there. */
static void explain(const struct config *config, const struct config_prefix *entry,
		    enum guard_rails_cause cause, const struct error *why, struct error *text)
{
	const char *named = why->member[0].value;
	char prefix[PREFIX_TEXT_MAX];

	if (cause == GUARD_RAILS_ALLOWED) {
		error_set(
			text, 0,
			"%s:%u: the block %s is %s %s, which was allowed by hand; unallow it first, or set force: true",
			config->file, entry->line, prefix_format(&entry->prefix, prefix),
			strcmp(why->member[0].key, "allowed_by") ? "around" : "within", named);
		error_member(text, 0, "allowed_within", named);
		error_code(text, 0, ERROR_ALLOWED_BY_HAND);
		return;
	}
	error_set(text, 0, "%s:%u: %.*s; force: true overrides this", config->file, entry->line,
		  (int)(error_hint(why) ? why->said : strlen(why->text)), why->text);
}

int lists_check(struct lists *lists, struct protected_addresses *protection,
		const struct guards_caller *caller, bool strict, struct error *error)
{
	const struct config *config = lists->config;
	struct check check = {lists, strict, error, 0};

	if (config_refusals(config, on_refused, &check))
		return lists_out_of_memory(error);
	/* Whoever writes the file sees its allowed prefixes, but not those from elsewhere. */
	for (size_t i = 0; i < config->block.count && !check.err; i++) {
		const struct config_prefix *entry = &config->block.entry[i];
		const struct guard_rails against = {&lists->hands_allowlist, protection, caller};
		const struct guard_rails_request request = {.by = GUARD_RAILS_BY_CONFIG,
							    .prefix = &entry->prefix,
							    .force = entry->force};
		struct guard_rails_answer answer;
		struct error why, text;

		changes_breathe(lists->blocks->changes);
		/* config_refusals() has reported short ones */
		if (lists->refused[i] || !guard_rails_check(&against, &request, &answer, &why) ||
		    answer.cause == GUARD_RAILS_SHORT)
			continue;
		explain(config, entry, answer.cause, &why, &text);
		refuse(&check, i, &text);
	}
	return check.err;
}
