// SPDX-License-Identifier: GPL-2.0-only
#include "rails.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define INSIST "; --force blocks it all the same"

static int insist(struct error *error)
{
	char text[ERROR_TEXT_MAX];

	snprintf(text, sizeof(text), "%s", error->text);
	if (!strstr(text, "--force"))
		error_set(error, -EPERM, "%s%s", text, INSIST);
	return -EPERM;
}

static void add_note(struct rails_answer *answer, const char *text)
{
	size_t n = strlen(answer->note);

	snprintf(answer->note + n, sizeof(answer->note) - n, "%s%s", n ? "; " : "", text);
}

/* What is allowed stays open whatever is blocked: who blocks it may not know, or may have mistyped. */
static int check_allowed(const struct blocks *blocks, const struct rails_request *request,
			 struct rails_answer *answer, struct error *error)
{
	const struct prefix *prefix = &answer->unit.prefix;
	const struct prefix *around = prefix_set_around(blocks_allowed(blocks), prefix);
	const struct prefix *within = prefix_set_within(blocks_allowed(blocks), prefix);
	char text[PREFIX_TEXT_MAX], other[PREFIX_TEXT_MAX], note[UNIT_NOTE_MAX];

	if (!around && !within)
		return 0;
	prefix_format(around ? around : within, other);
	if (!request->force && around)
		return error_set(error, -EPERM,
				 "%s is not blocked: it is within the allowed prefix %s; 'slash64 disallow %s' first, or --force keeps it ready for when that is gone",
				 prefix_format(prefix, text), other, other);
	if (!request->force)
		return error_set(error, -EPERM,
				 "%s is not blocked: it covers the allowed prefix %s, which would stay open; --force blocks the rest",
				 prefix_format(prefix, text), other);
	snprintf(note, sizeof(note),
		 around ? "not in force: the allowed prefix %s is around it" :
			  "the allowed prefix %s in it stays open",
		 other);
	add_note(answer, note);
	return 0;
}

int rails_check(const struct blocks *blocks, struct guards *guards, const struct rails_request *request,
		struct rails_answer *answer, struct error *error)
{
	char said[UNIT_NOTE_MAX];
	enum guard guard;
	int err;

	memset(answer, 0, sizeof(*answer));
	err = unit_of(&blocks->rules, &blocks->tables->meta->seed, &request->prefix, request->note,
		      &answer->unit, said, error);
	if (err == -EINVAL)
		return err;
	if (said[0])
		add_note(answer, said);
	if (err && !request->force)
		return insist(error);
	err = check_allowed(blocks, request, answer, error);
	if (err)
		return err;
	guard = guards_check(guards, &answer->unit.prefix, request->ssh, request->ssh_count, error);
	if (guard == GUARD_EVERYTHING)
		return -EINVAL;
	return guard == GUARD_NONE || request->force ? 0 : insist(error);
}
