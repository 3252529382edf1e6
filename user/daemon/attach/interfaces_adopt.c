// SPDX-License-Identifier: GPL-2.0-only
/* The entries of an earlier run, at a start. They are known by the slots of the maps, those of maps
 * that these replace included (maps/iface_slots.h). What is still attached of them, and whose
 * interface that is now, is decided by ifaces_prepare().
 */
#include <errno.h>

#include "interfaces_internal.h"
#include "daemon/attach/xdp/xdp_discover.h"
#include "daemon/attach/xdp/xdp_pins.h"

static struct s64_iface_slot *meta_slot(const struct ifaces *ifaces, uint32_t slot)
{
	return &ifaces->maps->meta->iface[slot];
}

static void adopt_program(struct ifaces *ifaces, struct iface *iface,
			  const struct attachment *found)
{
	iface->attachment = *found;
	iface->attached = true;
	iface->lost_ms = 0;
	iface->program_fd = program_fd(ifaces->programs, found->program_id);
}

static int adopt_slot(struct ifaces *ifaces, struct s64_iface_slot *slot, struct error *error)
{
	struct attachment found[ATTACH_FOUND_MAX];
	struct iface *iface;

	slot->name[sizeof(slot->name) - 1] = '\0';
	iface = iface_new(ifaces, slot->name, error);
	if (!iface)
		return -ENOMEM;
	iface->mode = -1;
	if (attach_find(ifaces->programs, ifaces->maps->meta->owner, slot->ifindex,
			slot->program_id, found) &&
	    found[0].program_id == slot->program_id)
		adopt_program(ifaces, iface, &found[0]);
	else if (slot->program_id)
		iface->gone_fd = program_pinned_fd(ifaces->programs, slot->program_id);
	return 0;
}

static bool is_adopted(const struct ifaces *ifaces, unsigned int ifindex)
{
	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++)
		if (ifaces->entry[i] && ifaces->entry[i]->attached &&
		    ifaces->entry[i]->attachment.ifindex == ifindex)
			return true;
	return false;
}

/* Its program was replaced, and that was not noted: a kill came first, or the note was in maps that
 * an interrupted upgrade had made.
 */
static void adopt_replaced(struct ifaces *ifaces, uint32_t slot)
{
	const struct s64_iface_slot *was = meta_slot(ifaces, slot);
	struct iface *iface = ifaces->entry[slot];
	struct attachment found[ATTACH_FOUND_MAX];

	if (iface && !S64_MISTAKE(REPLACED_LOST) && !iface->attached && was->program_id &&
	    !is_adopted(ifaces, was->ifindex) &&
	    attach_find(ifaces->programs, ifaces->maps->meta->owner, was->ifindex, 0, found))
		adopt_program(ifaces, iface, &found[0]);
}

int ifaces_adopt(struct ifaces *ifaces, struct error *error)
{
	uint32_t slots = ifaces->maps->meta->iface_slots;
	int err = 0;

	for (uint32_t i = 0; i < slots && !err; i++)
		if (meta_slot(ifaces, i)->name[0])
			err = adopt_slot(ifaces, meta_slot(ifaces, i), error);
	for (uint32_t i = 0; i < slots && !err; i++)
		adopt_replaced(ifaces, i);
	return err;
}
