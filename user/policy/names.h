/* SPDX-License-Identifier: GPL-2.0-only */
/* The names of the entries of the shared lists, with their properties. */
#ifndef SLASH64_POLICY_NAMES_H
#define SLASH64_POLICY_NAMES_H

#include <slash64/classes.h>
#include <slash64/reasons.h>

struct class_info {
	const char *name;
	const char *source; /* RFC and section */
	const char *description;
	__u8 action[S64_DIRECTION_COUNT]; /* of the profile "edge" */
	__u8 limit;			  /* enum default_limit */
};

/* Classes first, then features: everything a policy can name. */
#define NAMES_COUNT ((int)S64_CLASS_COUNT + (int)S64_FEATURE_COUNT)

const struct class_info *class_info(int class);	    /* enum s64_class */
const struct class_info *feature_info(int feature); /* enum s64_feature */

struct default_limit {
	__u32 rate, burst, aggregate_rate, aggregate_burst; /* packets per second, packets */
};

const struct default_limit *default_limit(int limit);

const char *reason_name(int reason);
const char *reason_source(int reason);
const char *reason_description(int reason);
bool reason_is_drop(int reason);

const char *verdict_name(enum s64_verdict verdict);
const char *action_name(enum s64_action action);

/* -ENOENT if there is no such name. */
int class_find(const char *name);
int feature_find(const char *name);

#endif
