/* SPDX-License-Identifier: GPL-2.0-only */
/* The programs beside slash64d: configured, enabled, running? */
#ifndef SLASH64_CLI_LIB_DOCTOR_CHECK_ADAPTERS_H
#define SLASH64_CLI_LIB_DOCTOR_CHECK_ADAPTERS_H

#include "doctor.h"

bool check_adapters(const struct doctor *doctor, const struct doctor_iface *iface,
		    struct finding *finding);

#endif
