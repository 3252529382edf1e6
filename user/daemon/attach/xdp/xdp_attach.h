/* SPDX-License-Identifier: GPL-2.0-only */
/* The program on an interface: attached, found again, replaced, detached.
 *
 * If the kernel has program extensions, libxdp puts it behind its dispatcher, next to other
 * programs; otherwise it is attached directly. Either way it is pinned, and stays when the daemon
 * ends.
 */
#ifndef SLASH64_DAEMON_ATTACH_XDP_XDP_ATTACH_H
#define SLASH64_DAEMON_ATTACH_XDP_XDP_ATTACH_H

#include "config/config.h"
#include "maps/maps.h"

enum attach_method {
	ATTACH_DIRECT,
	ATTACH_DISPATCHER,
};

struct attachment {
	unsigned int ifindex;
	uint32_t program_id;
	bool generic;
	enum attach_method method;
};

/* Silences libbpf and libxdp; their error output is kept for the error line. */
void attach_init(void);

/* Attaches a new program to the interface, replacing `old` if that is not NULL: there is no moment
 * without a program, unless the mode changes. It is pinned in the directory `programs`, if possible
 * before it is attached; after a crash it is recognised by its pin, or by its maps.
 */
int attach_program(const struct maps *maps, uint32_t slot, unsigned int ifindex,
		   enum config_mode mode, const char *programs, const struct attachment *old,
		   struct attachment *out, struct error *error);

/* Restores a replaced program in one step, replacing `now`. It is pinned again; `fd` is its held
 * descriptor. -errno: `now` stays.
 */
int attach_put_back(const struct attachment *now, const struct attachment *before, int fd,
		    const char *programs, uint64_t owner, struct error *error);

/* Is this still attached? */
bool attach_is_current(const struct attachment *attachment);

/* The program that the kernel runs on the interface itself, a dispatcher or another one; 0 for
 * none.
 */
uint32_t attach_direct_id(unsigned int ifindex, bool generic);

/* Does nothing if it is no longer attached. Removes its pin too. */
int attach_detach(const struct attachment *attachment, const char *name, const char *programs,
		  struct error *error);

#endif
