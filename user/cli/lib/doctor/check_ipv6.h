/* SPDX-License-Identifier: GPL-2.0-only */
/* How the kernel is set up as a router. */
#ifndef SLASH64_CLI_LIB_DOCTOR_CHECK_IPV6_H
#define SLASH64_CLI_LIB_DOCTOR_CHECK_IPV6_H

#include "doctor.h"

bool check_forwarding(const struct doctor *doctor, const struct doctor_iface *iface,
		      struct finding *finding);
bool check_neighbours(const struct doctor *doctor, const struct doctor_iface *iface,
		      struct finding *finding);
/* of an interface */
bool check_ipv6(const struct doctor *doctor, const struct doctor_iface *iface,
		struct finding *finding);
bool check_ra(const struct doctor *doctor, const struct doctor_iface *iface,
	      struct finding *finding);

#endif
