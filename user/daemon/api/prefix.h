/* SPDX-License-Identifier: GPL-2.0-only */
/* The prefix that a request names. */
#ifndef SLASH64_DAEMON_API_PREFIX_H
#define SLASH64_DAEMON_API_PREFIX_H

#include "base/error.h"
#include "net/prefix.h"
#include "net/block_target.h"

struct daemon;

/* text NULL: it is missing. */
int prefix_from_text(const char *text, struct prefix *prefix, enum prefix_note *note,
		     struct error *error);

/* In its stored form, ignoring the guard rails; *said as in struct store_block. */
int prefix_to_stored(const struct daemon *daemon, const char *text, struct prefix *prefix,
		     struct prefix *said, char note[BLOCK_TARGET_NOTE_MAX], struct error *error);

#endif
