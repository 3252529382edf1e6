/* SPDX-License-Identifier: GPL-2.0-only */
/* What the fast path would do with a source, by the tables: its own code, natively compiled. */
#ifndef SLASH64_MODEL_DATAPATH_H
#define SLASH64_MODEL_DATAPATH_H

#include "reference.h"
#include "maps/maps.h"

struct datapath_verdict {
	enum ref_fate fate;
	double rate;
	uint32_t burst;
};

struct datapath_verdict datapath_judge(const struct tables *tables, const struct in6_addr *address);

#endif
