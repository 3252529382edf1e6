/* SPDX-License-Identifier: GPL-2.0-only */
/* Interfaces of the configuration that somebody took slash64 off by hand: they are told of until they are attached again, as
 * nothing is filtered there, and the configuration says otherwise.
 */
#ifndef SLASH64_DAEMON_IFACES_DETACHED_H
#define SLASH64_DAEMON_IFACES_DETACHED_H

#include "interfaces.h"

/* By whom, the store's actor says. Where there is no room, nobody is told. */
void iface_detached_note(struct ifaces *ifaces, const char *name);
void iface_detached_forget(struct ifaces *ifaces, const char *name);
/* NULL where it is not one of them. */
const struct iface_detached *iface_detached_find(const struct ifaces *ifaces, const char *name);
/* The same by any of its names. */
const struct iface_detached *iface_detached_find_any(const struct ifaces *ifaces, const char *name);

#endif
