/* SPDX-License-Identifier: GPL-2.0-only */
/* Interfaces come, go, are renamed, and lose their program to somebody else: rtnetlink reports it,
 * and the wanted state is restored.
 */
#ifndef SLASH64_DAEMON_LINKS_H
#define SLASH64_DAEMON_LINKS_H

#include "base/error.h"

struct daemon;
struct links;

int links_start(struct links **links, struct daemon *daemon, struct error *error);
void links_stop(struct links *links); /* NULL is fine */

#endif
