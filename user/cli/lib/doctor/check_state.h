/* SPDX-License-Identifier: GPL-2.0-only */
/* What slash64d keeps: the store, its disk, and the clock by which blocks end. */
#ifndef SLASH64_CLI_LIB_DOCTOR_CHECK_STATE_H
#define SLASH64_CLI_LIB_DOCTOR_CHECK_STATE_H

#include "doctor.h"

bool check_store(const struct doctor *doctor, const struct doctor_iface *iface,
		 struct finding *finding);
bool check_disk(const struct doctor *doctor, const struct doctor_iface *iface,
		struct finding *finding);
bool check_clock(const struct doctor *doctor, const struct doctor_iface *iface,
		 struct finding *finding);

#endif
