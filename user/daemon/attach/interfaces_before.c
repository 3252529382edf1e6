// SPDX-License-Identifier: GPL-2.0-only
/* What a start has replaced. The start may still fail; then every interface gets back what it had:
 * the previous version's program, with the previous version's maps, which are still pinned.
 */
#include <string.h>
#include <unistd.h>

#include "daemon/attach/xdp/xdp_pins.h"
#include "interfaces_internal.h"
#include "base/log.h"
#include "planted.h"

void iface_hold_before(struct ifaces *ifaces, struct iface *iface, const struct attachment *found)
{
	if (!ifaces->starting || iface->before_fd >= 0)
		return;
	iface->before_fd = program_fd(ifaces->programs, found->program_id);
	iface->before = *found;
	iface->before_slot = ifaces->maps->meta->iface[iface->slot];
}

void iface_drop_before(struct iface *iface)
{
	if (iface->before_fd >= 0)
		close(iface->before_fd);
	iface->before_fd = -1;
	memset(&iface->before, 0, sizeof(iface->before));
}

void ifaces_started(struct ifaces *ifaces)
{
	ifaces->starting = false;
	for (uint32_t i = 0; i < S64_IFACES_MAX; i++)
		if (ifaces->entry[i])
			iface_drop_before(ifaces->entry[i]);
}

static void put_back(struct ifaces *ifaces, struct iface *iface)
{
	struct s64_iface_slot slot = iface->before_slot;
	struct error error;

	if (attach_put_back(&iface->attachment, &iface->before, iface->before_fd, ifaces->programs,
			    ifaces->maps->meta->owner, &error)) {
		log_error("%s; the new program stays", error.text);
		return;
	}
	log_info("%s: program %u is back, as the start has failed", iface->name,
		 iface->before.program_id);
	iface_forget(ifaces, iface); /* it is not of this run */
	ifaces->maps->meta->iface[iface->slot] = slot;
}

/* Detaches it, if the interface had nothing before. */
static void leave_new(struct ifaces *ifaces, struct iface *iface)
{
	struct error error;

	if (iface_leave(ifaces, iface, &error))
		log_error("%s", error.text);
}

void ifaces_undo_start(struct ifaces *ifaces)
{
	for (uint32_t i = 0; i < S64_IFACES_MAX; i++) {
		struct iface *iface = ifaces->entry[i];

		if (!iface || !iface->attached)
			continue;
		if (iface->before_fd >= 0 && !planted("not-put-back"))
			put_back(ifaces, iface);
		else if (iface->fresh)
			leave_new(ifaces, iface);
	}
}
