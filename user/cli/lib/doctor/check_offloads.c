// SPDX-License-Identifier: GPL-2.0-only
#include "check_offloads.h"

#include <string.h>

#include "drivers.h"
#include "base/text/language.h"

/* Several packets in one are counted, and held to a rate, as one. */
static bool merges(const struct doctor_iface *iface, enum feature feature, const char *what,
		   const char *word, struct finding *finding)
{
	if (feature == FEATURE_UNKNOWN)
		return false;
	if (feature == FEATURE_OFF)
		return finding_set(finding, FINDING_OK, _("off"));
	if (feature == FEATURE_ON_FIXED)
		return finding_set(
			finding, FINDING_WARNING,
			_("%s is on, and the driver does not let it be turned off: packets "
			  "that were merged count as one"),
			what);
	return finding_set(
		finding, FINDING_WARNING,
		_("%s is on: packets that were merged count as one, and a router must not "
		  "forward them\nethtool -K %s %s off"),
		what, iface->link->name, word);
}

bool check_lro(const struct doctor *doctor, const struct doctor_iface *iface,
	       struct finding *finding)
{
	const struct driver *driver = driver_find(iface->driver);

	if (iface->lro >= FEATURE_ON && driver && driver->refuses_lro &&
	    iface->mode != MODE_GENERIC)
		return finding_set(finding,
				   iface->mode == MODE_NATIVE ? FINDING_PROBLEM : FINDING_WARNING,
				   _("LRO is on, and %s takes no program in native mode then\n"
				     "ethtool -K %s lro off"),
				   iface->driver, iface->link->name);
	return merges(iface, iface->lro, "LRO", "lro", finding);
}

/* virtio turns it off by itself, if the device lets it. */
bool check_gro_hw(const struct doctor *doctor, const struct doctor_iface *iface,
		  struct finding *finding)
{
	if (!strcmp(iface->driver, "virtio_net") && iface->gro_hw == FEATURE_ON &&
	    iface->mode != MODE_GENERIC)
		return finding_set(finding, FINDING_OK,
				   _("on; attaching turns it off, and detaching on again"));
	return merges(iface, iface->gro_hw, "GRO in hardware", "rx-gro-hw", finding);
}

bool check_guest_offloads(const struct doctor *doctor, const struct doctor_iface *iface,
			  struct finding *finding)
{
	if (strcmp(iface->driver, "virtio_net"))
		return false;
	if (!iface->guest_offloads_stuck)
		return finding_set(finding, FINDING_OK, _("none that the driver cannot turn off"));
	return finding_set(
		finding, iface->mode == MODE_NATIVE ? FINDING_PROBLEM : FINDING_WARNING,
		_("the host hands over merged packets or such without checksums, and cannot be told "
		  "not to: no native mode\n"
		  "in QEMU: ctrl_guest_offloads=on, or guest_tso4=off,guest_tso6=off,guest_ecn=off,"
		  "guest_ufo=off,guest_csum=off"));
}

static unsigned int vlans_above(const struct doctor *doctor, const struct doctor_link *link)
{
	unsigned int count = 0;

	for (size_t i = 0; i < doctor->link_count; i++)
		count += doctor->link[i].lower == link->index &&
			 !doctor->link[i].lower_is_elsewhere &&
			 !strcmp(doctor->link[i].kind, "vlan");
	return count;
}

/* A tag that was stripped is beside the packet, where XDP does not see it: the packet is decided as
 * if it had none, and two VLANs are one link to the checks of neighbours.
 */
bool check_vlan_tags(const struct doctor *doctor, const struct doctor_iface *iface,
		     struct finding *finding)
{
	unsigned int vlans = vlans_above(doctor, iface->link);

	if (iface->rx_vlan == FEATURE_UNKNOWN || !strcmp(iface->link->kind, "vlan"))
		return false;
	if (iface->rx_vlan == FEATURE_OFF)
		return finding_set(finding, FINDING_OK, _("not stripped: XDP sees them"));
	if (!vlans)
		return finding_set(finding, FINDING_OK,
				   _("stripped in hardware; there is no VLAN on it"));
	if (iface->rx_vlan == FEATURE_ON_FIXED)
		return finding_set(finding, FINDING_WARNING,
				   _("stripped in hardware, always: XDP sees its %u VLANs as one"),
				   vlans);
	return finding_set(
		finding, FINDING_WARNING,
		_("stripped in hardware, so that XDP does not see them: its %u VLAN%s and "
		  "what is untagged are one link to it\nethtool -K %s rxvlan off"),
		vlans, vlans == 1 ? "" : "s", iface->link->name);
}
