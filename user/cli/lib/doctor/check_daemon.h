/* SPDX-License-Identifier: GPL-2.0-only */
/* slash64d itself: does it run, may this user ask it, and what does it say of itself? */
#ifndef SLASH64_CLI_LIB_DOCTOR_CHECK_DAEMON_H
#define SLASH64_CLI_LIB_DOCTOR_CHECK_DAEMON_H

#include "doctor.h"

bool check_slash64d(const struct doctor *doctor, const struct doctor_iface *iface,
		    struct finding *finding);
bool check_groups(const struct doctor *doctor, const struct doctor_iface *iface,
		  struct finding *finding);
bool check_configuration(const struct doctor *doctor, const struct doctor_iface *iface,
			 struct finding *finding);
bool check_health(const struct doctor *doctor, const struct doctor_iface *iface,
		  struct finding *finding);
bool check_feeds(const struct doctor *doctor, const struct doctor_iface *iface,
		 struct finding *finding);

#endif
