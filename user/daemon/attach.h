/* SPDX-License-Identifier: GPL-2.0-only */
/* The program on an interface: attached, found again, replaced, detached.
 *
 * libxdp puts it behind its dispatcher, next to other programs, where the kernel has program extensions;
 * else the program is attached by itself. Either way it is pinned, and stays when the daemon goes.
 */
#ifndef SLASH64_DAEMON_ATTACH_H
#define SLASH64_DAEMON_ATTACH_H

#include "config.h"
#include "tables.h"

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

/* Attach a new program to the interface, in place of `old` where that is not NULL: there is no moment
 * without one. Pins it as `pin` in the directory `programs`, and where that can be, before it is attached, so that
 * who comes after a crash knows it.
 */
int attach_program(const struct tables *tables, uint32_t slot, const char *name, enum config_mode mode,
		   const char *programs, const char *pin, const struct attachment *old,
		   struct attachment *out, struct error *error);

/* Is this still attached as it was? */
bool attach_is_current(const struct attachment *attachment);

/* Pin what is attached as `pin`, where another run has left it under another name, or not at all. */
int attach_pin(const struct attachment *attachment, const char *programs, const char *pin);

/* Nothing happens where it is not attached any more. The pin, where it is not NULL, goes too. */
int attach_detach(const struct attachment *attachment, const char *name, const char *programs,
		  const char *pin, struct error *error);

#endif
