// SPDX-License-Identifier: GPL-2.0-only
#include "check_ipv6.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "sysfile.h"
#include "base/text/language.h"

#define SYSCTL		"/proc/sys/net/ipv6/"
#define NEIGHBOURS_FEW	1024 /* the kernel's default, for a table of all interfaces */
#define NEIGHBOURS_GOOD 8192

static int read_conf(const struct doctor *doctor, const char *iface, const char *key,
		     int64_t *value)
{
	char path[PATH_MAX];

	return sysfile_number(sysfile_path(doctor->root, path, SYSCTL "conf/%s/%s", iface, key),
			      value);
}

/* An interface on which the kernel has a default route by router advertisements, and which loses it
 * when it forwards, as it does not accept them then. RTF_ADDRCONF of <linux/ipv6_route.h>.
 */
#define ROUTE_ADVERTISED 0x40000

static bool loses_its_route(const struct doctor *doctor, char iface[IF_NAMESIZE])
{
	char path[PATH_MAX], line[256], destination[33];
	FILE *file = fopen(sysfile_path(doctor->root, path, "/proc/net/ipv6_route"), "re");
	unsigned int length, flags;
	bool loses = false;
	int64_t accept;

	while (!loses && file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%32s %x %*s %*s %*s %*s %*s %*s %x %15s", destination, &length,
			   &flags, iface) != 4)
			continue;
		loses = !length && flags & ROUTE_ADVERTISED &&
			!read_conf(doctor, iface, "accept_ra", &accept) && accept < 2;
	}
	if (file)
		fclose(file);
	return loses;
}

bool check_forwarding(const struct doctor *doctor, const struct doctor_iface *iface,
		      struct finding *finding)
{
	char outside[IF_NAMESIZE];
	int64_t on;

	if (read_conf(doctor, "all", "forwarding", &on))
		return finding_set(finding, FINDING_PROBLEM,
				   _("this kernel has no IPv6, or it was turned off at boot\n"
				     "look for ipv6.disable=1 in /proc/cmdline"));
	if (!on && loses_its_route(doctor, outside))
		return finding_set(finding, FINDING_WARNING,
				   _("off: this machine is no router, slash64 protects it alone. "
				     "If it is to be one: its default route comes from router "
				     "advertisements on %s, and ends with forwarding unless "
				     "accept_ra is 2\n"
				     "sysctl -w net/ipv6/conf/%s/accept_ra=2 "
				     "net/ipv6/conf/all/forwarding=1, if it is to be one"),
				   outside, outside);
	if (!on)
		return finding_set(finding, FINDING_WARNING,
				   _("off: this machine is no router, slash64 protects it alone\n"
				     "sysctl -w net.ipv6.conf.all.forwarding=1, if it is to be "
				     "one"));
	return finding_set(finding, FINDING_OK, _("on"));
}

/* A scan of a /64 behind the router makes an entry for each address; a full table forgets
 * neighbours that are in use.
 */
bool check_neighbours(const struct doctor *doctor, const struct doctor_iface *iface,
		      struct finding *finding)
{
	char path[PATH_MAX];
	int64_t max;
	int err =
		sysfile_number(sysfile_path(doctor->root, path, SYSCTL "neigh/default/gc_thresh3"),
			       &max);

	if (err == -ENOENT)
		return finding_set(finding, FINDING_WARNING,
				   _("how many neighbours the kernel keeps cannot be seen in this "
				     "network namespace"));
	if (err)
		return false;
	if (max <= NEIGHBOURS_FEW)
		return finding_set(finding, FINDING_WARNING,
				   _("at most %" PRId64
				     " neighbours: a scan of a network behind this "
				     "router fills the table\n"
				     "sysctl -w net.ipv6.neigh.default.gc_thresh3=%d "
				     "net.ipv6.neigh.default.gc_thresh2=%d"),
				   max, NEIGHBOURS_GOOD, NEIGHBOURS_GOOD / 2);
	return finding_set(finding, FINDING_OK, _("at most %" PRId64 " neighbours"), max);
}

bool check_ipv6(const struct doctor *doctor, const struct doctor_iface *iface,
		struct finding *finding)
{
	int64_t off;

	if (read_conf(doctor, iface->link->name, "disable_ipv6", &off) || !off)
		return false;
	return finding_set(finding, FINDING_WARNING,
			   _("IPv6 is turned off on it\nsysctl -w net/ipv6/conf/%s/disable_ipv6=0"),
			   iface->link->name);
}

/* accept_ra: 1 unless it forwards, 2 always. */
bool check_ra(const struct doctor *doctor, const struct doctor_iface *iface,
	      struct finding *finding)
{
	int64_t accept, forwarding;

	if (read_conf(doctor, iface->link->name, "accept_ra", &accept) ||
	    read_conf(doctor, iface->link->name, "forwarding", &forwarding))
		return false;
	if (accept < 1 || (accept == 1 && forwarding))
		return finding_set(finding, FINDING_OK, _("router advertisements are ignored"));
	return finding_set(
		finding, FINDING_WARNING,
		_("router advertisements are accepted: whoever is on the link can become "
		  "the default router\nsysctl -w net/ipv6/conf/%s/accept_ra=0, unless its "
		  "routes come from there"),
		iface->link->name);
}
