/* SPDX-License-Identifier: GPL-2.0-only */
/* What the datapath does beside its verdict (enum s64_extra): turned on and off, on each CPU. */
#ifndef SLASH64_MAPS_EXTRAS_H
#define SLASH64_MAPS_EXTRAS_H

#include "maps.h"

/* On one interface slot. What it needs was written before. */
void extra_set(const struct maps *maps, uint32_t slot, enum s64_extra extra, bool on);

/* On every slot. To be repeated, as a slot that gets another interface begins with all of it off. */
void extra_set_everywhere(const struct maps *maps, enum s64_extra extra, bool on);

#endif
