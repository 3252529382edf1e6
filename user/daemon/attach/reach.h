/* SPDX-License-Identifier: GPL-2.0-only */
/* Where does what is said of a source take effect? On interfaces that enforce, and for IPv4 on those alone that look at it.
 */
#ifndef SLASH64_DAEMON_REACH_H
#define SLASH64_DAEMON_REACH_H

#include "interfaces.h"

#define REACH_NAMES_MAX 128

struct reach {
	unsigned int enforcing, monitoring; /* interfaces that look at it */
	unsigned int others;		    /* those that do not: IPv4 is nothing to them */
	char enforcing_names[REACH_NAMES_MAX], monitoring_names[REACH_NAMES_MAX];
};

void reach_of(const struct ifaces *ifaces, bool is_ipv4, struct reach *reach);

/* Behind a verdict that drops: where it does not. "" where it does everywhere. */
const char *reach_words(const struct reach *reach, bool is_ipv4, char *text, size_t bytes);

#endif
