/* SPDX-License-Identifier: GPL-2.0-only */
/* A new program of ours in the place of an old one behind libxdp's dispatcher, in one step.
 *
 * libxdp can only add one and then remove the other: between the two every packet is judged and counted twice, and where
 * ten programs are behind the dispatcher there is no room to add. So a second dispatcher is built here, by libxdp's
 * protocol: the same programs in the same order with the same settings, and the new one where the old one stood. The
 * kernel takes the one dispatcher for the other between two packets.
 */
#ifndef SLASH64_DAEMON_DISPATCHER_REPLACE_H
#define SLASH64_DAEMON_DISPATCHER_REPLACE_H

#include "attach.h"

/* -errno, and nothing has changed: -ENOENT where `old` is not behind the dispatcher any more, -EPROTO where that is none
 * of the version known here.
 */
int dispatcher_replace(const struct tables *tables, uint32_t slot, const char *programs, const struct attachment *old,
		       struct attachment *out, struct error *error);

#endif
