/* SPDX-License-Identifier: GPL-2.0-only */
/* Can it be attached to, how, and what does that do to traffic? */
#ifndef SLASH64_CLI_LIB_DOCTOR_CHECK_ATTACH_H
#define SLASH64_CLI_LIB_DOCTOR_CHECK_ATTACH_H

#include "doctor.h"

bool check_attach(const struct doctor *doctor, const struct doctor_iface *iface,
		  struct finding *finding);
bool check_link(const struct doctor *doctor, const struct doctor_iface *iface,
		struct finding *finding);
bool check_driver(const struct doctor *doctor, const struct doctor_iface *iface,
		  struct finding *finding);
bool check_mtu(const struct doctor *doctor, const struct doctor_iface *iface,
	       struct finding *finding);
bool check_programs(const struct doctor *doctor, const struct doctor_iface *iface,
		    struct finding *finding);
bool check_reset(const struct doctor *doctor, const struct doctor_iface *iface,
		 struct finding *finding);

#endif
