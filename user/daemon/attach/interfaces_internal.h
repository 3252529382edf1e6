/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files about interfaces. */
#ifndef SLASH64_DAEMON_ATTACH_INTERFACES_INTERNAL_H
#define SLASH64_DAEMON_ATTACH_INTERFACES_INTERNAL_H

#include "interfaces.h"

/* A new entry, in the slot that an earlier run left under this name, or a free one. NULL if there
 * is none.
 */
struct iface *iface_new(struct ifaces *ifaces, const char *name, struct error *error);

/* Makes the entries of an earlier run. */
int ifaces_adopt(struct ifaces *ifaces, struct error *error);

/* Renames the entry; everything else stays the same. */
void iface_rename(struct ifaces *ifaces, struct iface *iface, const char *name);

/* Removes it from the maps. What is attached stays. */
void iface_drop(struct ifaces *ifaces, struct iface *iface);

/* Writes what the program reads, from the entry. */
void iface_write_policy(struct ifaces *ifaces, const struct iface *iface,
			const struct config *config);

/* Puts a program of the entry on its target, replacing any of ours, and adopts one that is already
 * as it should be. What it leaves on its previous interface is an orphan. `actor` as in
 * iface_log_change().
 */
int iface_attach(struct ifaces *ifaces, const struct actor *actor, struct iface *iface,
		 enum config_mode mode, struct error *error);

/* During a start, holds what is about to be replaced. */
void iface_hold_before(struct ifaces *ifaces, struct iface *iface, const struct attachment *found);

/* Releases it. */
void iface_drop_before(struct iface *iface);

/* It is no longer attached, whatever the cause. */
void iface_forget(struct ifaces *ifaces, struct iface *iface);

/* The same for an interface that may have moved to another namespace: it returns with its program. Without
 * CAP_SYS_ADMIN a program cannot be opened by its id, so the program is recognised as ours only by the descriptor
 * or, after a restart, by its pin. Both are kept until the entry has a program again or is dropped.
 */
void iface_gone(struct ifaces *ifaces, struct iface *iface);

/* Detaches the program, whatever the interface is called now, and forgets it. If the interface is
 * gone, only the pin is removed. After a failure, the entry is as it was.
 */
int iface_leave(struct ifaces *ifaces, struct iface *iface, struct error *error);

/* Nobody wants it any more: detaches the program if no other entry owns it, and drops the entry. If
 * that fails, it is `leaving`, and ifaces_repair() tries again.
 */
void iface_leave_unwanted(struct ifaces *ifaces, const struct actor *actor, struct iface *iface);

/* Logs a failure once, and sets when to try again. */
void iface_try_later(struct iface *iface, const struct error *error);

/* Is the mode in force one that was requested? */
bool iface_mode_fits(enum config_mode mode, bool generic);

/* The same as ifaces_prepare() for one interface; the others stay as they are. */
int ifaces_prepare_one(struct ifaces *ifaces, const struct actor *actor,
		       const struct config *config, const char *name, struct ifaces_change **change,
		       struct error *error);

/* Finds the target of every wanted entry. */
void ifaces_decide(struct ifaces *ifaces);

/* The entry that should be on this interface, NULL for none. */
struct iface *ifaces_owner(const struct ifaces *ifaces, unsigned int ifindex);

/* A program was left on an interface that may have no owner any more. */
void ifaces_orphaned(struct ifaces *ifaces);

/* Writes to the audit log, unless the actor is NULL: then the caller does, or it is no change. If it
 * fails, the change stays.
 */
void iface_log_change(const struct ifaces *ifaces, const struct actor *actor, const char *action,
		      const char *name, const char *how);

#endif
