// SPDX-License-Identifier: GPL-2.0-only
#include "take_off.h"

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/attach/egress/egress.h"
#include "daemon/attach/xdp/xdp_attach.h"
#include "daemon/attach/xdp/xdp_discover.h"
#include "base/log.h"
#include "config/config.h"
#include "daemon/store/log/audit_log.h"
#include "daemon/store/store.h"
#include "maps/maps.h"
#include "map_upgrade.h"

struct found {
	struct store *store; /* NULL: none to write into */
	unsigned int interfaces;
	char still[IF_NAMESIZE]; /* one that cannot be freed */
	struct error error;
};

/* The filter comes off even where that cannot be written down. */
static struct store *open_store(const char *state)
{
	struct store *store = NULL;
	char path[PATH_MAX];
	struct error error;

	snprintf(path, sizeof(path), "%s/slash64.db", state);
	if (!access(path, F_OK) && store_open(&store, state, &error))
		log_warning("not in the log: %s", error.text);
	return store;
}

static void write_row(struct store *store, const char *name)
{
	struct store_change change = {.action = "detach", .detail = name};
	struct error error;

	if (store && store_log_add(store, &actor_itself, &change, &error))
		log_warning("not in the log: %s", error.text);
}

static void take_off_interface(const char *programs, uint64_t owner,
			       const struct if_nameindex *link, struct found *found)
{
	struct attachment attachments[ATTACH_FOUND_MAX];
	size_t count = attach_find(programs, owner, link->if_index, 0, attachments);
	bool freed = count;

	for (size_t i = 0; i < count; i++)
		if (attach_detach(&attachments[i], link->if_name, programs, &found->error)) {
			snprintf(found->still, sizeof(found->still), "%s", link->if_name);
			freed = false;
		}
	if (freed) {
		printf("%s: the filter is taken off\n", link->if_name);
		write_row(found->store, link->if_name);
		found->interfaces++;
	}
}

static int take_off_egress(const char *pins, struct error *error)
{
	static struct egress egress;
	char name[IF_NAMESIZE] = "?";
	unsigned int still;

	egress_init(&egress, pins);
	still = egress_remove(&egress);
	egress_free(&egress);
	if (!still)
		return 0;
	if_indextoname(still, name);
	return error_set(
		error, -EIO,
		"the program of proofs stays at egress of %s; 'tc filter show dev %s egress' "
		"shows it",
		name, name);
}

static bool none(uint32_t program_id, void *data)
{
	(void)program_id;
	(void)data;
	return false;
}

static int take_off_all(const char *programs, uint64_t owner, struct found *found,
			struct error *error)
{
	struct if_nameindex *links = if_nameindex();

	if (!links)
		return error_set(error, -errno, "cannot list the interfaces: %s", strerror(errno));
	for (struct if_nameindex *link = links; link->if_index; link++)
		take_off_interface(programs, owner, link, found);
	if_freenameindex(links);
	return *found->still ? error_set(error, -EIO, "%s", found->error.text) : 0;
}

int take_off(const struct config *config, struct error *error)
{
	struct found found = {};
	char programs[PATH_MAX];
	uint64_t owner = maps_owner(config->pins);
	int err = 0;

	if (!access(config->pins, F_OK))
		err = map_upgrade_lock(config->pins, error);
	if (err)
		return err;
	snprintf(programs, sizeof(programs), "%s/programs", config->pins);
	found.store = open_store(config->state);
	/* both are tried; with its pins, the next attempt still knows what could not be removed */
	err = take_off_all(programs, owner, &found, error);
	store_close(found.store);
	if (err) {
		take_off_egress(config->pins, &found.error);
		return err;
	}
	err = take_off_egress(config->pins, error);
	if (err)
		return err;
	attach_sweep(programs, owner, none, NULL);
	rmdir(programs);
	map_upgrade_unpin_all(config->pins);
	if (!found.interfaces)
		printf("no interface has the filter of slash64\n");
	return 0;
}
