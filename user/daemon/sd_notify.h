/* SPDX-License-Identifier: GPL-2.0-only */
/* Notifications to the service manager (sd_notify(3)): ready, reloading, alive. */
#ifndef SLASH64_DAEMON_SD_NOTIFY_H
#define SLASH64_DAEMON_SD_NOTIFY_H

#include "base/error.h"

struct daemon;

/* Ready; from now on the watchdog is served, if there is one. */
int service_ready(struct daemon *daemon, struct error *error);
void service_stopping(void);

#endif
