/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLASH64_KERNEL_LINK_NAMES_H
#define SLASH64_KERNEL_LINK_NAMES_H

#include "base/text/near.h"

/* The index of the interface with this name, its own or an alternative one (altname); 0 if there is
 * none. All names of an interface have one index.
 */
unsigned int link_index(const char *name);

/* " (did you mean 'wan0'?)" with existing interfaces, or "". Returns buf, of NEAR_TEXT_MAX. */
const char *link_near(const char *name, char *buf);

#endif
