// SPDX-License-Identifier: GPL-2.0-only
#include "prefix.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/daemon.h"
#include "net/prefix_typed.h"
#include "http/reply.h"

void prefix_resolve_parsed(const struct daemon *daemon, const struct prefix *prefix,
			   enum prefix_note note, struct named_prefix *named)
{
	struct block_target target;

	*named = (struct named_prefix){.prefix = *prefix};
	named->err = block_target_of(&daemon->blocks.rules, &daemon->maps.meta->seed, prefix, note,
				     &target, named->note, &named->why);
	if (named->err == -EINVAL)
		return;
	named->prefix = target.prefix;
	named->is_source = target.is_source;
	named->said = block_target_said(&target, prefix);
}

int prefix_resolve(const struct daemon *daemon, const char *text, struct named_prefix *named,
		   struct error *error)
{
	enum prefix_note note = PREFIX_EXACT;
	char hint[PREFIX_HINT_MAX];
	struct prefix prefix;

	if (!text)
		return error_set(error, -EINVAL, "'prefix' is missing");
	if (prefix_typed(text, &prefix, &note))
		return error_set(error, -EINVAL, "'%.64s' is not a prefix; %s", text,
				 prefix_typed_hint(text, "an import", hint));
	prefix_resolve_parsed(daemon, &prefix, note, named);
	return 0;
}
