/* SPDX-License-Identifier: GPL-2.0-only */
/* Mistakes that the tests of attaching must find: `make check-attach-finds` builds with -DPLANTED
 * and runs with PLANTED=NAME. Other builds contain none.
 */
#ifndef SLASH64_DAEMON_ATTACH_PLANTED_H
#define SLASH64_DAEMON_ATTACH_PLANTED_H

#include <stdbool.h>

#ifdef PLANTED
#include <stdlib.h>
#include <string.h>

static inline bool planted(const char *name)
{
	const char *wanted = getenv("PLANTED");

	return wanted && !strcmp(wanted, name);
}
#else
static inline bool planted(const char *name)
{
	return false;
}
#endif

#endif
