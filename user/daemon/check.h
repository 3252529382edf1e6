/* SPDX-License-Identifier: GPL-2.0-only */
/* slash64d --check. */
#ifndef SLASH64_DAEMON_CHECK_H
#define SLASH64_DAEMON_CHECK_H

#include "config/config.h"

/* Prints what a reload would refuse, warnings, and the result. 0, or -EPERM, -ENOMEM. */
int check_tell(const struct config *config);

#endif
