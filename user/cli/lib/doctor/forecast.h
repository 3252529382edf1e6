/* SPDX-License-Identifier: GPL-2.0-only */
/* What attaching to an interface will do, as slash64d does it (user/daemon/attach/xdp/xdp_attach.c)
 * and as the kernel and its drivers answer.
 */
#ifndef SLASH64_CLI_LIB_DOCTOR_FORECAST_H
#define SLASH64_CLI_LIB_DOCTOR_FORECAST_H

#include "doctor.h"

#define FORECAST_WHY_MAX 256

enum outlook {
	OUTLOOK_NATIVE,
	OUTLOOK_GENERIC,
	OUTLOOK_REFUSED,
	OUTLOOK_UNKNOWN, /* the driver will tell when it is tried */
};

struct forecast {
	enum outlook outlook;
	char why[FORECAST_WHY_MAX];  /* not native, or refused */
	char cure[FORECAST_WHY_MAX]; /* what to type; "" if nothing helps */
};

void forecast_make(const struct doctor *doctor, const struct doctor_iface *iface,
		   struct forecast *forecast);

/* Does the driver take a packet in several buffers? Of any MTU then. */
bool forecast_takes_frags(const struct doctor *doctor, const struct doctor_iface *iface);

/* The largest MTU in native mode; 0: no limit, or none that is known. */
unsigned int forecast_mtu_max(const struct doctor *doctor, const struct doctor_iface *iface);

#endif
