/* SPDX-License-Identifier: GPL-2.0-only */
/* The routes of some of the kernel's tables, of IPv6 and IPv4, over rtnetlink: as they are, and as
 * they change. Reading them needs no rights.
 */
#ifndef SLASH64_ADAPTERS_RTBH_KERNEL_ROUTES_H
#define SLASH64_ADAPTERS_RTBH_KERNEL_ROUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "net/prefix.h"

#define KERNEL_TABLES_MAX 16

struct kernel_route {
	struct prefix prefix;
	uint32_t table, metric;
	uint8_t type, protocol; /* RTN_..., RTPROT_... */
	bool replaces;		/* one of the same prefix and metric */
};

typedef void (*kernel_route_t)(const struct kernel_route *route, bool is_there, void *data);

struct kernel_routes;

int kernel_routes_open(struct kernel_routes **routes, const uint32_t *tables, size_t count,
		       struct error *error);
void kernel_routes_close(struct kernel_routes *routes); /* NULL is fine */

/* Readable when there are changes. */
int kernel_routes_fd(const struct kernel_routes *routes);

/* Passes on the changes that are there, up to some hundreds. 0; 1: there may be more; -ENOBUFS: some
 * were lost, so that all tables have to be dumped; -errno.
 */
int kernel_routes_read(struct kernel_routes *routes, kernel_route_t take, void *data);

/* Passes on all routes of a table, as they are now. Changes that are not read yet are dropped by
 * kernel_routes_forget(), which comes before: after a loss they may contradict the dump.
 */
void kernel_routes_forget(struct kernel_routes *routes);
int kernel_routes_dump(uint32_t table, kernel_route_t take, void *data, struct error *error);

/* A number, or a name of /etc/iproute2/rt_protos, or one that is known without that file. 0 or
 * -EINVAL.
 */
int kernel_protocol_parse(const char *text, uint8_t *protocol);

/* For fuzzers and tests: one message. False if it is not a route of IPv6 or IPv4. */
struct nlmsghdr;
bool kernel_route_parse(const struct nlmsghdr *message, struct kernel_route *route);

#endif
