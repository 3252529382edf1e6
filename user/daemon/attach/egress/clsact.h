/* SPDX-License-Identifier: GPL-2.0-only */
/* The clsact qdisc of an interface, and our filter in it: for kernels without tcx. */
#ifndef SLASH64_DAEMON_ATTACH_CLSACT_H
#define SLASH64_DAEMON_ATTACH_CLSACT_H

#include <stdbool.h>
#include <stdint.h>

/* Makes the qdisc, and sets *made; one that is there stays as it is. -errno */
int clsact_make(unsigned int ifindex, bool *made);

/* Attaches the program at egress, replacing the one of that id; 0: there is none. -errno; -EEXIST:
 * somebody else's filter has our priority.
 */
int clsact_attach(unsigned int ifindex, int program, uint32_t replaces);

/* The id of the program in the filter of our priority; 0 for none. */
uint32_t clsact_program(unsigned int ifindex);

/* Removes our filter, and the qdisc if that was made for it and nothing else is in it. */
int clsact_detach(unsigned int ifindex, bool made_qdisc);

#endif
