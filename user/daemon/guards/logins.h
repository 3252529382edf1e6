/* SPDX-License-Identifier: GPL-2.0-only */
/* From where users are logged in: those that have proven who they are, as logind and utmp have it. That somebody holds a
 * connection to port 22 says nothing: whoever guesses passwords does.
 */
#ifndef SLASH64_DAEMON_GUARDS_LOGINS_H
#define SLASH64_DAEMON_GUARDS_LOGINS_H

#include "address_set.h"

#define LOGINS_UTMP	"/run/utmp"
#define LOGINS_SESSIONS "/run/systemd/sessions"

/* In place of what the set holds; KNOWN_SSH. What is not there has nobody in it. -errno, and the set stays. */
int logins_gather(const char *utmp, struct known_set *set);

#endif
