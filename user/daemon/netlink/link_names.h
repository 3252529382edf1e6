/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLASH64_DAEMON_LINK_NAMES_H
#define SLASH64_DAEMON_LINK_NAMES_H

#include "base/near.h"

/* The index of the interface that goes by this name, be it its own or another that it was given (altname); 0 where
 * there is none. Two names of one interface have one index.
 */
unsigned int link_index(const char *name);

/* " (did you mean 'wan0'?)" of the interfaces that there are, or "". Returns buf, of NEAR_TEXT_MAX. */
const char *link_near(const char *name, char *buf);

#endif
