// SPDX-License-Identifier: GPL-2.0-only
/* Changes of interfaces by others: they go and come back, are renamed, become a port of a bridge or
 * a bond, or lose their program.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/attach/xdp/xdp_pins.h"
#include "daemon/attach/xdp/dispatcher/dirs.h"
#include "interfaces_internal.h"
#include "daemon/netlink/link_master.h"
#include "kernel/link_names.h"
#include "base/log.h"
#include "base/time.h"

#define RETRY_MAX_S 60
#define ORPHAN_S    10 /* names are swapped within this time */

/* A port of a bridge or a bond is filtered as before, because XDP comes first; but that is worth a
 * log line.
 */
static void note_master(struct iface *iface)
{
	char master[IF_NAMESIZE];

	if (link_master(iface->attachment.ifindex, master) || !strcmp(master, iface->master))
		return;
	if (master[0])
		log_info("%s is now a port of %s; it is filtered as before", iface->name, master);
	else
		log_info("%s is no port of %s any more; it is filtered as before", iface->name,
			 iface->master);
	strcpy(iface->master, master);
}

/* The program is no longer there. */
static void lose(struct ifaces *ifaces, struct iface *iface, const char *why)
{
	log_warning("%s: %s; nothing is filtered there", iface->name, why);
	if (iface->attachment.method == ATTACH_DISPATCHER &&
	    dispatcher_dirs_sweep(ifaces->programs, ifaces->maps->meta->owner) == -ETIMEDOUT)
		ifaces_orphaned(ifaces);
	/* it may have gone between two looks, which is the same as if somebody had taken the
	 * program off
	 */
	iface_gone(ifaces, iface);
	iface->retry_s = 0;
	iface->retry_at = 0;
	iface->failure[0] = '\0';
	iface->renamed[0] = '\0';
}

/* With exponential backoff. */
void iface_try_later(struct iface *iface, const struct error *error)
{
	if (strcmp(error->text, iface->failure)) {
		log_error("%s", error->text);
		snprintf(iface->failure, sizeof(iface->failure), "%s", error->text);
	}
	iface->retry_s = iface->retry_s ? iface->retry_s * 2 : 1;
	if (iface->retry_s > RETRY_MAX_S)
		iface->retry_s = RETRY_MAX_S;
	iface->retry_at = clock_monotonic_s() + iface->retry_s;
}

/* The target has the program it had: recognised by its pin, and replaced. */
static void know_gone(struct ifaces *ifaces, struct iface *iface)
{
	uint32_t id = iface->gone_fd >= 0 ? program_id_of(iface->gone_fd) : 0;
	int err;

	if (!id || (attach_direct_id(iface->target, false) != id &&
		    attach_direct_id(iface->target, true) != id))
		return;
	err = program_pin(ifaces->programs, iface->gone_fd);
	if (err)
		log_error("%s: cannot pin the program that came back with it: %s", iface->name,
			  strerror(-err));
}

/* Attaches to the target. If that is another interface than before, the program there stays until
 * its owner is known.
 */
static void bring_back(struct ifaces *ifaces, struct iface *iface)
{
	struct error error;

	if (clock_monotonic_s() < iface->retry_at)
		return;
	know_gone(ifaces, iface);
	if (iface_attach(ifaces, &actor_itself, iface, iface->mode, &error)) {
		if (iface->attached && iface->attachment.ifindex != iface->target) {
			ifaces_orphaned(ifaces);
			iface_forget(ifaces, iface);
		}
		iface_try_later(iface, &error);
		return;
	}
	iface->retry_s = 0;
	iface->repairs++;
	iface->failure[0] = '\0';
	iface_log_change(ifaces, &actor_itself, "repair", iface->name, NULL);
}

/* The interface has another name now. The program stays, because nobody asked for the opposite. */
static void note_rename(struct iface *iface)
{
	char name[IF_NAMESIZE];

	if (link_index(iface->name) == iface->target) {
		iface->renamed[0] = '\0';
		return;
	}
	if (!if_indextoname(iface->target, name) || !strcmp(iface->renamed, name))
		return;
	snprintf(iface->renamed, sizeof(iface->renamed), "%s", name);
	log_warning(
		"%s is called %s now; it is filtered as before, and counted as %s, until slash64d ends; rename it in the configuration",
		iface->name, name, iface->name);
}

static void lose_target(struct ifaces *ifaces, struct iface *iface)
{
	unsigned int was = iface->attachment.ifindex;
	char name[IF_NAMESIZE];

	if (!if_indextoname(was, name)) {
		lose(ifaces, iface, "the interface is gone; attached to when it appears again");
		return;
	}
	ifaces_orphaned(ifaces);
	log_warning("%s: its interface is %s now, another of the configuration; "
		    "attached to when it appears",
		    iface->name, name);
	iface_forget(ifaces, iface);
}

static void look(struct ifaces *ifaces, struct iface *iface)
{
	if (iface->leaving) {
		if (clock_monotonic_s() >= iface->retry_at)
			iface_leave_unwanted(ifaces, &actor_itself, iface);
		return;
	}
	if (iface->attached && !iface->target) {
		lose_target(ifaces, iface);
		return;
	}
	if (!iface->target)
		return;
	if (iface->attached && iface->attachment.ifindex == iface->target &&
	    !attach_is_current(&iface->attachment))
		lose(ifaces, iface,
		     "its program was removed by somebody else ('slash64 detach' "
		     "removes it for good)");
	else if (iface->attached && iface->attachment.ifindex != iface->target)
		log_warning("%s is another interface than it was", iface->name);
	if (!iface->attached || iface->attachment.ifindex != iface->target || iface->outdated)
		bring_back(ifaces, iface);
	if (iface->attached) {
		note_rename(iface);
		note_master(iface);
	}
}

/* Restores pins that somebody removed, from open descriptors. */
static void keep_pinned(struct ifaces *ifaces, struct iface *iface)
{
	int pinned = program_pinned_fd(ifaces->programs, iface->attachment.program_id);
	int err;

	if (pinned >= 0) {
		close(pinned);
		return;
	}
	err = iface->program_fd < 0 ? -ENOENT : program_pin(ifaces->programs, iface->program_fd);
	if (!err)
		log_warning("%s: somebody has removed the pin of its program; it is pinned again",
			    iface->name);
}

/* A program on an interface without an owner is detached once it is certain that no owner comes: at
 * once if every entry has its interface, otherwise after the time that swapping names takes.
 */
static void leave_orphans(struct ifaces *ifaces)
{
	bool all = true;

	if (!ifaces->orphans_s || clock_monotonic_s() < ifaces->sweep_at_s)
		return;
	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++)
		all = all && (!ifaces->entry[i] || ifaces->entry[i]->attached);
	if (all || clock_monotonic_s() >= ifaces->orphans_s + ORPHAN_S)
		ifaces_sweep(ifaces);
}

void ifaces_repair(struct ifaces *ifaces)
{
	uint32_t slots = ifaces->maps->meta->iface_slots;

	for (uint32_t i = 0; i < slots; i++)
		if (ifaces->entry[i] && ifaces->entry[i]->attached)
			keep_pinned(ifaces, ifaces->entry[i]);
	ifaces_decide(ifaces);
	for (uint32_t i = 0; i < slots; i++)
		if (ifaces->entry[i])
			look(ifaces, ifaces->entry[i]);
	leave_orphans(ifaces);
}
