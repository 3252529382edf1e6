/* SPDX-License-Identifier: GPL-2.0-only */
/* Is it the right link of a bond, a bridge, or a VLAN? */
#ifndef SLASH64_CLI_LIB_DOCTOR_CHECK_PLACE_H
#define SLASH64_CLI_LIB_DOCTOR_CHECK_PLACE_H

#include "doctor.h"

bool check_bond(const struct doctor *doctor, const struct doctor_iface *iface,
		struct finding *finding);
bool check_bridge(const struct doctor *doctor, const struct doctor_iface *iface,
		  struct finding *finding);
bool check_vlan(const struct doctor *doctor, const struct doctor_iface *iface,
		struct finding *finding);

#endif
