/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is behind a change. Every function that logs a change takes it as a parameter. */
#ifndef SLASH64_DAEMON_STORE_LOG_ACTOR_H
#define SLASH64_DAEMON_STORE_LOG_ACTOR_H

#include <stdbool.h>
#include <stdint.h>

struct guards_caller;

struct actor {
	/* from the kernel, for the other end of the socket; -1: slash64d itself */
	int64_t uid, pid;
	char who[64]; /* the name of the uid, or "slash64d" */
	/* who has logged in and become that uid since, as with sudo; -1: the uid itself, or
	 * unknown
	 */
	int64_t login_uid;
	char login[64]; /* its name; "" without one */
	/* where from: "socket", the SSH client's address behind it, "feed FILE", "config FILE" */
	char source[192];
	bool undoes; /* it undoes another change, and cannot be undone itself */
	/* The number of the first row of a person's change, which the others refer to; 0: it has none
	 * yet. Belongs to whoever begins the change, and must live until its transactions have ended.
	 * NULL: slash64d itself.
	 */
	int64_t *first_row;
	/* from where it is logged in, for the guard rails; NULL: slash64d itself, or unknown */
	const struct guards_caller *caller;
};

extern const struct actor actor_itself; /* slash64d */

/* "alice", or "alice as root" for somebody who has become another user. */
#define ACTOR_NAME_MAX 136
const char *actor_name(const struct actor *actor, char text[ACTOR_NAME_MAX]);

/* The same actor with another source: "feed " and a file. */
struct actor actor_from(const struct actor *actor, const char *kind, const char *name);

#endif
