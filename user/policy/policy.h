/* SPDX-License-Identifier: GPL-2.0-only */
/* The policy: the action for each class and feature. A profile, and the operator's changes on top
 * of it, are compiled into the maps that the datapath reads.
 */
#ifndef SLASH64_POLICY_POLICY_H
#define SLASH64_POLICY_POLICY_H

#include <slash64/maps.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "names.h"

enum policy_profile {
	PROFILE_EDGE,	     /* a router at the border: RFC 4890 4.3 and 4.4 */
	PROFILE_HOST,	     /* a host: it forwards nothing */
	PROFILE_BRIDGE,	     /* a transparent filter: link scope passes too (RFC 4890 4.3.3) */
	PROFILE_MONITOR_ALL, /* edge, but only counted */
};

enum policy_bogons {
	BOGONS_OFF,
	BOGONS_MONITOR,
	BOGONS_ENFORCE,
};

enum policy_filter {
	FILTER_ENFORCE,
	FILTER_MONITOR,
};

/* Packets per second and packets; a rate of 0 means no limit at that level. */
struct policy_limit {
	uint32_t rate, burst;			  /* of a source */
	uint32_t aggregate_rate, aggregate_burst; /* of a /48 */
};

/* One row of the policy: a class, or a feature, which come after the classes (names.h). */
struct policy_row {
	uint8_t action[S64_DIRECTION_COUNT]; /* enum s64_action */
	struct policy_limit limit;
	bool action_changed, limit_changed; /* changed by the operator */
	bool transit_given;		    /* and separately for that direction */
	/* the line of the configuration; 0 if not changed */
	unsigned int action_line, limit_line;
};

struct policy {
	enum policy_profile profile;
	enum policy_bogons bogons;
	enum policy_filter filter;
	bool filter_given;	   /* by the key `filter`, not by a profile */
	unsigned int profile_line; /* the line of the key `profile`; 0 if not given */
	struct policy_row row[NAMES_COUNT];
};

extern const char *const policy_profile_names[];
extern const char *const policy_bogons_names[];
extern const char *const policy_filter_names[];

const char *policy_row_name(int row);
const struct class_info *policy_row_info(int row);
/* -ENOENT if there is no such name. */
int policy_row_find(const char *name);

void policy_init(struct policy *policy, enum policy_profile profile);

/* Replaces the profile below the operator's changes, which stay. */
void policy_change_profile(struct policy *policy, enum policy_profile profile);
/* Makes the changes so far the base of later changes. */
void policy_keep_changes(struct policy *policy);

/* Call after everything has been parsed. A class with a limit but no action is limited wherever it
 * would pass; a class whose action never uses its limit is a contradiction, and an error.
 */
int policy_finish(struct policy *policy, const char *file, struct error *error);

/* Compiles the policy into the maps. `tick_ns` is the length of a jiffy; `slot` keys the limits
 * that differ from `base`, the policy of all interfaces (NULL: none differ).
 */
void policy_compile(const struct policy *policy, const struct policy *base, uint32_t slot,
		    uint64_t tick_ns, struct s64_iface_policy *iface,
		    struct s64_limit limits[S64_LIMIT_MAX]);

/* One limit. -ERANGE if burst / rate exceeds S64_TOLERANCE_SECONDS. */
int policy_compile_limit(const struct policy_limit *limit, uint32_t key, uint64_t tick_ns,
			 struct s64_limit *out);

#endif
