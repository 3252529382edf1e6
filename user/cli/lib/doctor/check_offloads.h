/* SPDX-License-Identifier: GPL-2.0-only */
/* What the hardware does to packets before XDP sees them. */
#ifndef SLASH64_CLI_LIB_DOCTOR_CHECK_OFFLOADS_H
#define SLASH64_CLI_LIB_DOCTOR_CHECK_OFFLOADS_H

#include "doctor.h"

bool check_lro(const struct doctor *doctor, const struct doctor_iface *iface,
	       struct finding *finding);
bool check_gro_hw(const struct doctor *doctor, const struct doctor_iface *iface,
		  struct finding *finding);
bool check_guest_offloads(const struct doctor *doctor, const struct doctor_iface *iface,
			  struct finding *finding);
bool check_vlan_tags(const struct doctor *doctor, const struct doctor_iface *iface,
		     struct finding *finding);

#endif
