/* SPDX-License-Identifier: GPL-2.0-only */
/* Interfaces, as in status. */
#ifndef SLASH64_DAEMON_API_ENDPOINTS_INTERFACES_H
#define SLASH64_DAEMON_API_ENDPOINTS_INTERFACES_H

#include <jansson.h>

#include "daemon/daemon.h"

json_t *control_iface_to_json(const struct daemon *daemon, const struct iface *iface);

/* All interfaces, and those of the configuration that were detached by hand. */
json_t *control_ifaces_to_json(const struct daemon *daemon);

#endif
