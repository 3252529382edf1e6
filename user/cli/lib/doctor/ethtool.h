/* SPDX-License-Identifier: GPL-2.0-only */
/* What ethtool(8) -i, -k, -l and -x print. Reading it takes no rights. */
#ifndef SLASH64_CLI_LIB_DOCTOR_ETHTOOL_H
#define SLASH64_CLI_LIB_DOCTOR_ETHTOOL_H

#include "doctor.h"

/* Fills in driver, offloads, channels and RSS; what the driver does not tell stays unknown. */
void ethtool_read(struct doctor_iface *iface);

#endif
