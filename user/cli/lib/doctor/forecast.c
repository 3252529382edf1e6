// SPDX-License-Identifier: GPL-2.0-only
#include "forecast.h"

#include <net/if_arp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "drivers.h"
#include "links.h"
#include "base/text/language.h"

#define DISPATCHER_MAX 10

static bool say(struct forecast *forecast, enum outlook outlook, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A line break separates the reason from the cure. */
static bool say(struct forecast *forecast, enum outlook outlook, const char *format, ...)
{
	char text[FORECAST_WHY_MAX * 2], *end;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	end = strchr(text, '\n');
	if (end)
		*end = '\0';
	forecast->outlook = outlook;
	snprintf(forecast->why, sizeof(forecast->why), "%.255s", text);
	snprintf(forecast->cure, sizeof(forecast->cure), "%.255s", end ? end + 1 : "");
	return true;
}

bool forecast_takes_frags(const struct doctor *doctor, const struct doctor_iface *iface)
{
	const struct driver *driver = driver_find(iface->driver);

	if (iface->features_known)
		return iface->xdp_features & XDP_FEATURE_RX_SG;
	return driver && driver->frags_major &&
	       doctor_kernel_is(doctor, driver->frags_major, driver->frags_minor);
}

unsigned int forecast_mtu_max(const struct doctor *doctor, const struct doctor_iface *iface)
{
	const struct driver *driver = driver_find(iface->driver);

	return driver && !forecast_takes_frags(doctor, iface) ? driver->mtu_max : 0;
}

/* --- what no mode helps against --- */

/* The kernel counts as upper what has this one as a port, and what is stacked on it. */
static bool is_above(const struct doctor_link *upper, const struct doctor_link *link)
{
	return upper->index == link->master ||
	       (upper->lower == link->index && !upper->lower_is_elsewhere &&
		(!strcmp(upper->kind, "vlan") || !strcmp(upper->kind, "macvlan") ||
		 !strcmp(upper->kind, "macvtap") || !strcmp(upper->kind, "ipvlan")));
}

static bool is_taken_above(const struct doctor *doctor, const struct doctor_link *link,
			   struct forecast *forecast)
{
	for (size_t i = 0; i < doctor->link_count; i++) {
		const struct doctor_link *upper = &doctor->link[i];

		if (is_above(upper, link) && (upper->native_id || upper->generic_id))
			return say(forecast, OUTLOOK_REFUSED,
				   _("%s above it has an XDP program already\nslash64 doctor %s "
				     "tells whose it is"),
				   upper->name, upper->name);
	}
	return false;
}

static bool is_taken(const struct doctor *doctor, const struct doctor_iface *iface,
		     struct forecast *forecast)
{
	const struct doctor_link *link = iface->link;
	uint32_t id = link->native_id ? link->native_id : link->generic_id;

	switch (iface->owner) {
	case PROGRAM_OTHER:
		return say(forecast, OUTLOOK_REFUSED,
			   _("another XDP program is there (%s, id %u), not behind libxdp's "
			     "dispatcher\nip link set %s xdp off"),
			   iface->program, id, link->name);
	case PROGRAM_DISPATCHER:
		if (iface->behind >= DISPATCHER_MAX)
			return say(forecast, OUTLOOK_REFUSED,
				   _("its dispatcher has %d programs, the maximum\n"
				     "xdp-loader status %s lists them"),
				   DISPATCHER_MAX, link->name);
		break;
	case PROGRAM_UNSEEN:
		return say(forecast, OUTLOOK_UNKNOWN,
			   _("program %u is there, and whose it is only root can see\n"
			     "run it as root"),
			   id);
	case PROGRAM_NONE:
	case PROGRAM_OURS:
		break;
	}
	return is_taken_above(doctor, link, forecast);
}

/* --- native mode --- */

/* The driver has features, unless the other end has more queues: that refuses a program in any
 * other way than drivers without XDP do, and no other mode is tried.
 */
static bool veth_lacks_queues(const struct doctor *doctor, const struct doctor_iface *iface)
{
	const struct doctor_link *peer = iface->link->lower_is_elsewhere ?
						 NULL :
						 doctor_link_by_index(doctor, iface->link->lower);

	if (iface->features_known)
		return !(iface->xdp_features & XDP_FEATURE_BASIC);
	return peer && peer->tx_queues > iface->rx_queues;
}

static bool native_is_refused(const struct doctor *doctor, const struct doctor_iface *iface,
			      const struct driver *driver, struct forecast *forecast)
{
	const char *name = iface->link->name;
	unsigned int mtu_max = forecast_mtu_max(doctor, iface);

	if (iface->features_known && !(iface->xdp_features & XDP_FEATURE_BASIC) && !*iface->driver)
		return say(forecast, OUTLOOK_GENERIC, _("no driver with XDP is behind it"));
	if (iface->features_known && !(iface->xdp_features & XDP_FEATURE_BASIC))
		return say(forecast, OUTLOOK_GENERIC, _("its driver %s has no XDP%s"),
			   iface->driver, driver ? " on this machine" : "");
	if (iface->guest_offloads_stuck)
		return say(
			forecast, OUTLOOK_GENERIC,
			_("its device merges packets or leaves out checksums, and cannot be told "
			  "not to\n-device virtio-net-pci,...,ctrl_guest_offloads=on in QEMU, or "
			  "guest_tso4=off,guest_tso6=off,guest_ecn=off,guest_ufo=off,guest_csum=off"));
	if (driver && driver->refuses_lro && iface->lro >= FEATURE_ON)
		return say(forecast, OUTLOOK_GENERIC,
			   _("LRO is on, and %s refuses programs then\nethtool -K %s lro off"),
			   iface->driver, name);
	if (mtu_max && iface->link->mtu > mtu_max)
		return say(forecast, OUTLOOK_GENERIC,
			   _("the MTU of %u is above the %u that %s takes with XDP\n"
			     "ip link set %s mtu %u"),
			   iface->link->mtu, mtu_max, iface->driver, name, mtu_max);
	return false;
}

static bool native_is_unknown(const struct doctor *doctor, const struct doctor_iface *iface,
			      const struct driver *driver, struct forecast *forecast)
{
	if (iface->features_known)
		return false;
	if (!driver && *iface->link->kind && strcmp(iface->link->kind, "bond"))
		return say(forecast, OUTLOOK_GENERIC,
			   _("a link of the kind %s has no XDP of its own"), iface->link->kind);
	if (!driver)
		return say(forecast, OUTLOOK_UNKNOWN,
			   _("Linux %s does not tell what its driver %s can, and slash64 does not "
			     "know it"),
			   doctor->kernel, *iface->driver ? iface->driver : "(unknown)");
	if (!doctor_kernel_is(doctor, driver->xdp_major, driver->xdp_minor))
		return say(forecast, OUTLOOK_GENERIC, _("%s has XDP only since Linux %u.%u"),
			   iface->driver, driver->xdp_major, driver->xdp_minor);
	return false;
}

void forecast_make(const struct doctor *doctor, const struct doctor_iface *iface,
		   struct forecast *forecast)
{
	const struct driver *driver = driver_find(iface->driver);
	const struct doctor_link *link = iface->link;

	*forecast = (struct forecast){.outlook = OUTLOOK_NATIVE};
	if (link->arp_type != ARPHRD_ETHER && link->arp_type != ARPHRD_LOOPBACK) {
		say(forecast, OUTLOOK_REFUSED,
		    _("its frames are not Ethernet\nattach to the NIC below it"));
		return;
	}
	if (is_taken(doctor, iface, forecast))
		return;
	if (iface->mode == MODE_GENERIC) {
		say(forecast, OUTLOOK_GENERIC, _("the configuration says so"));
		return;
	}
	if (!strcmp(iface->driver, "veth") && veth_lacks_queues(doctor, iface)) {
		say(forecast, OUTLOOK_REFUSED,
		    _("the other end has more transmit queues than it has receive queues\n"
		      "ethtool -L %s rx N, with the N of the other end, or 'mode: generic'"),
		    link->name);
		return;
	}
	if (native_is_refused(doctor, iface, driver, forecast) ||
	    native_is_unknown(doctor, iface, driver, forecast))
		if (forecast->outlook == OUTLOOK_GENERIC && iface->mode == MODE_NATIVE)
			forecast->outlook = OUTLOOK_REFUSED;
}
