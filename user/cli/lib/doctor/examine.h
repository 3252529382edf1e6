/* SPDX-License-Identifier: GPL-2.0-only */
/* Which interfaces to look at, and all that is known of one. */
#ifndef SLASH64_CLI_LIB_DOCTOR_EXAMINE_H
#define SLASH64_CLI_LIB_DOCTOR_EXAMINE_H

#include "doctor.h"

void examine_iface(const struct doctor *doctor, const struct doctor_link *link,
		   struct doctor_iface *iface);

/* Without a configuration that names interfaces: is it one that slash64 may be wanted on? `any`:
 * there is no better one.
 */
bool examine_is_sensible(const struct doctor *doctor, const struct doctor_link *link, bool any);

#endif
