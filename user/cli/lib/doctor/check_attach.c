// SPDX-License-Identifier: GPL-2.0-only
#include "check_attach.h"

#include <net/if.h>
#include <string.h>

#include "drivers.h"
#include "forecast.h"
#include "links.h"
#include "base/text/language.h"

/* The line that the others explain. */
bool check_attach(const struct doctor *doctor, const struct doctor_iface *iface,
		  struct finding *finding)
{
	const struct doctor_link *link = iface->link;
	struct forecast forecast;

	if (iface->owner == PROGRAM_OURS)
		return finding_set(finding, FINDING_OK, _("slash64 is attached, in %s mode"),
				   config_mode_name(!link->native_id));
	forecast_make(doctor, iface, &forecast);
	switch (forecast.outlook) {
	case OUTLOOK_NATIVE:
		return finding_set(finding, FINDING_OK,
				   _("attaching takes native mode, in the driver"));
	case OUTLOOK_GENERIC:
		return finding_set(
			finding, iface->mode == MODE_GENERIC ? FINDING_OK : FINDING_WARNING,
			_("attaching takes generic mode, at the speed of the stack: %s\n%s"),
			forecast.why, forecast.cure);
	case OUTLOOK_REFUSED:
		return finding_set(finding, FINDING_PROBLEM, _("attaching is refused: %s\n%s"),
				   forecast.why, forecast.cure);
	case OUTLOOK_UNKNOWN:
		break;
	}
	return finding_set(finding, FINDING_WARNING,
			   _("what attaching does cannot be told: %s\n%s"), forecast.why,
			   forecast.cure);
}

bool check_link(const struct doctor *doctor, const struct doctor_iface *iface,
		struct finding *finding)
{
	const struct doctor_link *link = iface->link;

	if (!(link->flags & IFF_UP))
		return finding_set(
			finding, FINDING_WARNING,
			_("it is down; attaching works, and nothing comes in until it is "
			  "up\nip link set %s up"),
			link->name);
	if (!link->carrier)
		return finding_set(finding, FINDING_WARNING,
				   _("it is up, but has no carrier: the cable, or the other end\n"
				     "ethtool %s"),
				   link->name);
	return finding_set(finding, FINDING_OK, _("up"));
}

static bool tell_features(const struct doctor_iface *iface, struct finding *finding)
{
	if (!(iface->xdp_features & XDP_FEATURE_BASIC))
		return finding_set(finding, FINDING_WARNING,
				   _("%s: the kernel says that it has no native XDP here"),
				   iface->driver);
	return finding_set(finding, FINDING_OK, _("%s: native XDP%s"), iface->driver,
			   iface->xdp_features & XDP_FEATURE_RX_SG ?
				   ", also of packets in several buffers" :
				   ", of packets in one buffer");
}

bool check_driver(const struct doctor *doctor, const struct doctor_iface *iface,
		  struct finding *finding)
{
	const struct driver *driver = driver_find(iface->driver);

	if (!*iface->driver)
		return finding_set(finding, FINDING_WARNING, _("no driver tells its name"));
	if (iface->features_known)
		return tell_features(iface, finding);
	if (!driver)
		return finding_set(
			finding, FINDING_WARNING,
			_("%s: this kernel does not tell what it can (Linux 6.3 does), and "
			  "slash64 does not know it"),
			iface->driver);
	return finding_set(
		finding,
		doctor_kernel_is(doctor, driver->xdp_major, driver->xdp_minor) ? FINDING_OK :
										 FINDING_WARNING,
		_("%s: native XDP since Linux %u.%u; this kernel does not tell (Linux 6.3 does)"),
		iface->driver, driver->xdp_major, driver->xdp_minor);
}

bool check_mtu(const struct doctor *doctor, const struct doctor_iface *iface,
	       struct finding *finding)
{
	const struct driver *driver = driver_find(iface->driver);
	unsigned int mtu = iface->link->mtu, max = forecast_mtu_max(doctor, iface);

	if (mtu < 1280)
		return finding_set(finding, FINDING_PROBLEM,
				   _("%u bytes: IPv6 takes 1280 at least\nip link set %s mtu 1500"),
				   mtu, iface->link->name);
	if (iface->mode == MODE_GENERIC ||
	    (iface->features_known && !(iface->xdp_features & XDP_FEATURE_BASIC)))
		return finding_set(finding, FINDING_OK, _("%u bytes; generic mode takes any"), mtu);
	if (max && mtu > max)
		return finding_set(
			finding, iface->mode == MODE_NATIVE ? FINDING_PROBLEM : FINDING_WARNING,
			_("%u bytes; native mode of %s takes at most %u\nip link set %s mtu %u"),
			mtu, iface->driver, max, iface->link->name, max);
	if (max)
		return finding_set(finding, FINDING_OK, _("%u bytes; native mode of %s takes %u"),
				   mtu, iface->driver, max);
	if (forecast_takes_frags(doctor, iface))
		return finding_set(finding, FINDING_OK,
				   _("%u bytes; the driver takes any, in several buffers"), mtu);
	if (mtu > 1500 && driver)
		return finding_set(
			finding, FINDING_WARNING,
			_("%u bytes; how much %s takes with XDP is not known, 1500 always "
			  "works"),
			mtu, iface->driver);
	return finding_set(finding, FINDING_OK, _("%u bytes"), mtu);
}

bool check_programs(const struct doctor *doctor, const struct doctor_iface *iface,
		    struct finding *finding)
{
	const struct doctor_link *link = iface->link;
	uint32_t id = link->native_id ? link->native_id : link->generic_id;

	switch (iface->owner) {
	case PROGRAM_NONE:
		return finding_set(finding, FINDING_OK, _("no other XDP program"));
	case PROGRAM_OURS:
		return finding_set(finding, FINDING_OK, _("slash64 itself, program %u"), id);
	case PROGRAM_DISPATCHER:
		return finding_set(finding, iface->behind < 10 ? FINDING_OK : FINDING_PROBLEM,
				   _("libxdp's dispatcher with %u of at most 10 programs"),
				   iface->behind);
	case PROGRAM_OTHER:
		return finding_set(finding, FINDING_PROBLEM,
				   _("%s, program %u, is alone there, and lets no other one beside "
				     "it\nip link set %s xdp off, or load it by xdp-loader"),
				   *iface->program ? iface->program : "without a name", id,
				   link->name);
	case PROGRAM_UNSEEN:
		break;
	}
	return finding_set(finding, FINDING_WARNING,
			   _("program %u; whose it is takes rights to see\nrun it as root"), id);
}

bool check_reset(const struct doctor *doctor, const struct doctor_iface *iface,
		 struct finding *finding)
{
	const struct driver *driver = driver_find(iface->driver);
	struct forecast forecast;

	forecast_make(doctor, iface, &forecast);
	if (forecast.outlook == OUTLOOK_GENERIC || forecast.outlook == OUTLOOK_REFUSED ||
	    iface->owner != PROGRAM_NONE)
		return false;
	if (!driver)
		return iface->is_hardware &&
		       finding_set(
			       finding, FINDING_WARNING,
			       _("whether %s resets the link is not known: attach when it may be "
				 "down for some seconds"),
			       iface->driver);
	switch (driver->reset) {
	case RESET_LINK:
		return finding_set(
			finding, FINDING_WARNING,
			_("attaching to %s resets the link, once: some 1 to 5 seconds without "
			  "traffic, and sessions over it may end; 30 more if the switch "
			  "waits for spanning tree\n"
			  "attach in a maintenance window; edge port (portfast) on the switch"),
			iface->driver);
	case RESET_RINGS:
		return finding_set(
			finding, FINDING_OK,
			_("attaching makes the rings of %s anew, once: packets are lost for "
			  "less than a second, the link stays"),
			iface->driver);
	case RESET_NONE:
		break;
	}
	return finding_set(finding, FINDING_OK, _("attaching does not interrupt the link"));
}
