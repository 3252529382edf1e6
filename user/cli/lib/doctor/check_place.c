// SPDX-License-Identifier: GPL-2.0-only
#include "check_place.h"
#include "base/text/language.h"

#include <stdio.h>
#include <string.h>

#define NAMES_MAX 256

static bool is_kind(const struct doctor_link *link, const char *kind)
{
	return link && !strcmp(link->kind, kind);
}

/* "eth0, eth1": the ports of a bond or a bridge. */
static unsigned int ports_of(const struct doctor *doctor, const struct doctor_link *master,
			     char names[NAMES_MAX])
{
	unsigned int count = 0;
	size_t n = 0;

	names[0] = '\0';
	for (size_t i = 0; i < doctor->link_count; i++) {
		if (doctor->link[i].master != master->index)
			continue;
		if (n < NAMES_MAX)
			n += snprintf(names + n, NAMES_MAX - n, "%s%s", count ? ", " : "",
				      doctor->link[i].name);
		count++;
	}
	return count;
}

bool check_bond(const struct doctor *doctor, const struct doctor_iface *iface,
		struct finding *finding)
{
	const struct doctor_link *master = doctor_link_by_index(doctor, iface->link->master);
	char names[NAMES_MAX];

	if (is_kind(iface->link, "bond")) {
		if (!ports_of(doctor, iface->link, names))
			return finding_set(finding, FINDING_WARNING,
					   _("it has no port yet\nip link set eth0 master %s"),
					   iface->link->name);
		return finding_set(finding, FINDING_OK,
				   _("the program runs in the drivers of its ports: %s"), names);
	}
	if (!is_kind(master, "bond"))
		return false;
	return finding_set(finding, FINDING_WARNING,
			   _("it is a port of %s: what comes over the other ports is not filtered\n"
			     "use %s instead"),
			   master->name, master->name);
}

bool check_bridge(const struct doctor *doctor, const struct doctor_iface *iface,
		  struct finding *finding)
{
	const struct doctor_link *master = doctor_link_by_index(doctor, iface->link->master);
	char names[NAMES_MAX];

	if (is_kind(iface->link, "bridge")) {
		unsigned int ports = ports_of(doctor, iface->link, names);

		return finding_set(
			finding, FINDING_WARNING,
			_("a bridge does not see what goes from port to port: only what is "
			  "for this machine is filtered\nuse its port%s%s%s"),
			ports == 1 ? "" : "s", ports ? ": " : "", names);
	}
	if (!is_kind(master, "bridge"))
		return false;
	return finding_set(
		finding, FINDING_OK,
		_("a port of %s: what comes in here is filtered, whichever port it goes to "
		  "('policy: {profile: bridge}')"),
		master->name);
}

bool check_vlan(const struct doctor *doctor, const struct doctor_iface *iface,
		struct finding *finding)
{
	const struct doctor_link *lower = doctor_link_by_index(doctor, iface->link->lower);

	if (!is_kind(iface->link, "vlan"))
		return false;
	if (!lower || iface->link->lower_is_elsewhere)
		return finding_set(finding, FINDING_WARNING,
				   _("a VLAN: only in generic mode, at the speed of the stack\n"
				     "use the NIC below it, which filters all its VLANs"));
	return finding_set(finding, FINDING_WARNING,
			   _("a VLAN of %s: only in generic mode, at the speed of the stack\n"
			     "use %s, which filters all its VLANs"),
			   lower->name, lower->name);
}
