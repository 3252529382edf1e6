// SPDX-License-Identifier: GPL-2.0-only
#include "guard_rails.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/quantity.h"

/* What the protected addresses refuse has its hint; what is no source has none. */
static int insist(struct error *error)
{
	char text[ERROR_TEXT_MAX];

	if (error->code == ERROR_GUARDED)
		return -EPERM;
	snprintf(text, sizeof(text), "%s", error->text);
	error_set(error, -EPERM, "%s; " GUARD_FORCE_HINT, text);
	return error_code(error, -EPERM, ERROR_GUARDED);
}

static void add_note(struct guard_rails_answer *answer, const char *text)
{
	size_t n = strlen(answer->note);

	snprintf(answer->note + n, sizeof(answer->note) - n, "%s%s", n ? "; " : "", text);
}

/* An allowed prefix stays open, whatever is blocked: whoever blocks it may not know that, or may
 * have mistyped.
 */
static int check_allowed(const struct prefix_set *allowed,
			 const struct guard_rails_request *request,
			 struct guard_rails_answer *answer, struct error *error)
{
	const struct prefix *prefix = &answer->target.prefix;
	const struct prefix *around = prefix_set_around(allowed, prefix);
	const struct prefix *within = prefix_set_within(allowed, prefix);
	char text[PREFIX_TEXT_MAX], other[PREFIX_TEXT_MAX], note[BLOCK_TARGET_NOTE_MAX];

	if (!around && !within)
		return 0;
	prefix_format(around ? around : within, other);
	if (!request->force && around)
		error_set(
			error, -EPERM,
			"%s is not blocked: it is within the allowed prefix %s; with force it is kept ready for when that is gone",
			prefix_format(prefix, text), other);
	else if (!request->force)
		error_set(
			error, -EPERM,
			"%s is not blocked: it covers the allowed prefix %s, which would stay open; with force the rest is blocked",
			prefix_format(prefix, text), other);
	if (!request->force) {
		error_member(error, -EPERM, around ? "allowed_by" : "allows", other);
		return error_code(error, -EPERM, ERROR_GUARDED);
	}
	if (around)
		return 0; /* the answer contains in_force and allowed_by */
	snprintf(note, sizeof(note), "the allowed prefix %s in it stays open", other);
	add_note(answer, note);
	return 0;
}

/* A lost digit, 2001:db8::/32 for /48, is easily typed. */
static int check_width(const struct guard_rails_request *request, struct guard_rails_answer *answer,
		       struct error *error)
{
	const struct prefix *prefix = &answer->target.prefix;
	unsigned int length = prefix->length - (prefix_is_v4(prefix) ? PREFIX_V4_LENGTH : 0);
	unsigned int wide = prefix_is_v4(prefix) ? GUARD_RAILS_WIDE_V4 : GUARD_RAILS_WIDE;
	char text[PREFIX_TEXT_MAX], count[QUANTITY_TEXT_MAX];

	if (length >= wide || request->wide || request->force || answer->target.is_source)
		return 0;
	answer->covers = 1ULL << (wide - length);
	error_set(error, -EPERM,
		  "%s is not blocked: it covers %s /%us; with wide it is, if that is meant",
		  prefix_format(prefix, text), count_format(answer->covers, count), wide);
	return error_code(error, -EPERM, ERROR_WIDE);
}

int guard_rails_check(const struct guard_rails *guard_rails,
		      const struct guard_rails_request *request, struct guard_rails_answer *answer,
		      struct error *error)
{
	char said[BLOCK_TARGET_NOTE_MAX];
	enum guard guard;
	int err;

	memset(answer, 0, sizeof(*answer));
	err = block_target_of(guard_rails->rules, guard_rails->seed, &request->prefix,
			      request->note, &answer->target, said, error);
	if (err == -EINVAL)
		return err;
	if (said[0])
		add_note(answer, said);
	if (err && !request->force)
		return insist(error);
	err = check_allowed(guard_rails->allowed, request, answer, error);
	if (err)
		return err;
	if (S64_MISTAKE(NO_GUARD_RAILS))
		return 0;
	guard = protected_addresses_check(guard_rails->protection, &answer->target.prefix,
					  request->ssh, request->ssh_count, error);
	if (guard == GUARD_EVERYTHING)
		return -EINVAL;
	if (guard != GUARD_NONE && !request->force)
		return insist(error);
	return check_width(request, answer, error);
}
