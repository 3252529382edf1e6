/* SPDX-License-Identifier: GPL-2.0-only */
/* Where does an entry for a source take effect? On interfaces that enforce, and for IPv4 only on
 * those that check IPv4.
 */
#ifndef SLASH64_DAEMON_ATTACH_REACH_H
#define SLASH64_DAEMON_ATTACH_REACH_H

#include "interfaces.h"

#define REACH_NAMES_MAX 128

struct reach {
	unsigned int enforcing, monitoring; /* interfaces that check it */
	unsigned int others;		    /* interfaces that do not check IPv4 */
	char enforcing_names[REACH_NAMES_MAX], monitoring_names[REACH_NAMES_MAX];
};

void reach_of(const struct ifaces *ifaces, bool is_ipv4, struct reach *reach);

/* For a verdict that drops: the interfaces where it does not apply. "" if it applies everywhere. */
const char *reach_words(const struct reach *reach, bool is_ipv4, char *text, size_t bytes);

#endif
