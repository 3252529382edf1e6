/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel of this machine knows that belongs into a first configuration: which interfaces face
 * outside, networks behind the router, peers, and where people are logged in from.
 */
#ifndef SLASH64_CLI_LIB_INIT_FOUND_H
#define SLASH64_CLI_LIB_INIT_FOUND_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "net/prefix.h"

#define FOUND_WHY_MAX	128
#define FOUND_WHERE_MAX 160
#define FOUND_MANY	64 /* entries of a list; more are left to slash64d, which reads the kernel too */

struct found_link {
	char name[IF_NAMESIZE];
	unsigned int ifindex;
	bool is_up;
	bool is_outside;		 /* a default route uses it */
	char addresses[FOUND_WHERE_MAX]; /* "2001:db8:5e::1/64, ..."; no link-local ones */
};

struct found_entry {
	struct prefix prefix;
	char why[FOUND_WHY_MAX]; /* for a comment */
	bool is_sure;		 /* if not, it is only worth a question: a stranger can cause it */
};

struct found_list {
	struct found_entry *entry;
	size_t count, left_out; /* `left_out`: beyond FOUND_MANY */
};

struct found {
	struct found_link *link; /* without loopback; in the kernel's order */
	size_t links;
	struct found_list own, peers, allow;
};

/* Interfaces, and which of them default routes use: those of IPv6, or, if there are none, of IPv4. */
int found_links(struct found *found, struct error *error);

/* The rest, for the interfaces that are outside according to `found`. */
int found_lists(struct found *found, struct error *error);

/* NULL if there is none of that name, its own or another one. */
struct found_link *found_link_named(const struct found *found, const char *name);

/* -ENOMEM. A prefix that is in the list already is not added again. found_add() is for what the kernel
 * has, and leaves out what is beyond FOUND_MANY; found_put() for what somebody says.
 */
int found_add(struct found_list *list, const struct prefix *prefix, const char *why, bool is_sure);
int found_put(struct found_list *list, const struct prefix *prefix, const char *why, bool is_sure);

void found_free(struct found *found);

#endif
