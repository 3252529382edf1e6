// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel, logind, and the routing daemons know of addresses: stand-ins of user/kernel/kernel_dump.c,
 * next_hops.c, logins.c and netlink/segments.c; and the journal, which nobody reads.
 */
#include "../world.h"

#include "base/journal.h"
#include "daemon/api/http/refusals.h"
#include "kernel/kernel_dump.h"
#include "kernel/logins.h"
#include "daemon/guards/next_hops.h"
#include "daemon/netlink/segments.h"
#include "kernel_wraps.h"

static int gather(enum known_kind kind, uint32_t roles, struct address_set *set)
{
	int err = 0;

	set->count = 0;
	for (int i = 0; i < KNOWN_MAX && !err; i++)
		if (world->known[i].is_there && world->known[i].kind == kind)
			err = address_set_add(set, &world->known[i].address, 2, roles);
	address_set_seal(set);
	return err;
}

struct routes {
	struct address_set set;
};

static struct routes routes;

int routes_start(struct routes **out, struct event_base *base, struct error *error)
{
	(void)base;
	(void)error;
	*out = &routes;
	return gather(MODEL_NEXT_HOP, ADDRESS_NEXT_HOP, &routes.set);
}

void routes_stop(struct routes *stopped)
{
	if (stopped)
		address_set_free(&stopped->set);
}

const struct address_set *routes_next_hops(const struct routes *of)
{
	return &of->set;
}

const char *kernel_table_name(enum kernel_table table)
{
	(void)table;
	return "table";
}

static const struct networks no_networks;

const struct networks *routes_networks(const struct routes *of)
{
	(void)of;
	return &no_networks;
}

int kernel_gather(enum kernel_table table, struct address_set *set, struct networks *networks)
{
	(void)networks;
	switch (table) {
	case KERNEL_ADDRESSES:
		gather(MODEL_NEXT_HOP, ADDRESS_NEXT_HOP, &routes.set);
		return gather(MODEL_OWN, ADDRESS_OWN, set);
	case KERNEL_NEIGHBOURS:
		return gather(MODEL_NEIGHBOUR, ADDRESS_NEIGHBOUR, set);
	case KERNEL_SESSIONS:
		return gather(MODEL_BGP, ADDRESS_BGP, set);
	default:
		return 0;
	}
}

int logins_gather(const char *utmp, struct address_set *set)
{
	(void)utmp;
	return gather(MODEL_LOGIN, ADDRESS_SSH, set);
}

int __wrap_own_list_read(struct own_list *list, bool *interrupted)
{
	struct own_list fresh = {};
	int err = 0;

	for (int i = 0; i < KNOWN_MAX && !err; i++)
		if (world->known[i].is_there && world->known[i].kind == MODEL_OWN)
			err = own_list_add(&fresh, &world->known[i].address, 128);
	own_list_free(list);
	*list = fresh;
	*interrupted = false;
	return err;
}

static const struct own_list no_segments;

int segments_start(struct segments **segments, struct event_base *base, void (*changed)(void *),
		   void *data)
{
	(void)base;
	(void)changed;
	(void)data;
	*segments = NULL;
	return 0;
}

void segments_stop(struct segments *segments)
{
	(void)segments;
}

int segments_notice(const struct nlmsghdr *message, void *segments)
{
	(void)message;
	(void)segments;
	return 0;
}

void segments_lost(struct segments *segments)
{
	(void)segments;
}

const struct own_list *segments_known(const struct segments *segments)
{
	(void)segments;
	return &no_segments;
}

/* --- the journal, and refusals, which ask the connection who it was --- */

void journal_write(struct journal_entry *entry, const struct journal_field *fields)
{
	(void)fields;
	entry->bytes = 0;
}

int journal_say(const struct journal_entry *entry)
{
	(void)entry;
	return 0;
}

void journal_say_once(const struct journal_entry *entry)
{
	(void)entry;
}

void refusal_tell(struct evhttp_request *request, const json_t *failure)
{
	(void)request;
	(void)failure;
}
