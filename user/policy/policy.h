/* SPDX-License-Identifier: GPL-2.0-only */
/* The policy: what is done with each class and feature. A profile, and what the operator changed on top of
 * it, become the tables that the fast path reads.
 */
#ifndef SLASH64_USER_POLICY_H
#define SLASH64_USER_POLICY_H

#include <slash64/maps.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "names.h"

enum policy_profile {
	PROFILE_EDGE,	     /* a router at the border: RFC 4890 4.3 and 4.4 */
	PROFILE_HOST,	     /* a host: nothing is routed through it */
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

/* Packets per second and packets; a rate of 0 is no limit at that level. */
struct policy_limit {
	uint32_t rate, burst;		  /* of a site */
	uint32_t wider_rate, wider_burst; /* of a /48 */
};

/* One line of the policy: a class, or a feature behind the classes (names.h). */
struct policy_row {
	uint8_t action[S64_DIRECTION_COUNT]; /* enum s64_action */
	struct policy_limit limit;
	bool action_changed, limit_changed;   /* by the operator */
	bool transit_given;		      /* and for that direction by itself */
	unsigned int action_line, limit_line; /* where, in the configuration; 0 where not changed */
};

struct policy {
	enum policy_profile profile;
	enum policy_bogons bogons;
	enum policy_filter filter;
	bool filter_given;	   /* by the key `filter`, not by a profile */
	unsigned int profile_line; /* of the key `profile`; 0 where it was not given */
	struct policy_row row[NAMES_COUNT];
};

#define POLICY_RATE_MAX 100000000U /* packets per second */

extern const char *const policy_profile_names[];
extern const char *const policy_bogons_names[];
extern const char *const policy_filter_names[];

const char *policy_row_name(int row);
const struct class_info *policy_row_info(int row);
/* -ENOENT where nothing has that name. */
int policy_row_find(const char *name);

void policy_init(struct policy *policy, enum policy_profile profile);

/* Another profile below what the operator changed, which stays. */
void policy_change_profile(struct policy *policy, enum policy_profile profile);
/* Take what was changed until now as the ground that later changes stand on. */
void policy_keep_changes(struct policy *policy);

/* When all of it has been parsed: a class that was given a limit, and no action, is limited where it would
 * pass; one that was given an action under which its limit never counts contradicts itself.
 */
int policy_settle(struct policy *policy, const char *file, struct error *error);

/* Into what the fast path reads. `tick_ns` is the length of a jiffy; `slot` keys the limits that differ
 * from `base`, the policy of all interfaces (NULL: none do).
 */
void policy_compile(const struct policy *policy, const struct policy *base, uint32_t slot,
		    uint64_t tick_ns, struct s64_iface_policy *iface,
		    struct s64_limit limits[S64_LIMIT_MAX]);

/* One limit. -ERANGE where burst / rate is beyond S64_WINDOW_SECONDS. */
int policy_compile_limit(const struct policy_limit *limit, uint32_t key, uint64_t tick_ns,
			 struct s64_limit *out);

#endif
