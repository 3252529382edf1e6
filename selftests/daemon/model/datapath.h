/* SPDX-License-Identifier: GPL-2.0-only */
/* The datapath's verdict on a source, by the maps: its own code, natively compiled. */
#ifndef SLASH64_MODEL_DATAPATH_H
#define SLASH64_MODEL_DATAPATH_H

#include "reference/reference.h"
#include "maps/maps.h"

struct datapath_verdict {
	enum ref_fate fate;
	double rate;
	uint32_t burst;
};

struct datapath_verdict datapath_process(const struct maps *maps, const struct in6_addr *address);

#endif
