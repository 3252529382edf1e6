/* SPDX-License-Identifier: GPL-2.0-only */
/* Is an address a bogon as a source, as the datapath decides (bpf/bogons.h), and on which
 * interfaces does it matter?
 */
#ifndef SLASH64_DAEMON_ATTACH_BOGONS_H
#define SLASH64_DAEMON_ATTACH_BOGONS_H

#include <stdbool.h>

#include "interfaces.h"
#include "net/prefix_set.h"
#include "net/source_rules.h"

enum bogon {
	BOGON_NOT,    /* or dropped nowhere */
	BOGON_BEYOND, /* only packets to somebody beyond the router's link */
	BOGON_DROPPED,
};

/* `text`: why, and on which interfaces; unchanged if it is no bogon. */
enum bogon bogon_where(const struct ifaces *ifaces, const struct source_rules *rules,
		       const struct prefix_set *allowed, const struct prefix *address, char *text,
		       size_t bytes);

/* Not a bogon, because the configuration names its translator. */
bool bogon_is_translated(const struct source_rules *rules, const struct prefix *address);

#endif
