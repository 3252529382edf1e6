// SPDX-License-Identifier: GPL-2.0-only
/* The owner of an interface. Of the wanted entries it is the one with its own name, otherwise the
 * first one with an alternative name of it, otherwise the one whose program is on it: then it was
 * renamed, and nobody else wants it.
 */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "interfaces_internal.h"
#include "kernel/config_verify.h"
#include "kernel/link_names.h"

static bool has_own_name(unsigned int ifindex, const char *name)
{
	char own[IF_NAMESIZE];

	return if_indextoname(ifindex, own) && !strcmp(own, name);
}

static struct iface *wanted(const struct ifaces *ifaces, uint32_t slot)
{
	struct iface *iface = ifaces->entry[slot];

	return iface && !iface->unwanted ? iface : NULL;
}

struct iface *ifaces_owner(const struct ifaces *ifaces, unsigned int ifindex)
{
	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++) {
		struct iface *iface = wanted(ifaces, i);

		if (iface && ifindex && iface->target == ifindex)
			return iface;
	}
	return NULL;
}

static void decide_by_name(struct ifaces *ifaces, struct iface *iface)
{
	unsigned int ifindex = link_index(iface->name);
	struct iface *other = ifaces_owner(ifaces, ifindex);

	if (other && !has_own_name(ifindex, iface->name))
		return;
	if (other)
		other->target = 0;
	iface->target = ifindex;
}

static void decide_by_program(struct ifaces *ifaces, struct iface *iface)
{
	char name[IF_NAMESIZE];
	unsigned int ifindex = iface->attachment.ifindex;

	if (iface->attached && if_indextoname(ifindex, name) && !ifaces_owner(ifaces, ifindex))
		iface->target = ifindex;
}

void ifaces_decide(struct ifaces *ifaces)
{
	uint32_t slots = ifaces->maps->meta->iface_slots;

	for (uint32_t i = 0; i < slots; i++)
		if (ifaces->entry[i])
			ifaces->entry[i]->target = 0;
	for (uint32_t i = 0; i < slots; i++)
		if (wanted(ifaces, i))
			decide_by_name(ifaces, ifaces->entry[i]);
	for (uint32_t i = 0; i < slots; i++)
		if (wanted(ifaces, i) && !ifaces->entry[i]->target && !S64_MISTAKE(RENAME_LOST))
			decide_by_program(ifaces, ifaces->entry[i]);
}

struct iface *ifaces_find(const struct ifaces *ifaces, const char *name)
{
	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++)
		if (ifaces->entry[i] && !strcmp(ifaces->entry[i]->name, name))
			return ifaces->entry[i];
	return NULL;
}

struct iface *ifaces_find_any(const struct ifaces *ifaces, const char *name)
{
	struct iface *iface = ifaces_find(ifaces, name);
	unsigned int ifindex = iface ? 0 : link_index(name);

	for (uint32_t i = 0; !iface && ifindex && i < ifaces->maps->meta->iface_slots; i++) {
		struct iface *other = ifaces->entry[i];

		if (other && (other->attached ? other->attachment.ifindex :
						link_index(other->name)) == ifindex)
			iface = other;
	}
	return iface;
}

static bool names(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->iface_count; i++)
		if (!strcmp(config->iface[i].name, name))
			return true;
	return false;
}

int ifaces_check(const struct ifaces *ifaces, const struct config *config,
		 const struct config *in_force, struct error *error)
{
	int err = config_check_names(config, error);

	for (size_t i = 0; i < config->iface_count && !err; i++) {
		const struct config_iface *iface = &config->iface[i];
		char meant[NEAR_TEXT_MAX];

		if (!link_index(iface->name) && !names(in_force, iface->name) &&
		    !ifaces_find(ifaces, iface->name) &&
		    !store_iface_was_seen(ifaces->store, iface->name))
			err = error_set(
				error, -ENODEV,
				"%s:%u: unknown interface '%s'%s; 'ip link' lists interfaces",
				config->file, iface->line, iface->name,
				link_near(iface->name, meant));
	}
	return err;
}
