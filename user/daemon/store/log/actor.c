// SPDX-License-Identifier: GPL-2.0-only
#include "actor.h"

#include <stdio.h>

#define NAME_BYTES 180 /* of a path */

const struct actor actor_itself = {
	.uid = -1, .pid = -1, .login_uid = -1, .who = "slash64d", .source = "slash64d"};

const char *actor_name(const struct actor *actor, char text[ACTOR_NAME_MAX])
{
	snprintf(text, ACTOR_NAME_MAX, "%s%s%s", actor->login, *actor->login ? " as " : "",
		 actor->who);
	return text;
}

struct actor actor_from(const struct actor *actor, const char *kind, const char *name)
{
	struct actor from = *actor;

	snprintf(from.source, sizeof(from.source), "%s%.*s", kind, NAME_BYTES, name);
	return from;
}
