// SPDX-License-Identifier: GPL-2.0-only
#include "interfaces_detached.h"

#include <stdio.h>
#include <string.h>

#include "kernel/link_names.h"
#include "daemon/store/log/actor.h"
#include "base/time.h"

static struct iface_detached *find(const struct ifaces *ifaces, const char *name)
{
	for (size_t i = 0; i < S64_IFACES_MAX; i++)
		if (!strcmp(ifaces->detached[i].name, name))
			return (struct iface_detached *)&ifaces->detached[i];
	return NULL;
}

void iface_detached_note(struct ifaces *ifaces, const char *name, const struct actor *actor)
{
	struct iface_detached *detached = find(ifaces, name);

	if (!detached)
		detached = find(ifaces, ""); /* a free slot */
	if (!detached)
		return;
	snprintf(detached->name, sizeof(detached->name), "%s", name);
	actor_name(actor, detached->by);
	detached->at_ms = clock_wall_ms();
}

void iface_detached_forget(struct ifaces *ifaces, const char *name)
{
	struct iface_detached *detached = find(ifaces, name);

	if (detached)
		memset(detached, 0, sizeof(*detached));
}

const struct iface_detached *iface_detached_find(const struct ifaces *ifaces, const char *name)
{
	return name[0] ? find(ifaces, name) : NULL;
}

const struct iface_detached *iface_detached_find_any(const struct ifaces *ifaces, const char *name)
{
	const struct iface_detached *detached = iface_detached_find(ifaces, name);
	unsigned int ifindex = detached ? 0 : link_index(name);

	for (size_t i = 0; !detached && ifindex && i < S64_IFACES_MAX; i++)
		if (ifaces->detached[i].name[0] && link_index(ifaces->detached[i].name) == ifindex)
			detached = &ifaces->detached[i];
	return detached;
}
