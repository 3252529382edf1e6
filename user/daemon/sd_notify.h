/* SPDX-License-Identifier: GPL-2.0-only */
/* What the service manager is told (sd_notify(3)): that all is up, that it is reloading, that it still lives. */
#ifndef SLASH64_DAEMON_SERVICE_H
#define SLASH64_DAEMON_SERVICE_H

#include "base/error.h"

struct daemon;

/* Ready; from now on the watchdog is fed, where there is one. */
int service_ready(struct daemon *daemon, struct error *error);
void service_stopping(void);

#endif
