/* SPDX-License-Identifier: GPL-2.0-only */
/* Routes of ours in the kernel: they have a protocol number of their own, by which they are told from
 * those of others, also after a restart.
 */
#ifndef SLASH64_DAEMON_BLACKHOLES_WRITER_H
#define SLASH64_DAEMON_BLACKHOLES_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/prefix_set.h"

#define WRITER_PROTOCOL 64 /* none of /etc/iproute2/rt_protos */
#define WRITER_METRIC	64
#define WRITER_BATCH	32

struct writer_order {
	struct prefix prefix;
	uint32_t table;
	bool adds; /* or removes */
	int err;   /* of the kernel, afterwards: 0 or -errno */
};

/* Carries out up to WRITER_BATCH orders. -errno: none of their results is known. */
int writer_send(struct writer_order *orders, size_t count);

/* Called for each route of ours, whatever its table is. Nonzero ends it with -ENOMEM. */
typedef int (*writer_route_t)(const struct prefix *prefix, uint32_t table, void *data);
struct task;
/* Within a task, which pauses between the parts of the answer. */
int writer_read(struct task *task, writer_route_t take, void *data);

#endif
