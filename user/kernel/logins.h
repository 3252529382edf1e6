/* SPDX-License-Identifier: GPL-2.0-only */
/* Where users are logged in from: those that have authenticated, according to logind and utmp. A
 * connection to port 22 proves nothing: whoever guesses passwords has one.
 */
#ifndef SLASH64_KERNEL_LOGINS_H
#define SLASH64_KERNEL_LOGINS_H

#include "address_set.h"

#define LOGINS_UTMP	"/run/utmp"
#define LOGINS_SESSIONS "/run/systemd/sessions"

/* Replaces the contents of the set; ADDRESS_SSH. A missing file means no users. -errno: the set is
 * unchanged.
 */
int logins_gather(const char *utmp, struct address_set *set);

#endif
