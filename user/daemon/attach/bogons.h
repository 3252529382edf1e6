/* SPDX-License-Identifier: GPL-2.0-only */
/* Is an address a bogon as a source, as the fast path has it (bpf/bogons.h), and where does that count? */
#ifndef SLASH64_DAEMON_BOGONS_H
#define SLASH64_DAEMON_BOGONS_H

#include <stdbool.h>

#include "interfaces.h"
#include "net/prefix_set.h"
#include "net/source_rules.h"

enum bogon {
	BOGON_NOT,    /* or nowhere dropped */
	BOGON_BEYOND, /* not to this router, but to whoever is beyond its link */
	BOGON_DROPPED,
};

/* `text`: why, and on which interfaces; untouched where it is none. */
enum bogon bogon_where(const struct ifaces *ifaces, const struct site_rules *rules,
		       const struct prefix_set *allowed, const struct prefix *address, char *text,
		       size_t bytes);

/* No bogon because the configuration names its translator. */
bool bogon_is_translated(const struct site_rules *rules, const struct prefix *address);

#endif
