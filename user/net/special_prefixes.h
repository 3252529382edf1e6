/* SPDX-License-Identifier: GPL-2.0-only */
/* The special prefixes: the table the fast path reads, and their names. */
#ifndef SLASH64_USER_SPECIAL_H
#define SLASH64_USER_SPECIAL_H

#include <slash64/special_prefixes.h>

#include "prefix.h"

void special_fill(struct s64_special table[S64_SPECIAL_MAX]);

/* The entry that a prefix lies in, or -1. */
int special_find(const struct prefix *prefix);

/* Of entry i, as the registry has it; names are NULL behind the last. */
const char *special_name(unsigned int i);
const char *special_reference(unsigned int i);
enum s64_source special_source(unsigned int i);
struct prefix special_prefix(unsigned int i);

/* What a prefix is as a source, as the fast path has it; an IPv4 one, in its own form, is as good as any. */
enum s64_source special_source_of(const struct prefix *prefix);

#endif
