/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the interfaces share. */
#ifndef SLASH64_DAEMON_IFACES_INTERNAL_H
#define SLASH64_DAEMON_IFACES_INTERNAL_H

#include "interfaces.h"

/* A new entry, in the place that an earlier run left under this name, or a free one. NULL where there is none. */
struct iface *iface_new(struct ifaces *ifaces, const char *name, struct error *error);

/* Give the entry another name, with everything else as it is. */
void iface_rename(struct ifaces *ifaces, struct iface *iface, const char *name);

/* Out of the tables. What is attached stays so. */
void iface_drop(struct ifaces *ifaces, struct iface *iface);

/* What the program reads, from what the entry says. */
void iface_write_policy(struct ifaces *ifaces, const struct iface *iface,
			const struct config *config);

/* Bring a program of the entry onto its target, in place of whatever of ours is there, and take over the one that is
 * just as it should be. What it leaves behind on the interface it was on before is an orphan.
 */
int iface_attach(struct ifaces *ifaces, struct iface *iface, enum config_mode mode,
		 struct error *error);

/* Hold what is about to be replaced, where this is a start. */
void iface_hold_before(struct ifaces *ifaces, struct iface *iface, const struct attachment *found);

/* Let go of it. */
void iface_drop_before(struct iface *iface);

/* It is attached no more, whatever took it off. */
void iface_forget(struct ifaces *ifaces, struct iface *iface);

/* The same for an interface that may have moved to another namespace: it returns with its program. Without
 * CAP_SYS_ADMIN a program cannot be opened by its id, so the program is recognised as ours only by the descriptor
 * or, after a restart, by its pin. Both are kept until the entry has a program again or is dropped.
 */
void iface_gone(struct ifaces *ifaces, struct iface *iface);

/* Take the program off, whatever the interface is called now. */
int iface_leave(struct ifaces *ifaces, struct iface *iface, struct error *error);

/* Is the mode in force one that was asked for? */
bool iface_mode_fits(enum config_mode mode, bool generic);

/* The same as ifaces_prepare() for one interface; the others stay as they are. */
int ifaces_prepare_one(struct ifaces *ifaces, const struct config *config, const char *name,
		       struct ifaces_change **change, struct error *error);

/* Find the target of every entry that is wanted. */
void ifaces_decide(struct ifaces *ifaces);

/* The entry that is to be on this interface, NULL for none. */
struct iface *ifaces_owner(const struct ifaces *ifaces, unsigned int ifindex);

/* A program was left on an interface that may be nobody's any more. */
void ifaces_orphaned(struct ifaces *ifaces);

/* Into the log of changes. Where that cannot be, what was done stays done. */
void iface_log_change(const struct ifaces *ifaces, const char *action, const char *name,
		      const char *how);

#endif
