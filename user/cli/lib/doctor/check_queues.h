/* SPDX-License-Identifier: GPL-2.0-only */
/* Do packets reach all CPUs? */
#ifndef SLASH64_CLI_LIB_DOCTOR_CHECK_QUEUES_H
#define SLASH64_CLI_LIB_DOCTOR_CHECK_QUEUES_H

#include "doctor.h"

bool check_queues(const struct doctor *doctor, const struct doctor_iface *iface,
		  struct finding *finding);
bool check_irqs(const struct doctor *doctor, const struct doctor_iface *iface,
		struct finding *finding);
bool check_rss(const struct doctor *doctor, const struct doctor_iface *iface,
	       struct finding *finding);

#endif
