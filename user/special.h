/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of special prefixes and its gate, filled. */
#ifndef SLASH64_USER_SPECIAL_H
#define SLASH64_USER_SPECIAL_H

#include <slash64/prefixes.h>

/* `gate` has S64_GATE_ENTRIES bytes, `page` S64_GATE_PAGES; all are overwritten. */
void special_fill(struct s64_special table[S64_SPECIAL_MAX], __u8 *gate, struct s64_gate_page *page);

/* The name of entry i, as the registry has it; NULL behind the last. */
const char *special_name(unsigned int i);
const char *special_reference(unsigned int i);

#endif
