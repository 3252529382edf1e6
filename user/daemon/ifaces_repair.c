// SPDX-License-Identifier: GPL-2.0-only
/* What happens to interfaces behind our back: they go and come back, are renamed, become a port of a bridge or a
 * bond, or lose their program.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ifaces_internal.h"
#include "link_master.h"
#include "log.h"

#define RETRY_MAX_S 60

static int64_t monotonic_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* A port of a bridge or a bond is filtered as before, as XDP comes first; but it is worth a line. */
static void note_master(struct iface *iface)
{
	char master[IF_NAMESIZE];

	if (link_master(iface->attachment.ifindex, master) || !strcmp(master, iface->master))
		return;
	if (master[0])
		log_info("%s is now a port of %s; it is filtered as before", iface->name, master);
	else
		log_info("%s is no port of %s any more; it is filtered as before", iface->name, iface->master);
	strcpy(iface->master, master);
}

/* The program is there no more. */
static void lose(struct iface *iface, const char *why)
{
	log_warning("%s: %s; nothing is filtered there", iface->name, why);
	iface->attached = false;
	iface->retry_s = 0;
	iface->retry_at = 0;
	iface->failure[0] = '\0';
	iface->renamed[0] = '\0';
}

/* Attach again; a failure is said once, and tried again ever more seldom. */
static void bring_back(struct ifaces *ifaces, struct iface *iface, const struct config *config)
{
	struct error error;
	int err;

	if (monotonic_s() < iface->retry_at)
		return;
	err = iface_attach(ifaces, iface, config, &error);
	if (!err) {
		iface->repairs++;
		iface->failure[0] = '\0';
		iface_log_change(ifaces, "repair", iface->name, NULL);
		return;
	}
	if (strcmp(error.text, iface->failure)) {
		log_error("%s", error.text);
		snprintf(iface->failure, sizeof(iface->failure), "%s", error.text);
	}
	iface->retry_s = iface->retry_s ? iface->retry_s * 2 : 1;
	if (iface->retry_s > RETRY_MAX_S)
		iface->retry_s = RETRY_MAX_S;
	iface->retry_at = monotonic_s() + iface->retry_s;
}

static bool is_wanted(const struct ifaces *ifaces, const char *name)
{
	return ifaces_find(ifaces, name) != NULL;
}

/* The interface has another name now. The program goes on there, as nobody said that it should not, unless that
 * name is wanted for itself.
 */
static void follow_rename(struct ifaces *ifaces, struct iface *iface, const char *name)
{
	if (is_wanted(ifaces, name)) {
		iface_leave(ifaces, iface);
		lose(iface, "it has become another interface of the configuration");
		return;
	}
	if (!strcmp(iface->renamed, name))
		return;
	snprintf(iface->renamed, sizeof(iface->renamed), "%s", name);
	log_warning("%s is called %s now; it is filtered as before, and counted as %s, until slash64d ends; rename it in the configuration",
		    iface->name, name, iface->name);
}

static void look(struct ifaces *ifaces, struct iface *iface, const struct config *config)
{
	unsigned int ifindex = if_nametoindex(iface->name);
	char name[IF_NAMESIZE];

	if (iface->attached && !ifindex) {
		if (if_indextoname(iface->attachment.ifindex, name) &&
		    attach_is_current(&iface->attachment))
			follow_rename(ifaces, iface, name);
		else
			lose(iface, "the interface is gone; it is attached to when it comes back");
	} else if (iface->attached && ifindex != iface->attachment.ifindex) {
		iface_leave(ifaces, iface);
		lose(iface, "it is another interface than it was");
	} else if (iface->attached && !attach_is_current(&iface->attachment)) {
		lose(iface, "its program was taken off by somebody else ('slash64 detach' takes it off for good)");
	}
	if (!iface->attached && ifindex)
		bring_back(ifaces, iface, config);
	if (iface->attached && ifindex) {
		iface->renamed[0] = '\0';
		note_master(iface);
	}
}

void ifaces_repair(struct ifaces *ifaces, const struct config *config)
{
	for (uint32_t i = 0; i < ifaces->tables->meta->iface_slots; i++)
		if (ifaces->entry[i])
			look(ifaces, ifaces->entry[i], config);
}
