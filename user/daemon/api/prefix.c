// SPDX-License-Identifier: GPL-2.0-only
#include "prefix.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/daemon.h"
#include "net/prefix_typed.h"
#include "reply.h"

int prefix_from_text(const char *text, struct prefix *prefix, enum prefix_note *note,
		     struct error *error)
{
	char hint[PREFIX_HINT_MAX];

	if (!text)
		return error_set(error, -EINVAL, "'prefix' is missing");
	if (prefix_typed(text, prefix, note))
		return error_set(error, -EINVAL, "'%.64s' is not a prefix; %s", text,
				 prefix_typed_hint(text, "an import", hint));
	return 0;
}

int prefix_to_stored(const struct daemon *daemon, const char *text, struct prefix *prefix,
		     struct prefix *said, char note[BLOCK_TARGET_NOTE_MAX], struct error *error)
{
	enum prefix_note parsed = PREFIX_EXACT;
	struct error ignored;
	struct block_target target;
	int err = prefix_from_text(text, prefix, &parsed, error);

	note[0] = '\0';
	if (err)
		return err;
	/* a stored prefix is meant as it is stored */
	err = block_target_of(&daemon->blocks.rules, &daemon->maps.meta->seed, prefix, parsed,
			      &target, note, &ignored);
	*said = (struct prefix){};
	if (err != -EINVAL) {
		*said = block_target_said(&target, prefix);
		*prefix = target.prefix;
	}
	return 0;
}
