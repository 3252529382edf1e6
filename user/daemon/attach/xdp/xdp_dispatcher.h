/* SPDX-License-Identifier: GPL-2.0-only */
/* Behind libxdp's dispatcher, next to other programs. */
#ifndef SLASH64_DAEMON_ATTACH_XDP_XDP_DISPATCHER_H
#define SLASH64_DAEMON_ATTACH_XDP_XDP_DISPATCHER_H

#include "xdp_attach.h"

/* Attaches a new program, replacing `old` if that is not NULL. libxdp attaches it directly if the
 * kernel has no program extensions; -EOPNOTSUPP if the kernel or the driver supports neither.
 */
int attach_dispatcher(const struct maps *maps, uint32_t slot, unsigned int ifindex, bool generic,
		      const char *programs, const struct attachment *old, struct attachment *out,
		      struct error *error);

bool dispatcher_has(unsigned int ifindex, uint32_t id);

/* 0 if it is not there. */
int dispatcher_detach(unsigned int ifindex, uint32_t id, bool generic);

#endif
