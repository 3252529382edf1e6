/* SPDX-License-Identifier: GPL-2.0-only */
/* The clsact qdisc of an interface, and our filter in it: for kernels without tcx. */
#ifndef SLASH64_DAEMON_ATTACH_EGRESS_CLSACT_H
#define SLASH64_DAEMON_ATTACH_EGRESS_CLSACT_H

#include <stdbool.h>
#include <stdint.h>

/* Makes the qdisc. -EEXIST: there is one. -errno */
int clsact_make(unsigned int ifindex);

/* Attaches the program at egress, replacing the one of that id; 0: there is none. -errno; -EEXIST:
 * somebody else's filter has our priority.
 */
int clsact_attach(unsigned int ifindex, int program, uint32_t replaces);

/* Is there a qdisc? 0, 1, or -errno. */
int clsact_is_there(unsigned int ifindex);

/* *id is that of the program in the filter of our priority; 0 for none, also if the interface is
 * gone. -errno: it is not known.
 */
int clsact_program(unsigned int ifindex, uint32_t *id);

/* Removes the qdisc unless a filter is in it, whoever it is of. 0 also if there is none. -errno */
int clsact_remove_unused(unsigned int ifindex);

/* Removes our filter, if it is there, and the qdisc if that was made for it and nothing else is in
 * it. -errno
 */
int clsact_detach(unsigned int ifindex, bool made_qdisc);

#endif
