/* SPDX-License-Identifier: GPL-2.0-only */
/* Interfaces of the configuration that somebody detached by hand: reported until they are attached
 * again, because nothing is filtered there, against the configuration.
 */
#ifndef SLASH64_DAEMON_ATTACH_INTERFACES_DETACHED_H
#define SLASH64_DAEMON_ATTACH_INTERFACES_DETACHED_H

#include "interfaces.h"

struct actor;

/* `by`: the name of whoever did. Without room, it is not reported. */
void iface_detached_note(struct ifaces *ifaces, const char *name, const struct actor *actor);
void iface_detached_forget(struct ifaces *ifaces, const char *name);
/* NULL if it is none of them. */
const struct iface_detached *iface_detached_find(const struct ifaces *ifaces, const char *name);
/* The same by any of its names. */
const struct iface_detached *iface_detached_find_any(const struct ifaces *ifaces, const char *name);

#endif
