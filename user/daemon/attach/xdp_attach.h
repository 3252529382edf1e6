/* SPDX-License-Identifier: GPL-2.0-only */
/* The program on an interface: attached, found again, replaced, detached.
 *
 * libxdp puts it behind its dispatcher, next to other programs, where the kernel has program extensions;
 * else the program is attached by itself. Either way it is pinned, and stays when the daemon goes.
 */
#ifndef SLASH64_DAEMON_ATTACH_H
#define SLASH64_DAEMON_ATTACH_H

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

/* Quiet, but for what libbpf and libxdp say of a failure, which is kept for the error line. */
void attach_init(void);

/* Attach a new program to the interface, in place of `old` where that is not NULL: there is no moment without one, but
 * where the mode changes. It is pinned in the directory `programs`, where that can be before it is attached; who comes
 * after a crash knows it by that, or by its maps.
 */
int attach_program(const struct tables *tables, uint32_t slot, unsigned int ifindex,
		   enum config_mode mode, const char *programs, const struct attachment *old,
		   struct attachment *out, struct error *error);

/* A program that was replaced stands where it stood again, in one step, in place of `now`. It is pinned again; `fd` is of
 * it, and was held. -errno, and `now` stays.
 */
int attach_put_back(const struct attachment *now, const struct attachment *before, int fd,
		    const char *programs, uint64_t owner, struct error *error);

/* Is this still attached as it was? */
bool attach_is_current(const struct attachment *attachment);

/* The program that the kernel runs on the interface itself, a dispatcher or another; 0 for none. */
uint32_t attach_direct_id(unsigned int ifindex, bool generic);

/* Nothing happens where it is not attached any more. Its pin goes too. */
int attach_detach(const struct attachment *attachment, const char *name, const char *programs,
		  struct error *error);

#endif
