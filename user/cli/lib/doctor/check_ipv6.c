// SPDX-License-Identifier: GPL-2.0-only
#include "check_ipv6.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
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

bool check_forwarding(const struct doctor *doctor, const struct doctor_iface *iface,
		      struct finding *finding)
{
	int64_t on;

	if (read_conf(doctor, "all", "forwarding", &on))
		return finding_set(finding, FINDING_PROBLEM,
				   _("this kernel has no IPv6, or it was turned off at boot\n"
				     "look for ipv6.disable=1 in /proc/cmdline"));
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
