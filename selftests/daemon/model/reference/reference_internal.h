/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the parts of the reference. */
#ifndef SLASH64_MODEL_REFERENCE_INTERNAL_H
#define SLASH64_MODEL_REFERENCE_INTERNAL_H

#include "reference.h"

bool ref_contains(const struct prefix *outer, const struct in6_addr *address);
bool ref_same(const struct prefix *a, const struct prefix *b);
bool ref_is_v4(const struct in6_addr *address);
struct in6_addr ref_mapped(const uint8_t v4[4]);
/* Is it an IPv4 address in another form? */
bool ref_v4_behind(enum sources_variant sources, const struct in6_addr *address,
		   struct in6_addr *v4);
bool ref_is_stricter(const struct ref_row *a, const struct ref_row *b);

#endif
