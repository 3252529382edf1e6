// SPDX-License-Identifier: GPL-2.0-only
#include "guard_rails.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text/quantity.h"

/* Which rails hold for whom, beside the protected addresses. A list, unlike a person, does not mistype: what
 * it covers stays open, or is meant. What an undo blocks again was checked before.
 */
static const struct rails {
	bool allowed_around, allowed_within, wide;
} rails[] = {
	[GUARD_RAILS_BY_HAND] = {true, true, true},
	[GUARD_RAILS_BY_LIST] = {true, false, false},
	[GUARD_RAILS_BY_CONFIG] = {true, true, false},
	[GUARD_RAILS_BY_UNDO] = {false, false, false},
};

static int refuse(struct guard_rails_answer *answer, enum guard_rails_cause cause)
{
	answer->cause = cause;
	return cause == GUARD_RAILS_EVERYTHING ? -EINVAL : -EPERM;
}

static void add_note(struct guard_rails_answer *answer, const char *text)
{
	size_t n = strlen(answer->note);

	snprintf(answer->note + n, sizeof(answer->note) - n, "%s%s", n ? "; " : "", text);
}

static int check_target(const struct guard_rails_request *request,
			struct guard_rails_answer *answer, struct error *error)
{
	if (!request->unsafe || request->force)
		return 0;
	error_set(error, -EPERM, "%s; " GUARD_FORCE_HINT, request->unsafe->text);
	error_code(error, -EPERM, ERROR_GUARDED);
	return refuse(answer, GUARD_RAILS_NO_SOURCE);
}

/* An allowed prefix stays open, whatever is blocked: whoever blocks it may not know that, or may
 * have mistyped.
 */
static int check_allowed(const struct prefix_set *allowed,
			 const struct guard_rails_request *request,
			 struct guard_rails_answer *answer, struct error *error)
{
	const struct rails *hold = &rails[request->by];
	const struct prefix *around =
		hold->allowed_around ? prefix_set_around(allowed, request->prefix) : NULL;
	const struct prefix *within =
		hold->allowed_within ? prefix_set_within(allowed, request->prefix) : NULL;
	char text[PREFIX_TEXT_MAX], other[PREFIX_TEXT_MAX], note[BLOCK_TARGET_NOTE_MAX];

	if (!around && !within)
		return 0;
	prefix_format(around ? around : within, other);
	if (request->force && around)
		return 0; /* the answer contains in_force and allowed_by */
	if (request->force) {
		snprintf(note, sizeof(note), "the allowed prefix %s in it stays open", other);
		add_note(answer, note);
		return 0;
	}
	error_set(
		error, -EPERM,
		around ?
			"%s is not blocked: it is within the allowed prefix %s; with force it takes effect when that is gone" :
			"%s is not blocked: it covers the allowed prefix %s, which would stay open; with force the rest is blocked",
		prefix_format(request->prefix, text), other);
	error_member(error, -EPERM, around ? "allowed_by" : "allowed_within", other);
	error_code(error, -EPERM, ERROR_GUARDED);
	return refuse(answer, GUARD_RAILS_ALLOWED);
}

static int check_protected(const struct guard_rails *guard_rails,
			   const struct guard_rails_request *request,
			   struct guard_rails_answer *answer, struct error *error)
{
	struct error why;
	enum guard guard =
		S64_MISTAKE(NO_GUARD_RAILS) ?
			GUARD_NONE :
			protected_addresses_check(guard_rails->protection, request->prefix,
						  guard_rails->caller, &why);

	if (guard == GUARD_NONE || (request->force && guard != GUARD_EVERYTHING))
		return 0;
	*error = why;
	return refuse(answer, guard == GUARD_EVERYTHING ? GUARD_RAILS_EVERYTHING :
			      guard == GUARD_SHORT	? GUARD_RAILS_SHORT :
							  GUARD_RAILS_PROTECTED);
}

/* A lost digit, 2001:db8::/32 for /48, is easily typed. */
static int check_width(const struct guard_rails_request *request, struct guard_rails_answer *answer,
		       struct error *error)
{
	const struct prefix *prefix = request->prefix;
	unsigned int length = prefix->length - (prefix_is_v4(prefix) ? PREFIX_V4_LENGTH : 0);
	unsigned int wide =
		prefix_is_v4(prefix) ? GUARD_RAILS_WIDE_LENGTH_V4 : GUARD_RAILS_WIDE_LENGTH;
	char text[PREFIX_TEXT_MAX], count[QUANTITY_TEXT_MAX];

	if (!rails[request->by].wide || length >= wide || request->wide || request->force ||
	    request->is_source || S64_MISTAKE(NO_GUARD_RAILS))
		return 0;
	error_set(error, -EPERM, "%s is not blocked: it covers %s /%us; wide confirms that",
		  prefix_format(prefix, text), count_format(1ULL << (wide - length), count), wide);
	error_code(error, -EPERM, ERROR_WIDE);
	return refuse(answer, GUARD_RAILS_WIDE);
}

int guard_rails_check_alone(const struct guard_rails *guard_rails,
			    const struct guard_rails_request *request,
			    struct guard_rails_answer *answer, struct error *error)
{
	int err;

	memset(answer, 0, sizeof(*answer));
	if (request->note && *request->note)
		add_note(answer, request->note);
	err = check_target(request, answer, error);
	if (!err && guard_rails->allowed)
		err = check_allowed(guard_rails->allowed, request, answer, error);
	if (!err && protected_addresses_is_short(request->prefix))
		err = check_protected(guard_rails, request, answer, error);
	return err;
}

int guard_rails_check(const struct guard_rails *guard_rails,
		      const struct guard_rails_request *request, struct guard_rails_answer *answer,
		      struct error *error)
{
	int err = guard_rails_check_alone(guard_rails, request, answer, error);

	if (!err)
		err = check_protected(guard_rails, request, answer, error);
	if (!err)
		err = check_width(request, answer, error);
	return err;
}
