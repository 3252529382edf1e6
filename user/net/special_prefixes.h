/* SPDX-License-Identifier: GPL-2.0-only */
/* The special prefixes: the map that the datapath reads, and their names. */
#ifndef SLASH64_NET_SPECIAL_PREFIXES_H
#define SLASH64_NET_SPECIAL_PREFIXES_H

#include <slash64/special_prefixes.h>

#include "prefix.h"

void special_fill(struct s64_special table[S64_SPECIAL_MAX]);

/* The entry that contains a prefix, or -1. */
int special_find(const struct prefix *prefix);

/* Entry i as in the registry; the names are NULL after the last. */
const char *special_name(unsigned int i);
const char *special_reference(unsigned int i);
enum s64_source_status special_source(unsigned int i);
struct prefix special_prefix(unsigned int i);

/* What a prefix is as a source, as the datapath decides; an IPv4 prefix in its own form is
 * ordinary.
 */
enum s64_source_status special_source_of(const struct prefix *prefix);

#endif
