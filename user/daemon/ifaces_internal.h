/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the interfaces share. */
#ifndef SLASH64_DAEMON_IFACES_INTERNAL_H
#define SLASH64_DAEMON_IFACES_INTERNAL_H

#include "ifaces.h"

/* Attach, or adopt what is there. */
int iface_attach(struct ifaces *ifaces, struct iface *iface, const struct config *config,
		 struct error *error);

/* Take the program off, whatever the interface is called now. */
void iface_leave(struct ifaces *ifaces, struct iface *iface);

/* Where its program is pinned. */
void iface_pin_path(const struct ifaces *ifaces, uint32_t slot, char *path, size_t bytes);

/* Into the log of changes. Where that cannot be, what was done stays done. */
void iface_log_change(const struct ifaces *ifaces, const char *action, const char *name, const char *how);

#endif
