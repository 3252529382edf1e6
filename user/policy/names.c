// SPDX-License-Identifier: GPL-2.0-only
#include "names.h"

#include <errno.h>
#include <string.h>

enum {
#define X(id, ...) LIMIT_##id,
	S64_DEFAULT_LIMITS(X)
#undef X
};

static const struct default_limit limits[] = {
#define X(id, rate, burst, aggregate_rate, aggregate_burst) \
	{rate, burst, aggregate_rate, aggregate_burst},
	S64_DEFAULT_LIMITS(X)
#undef X
};

static const struct class_info classes[S64_CLASS_COUNT] = {
#define X(id, name, transit, local, limit, source, description) \
	{name, source, description, {S64_ACTION_##transit, S64_ACTION_##local}, LIMIT_##limit},
	S64_CLASSES(X)
#undef X
};

static const struct class_info features[S64_FEATURE_COUNT] = {
#define X(id, name, transit, local, limit, source, description) \
	{name, source, description, {S64_ACTION_##transit, S64_ACTION_##local}, LIMIT_##limit},
	S64_FEATURES(X)
#undef X
};

static const struct reason {
	const char *name;
	const char *source;
	const char *description;
	__u8 verdict;
} reasons[] = {
#define X(id, name, verdict, source, description) \
	[S64_REASON_##id] = {name, source, description, S64_##verdict},
	S64_REASONS(X) S64_PARSE_REASONS(X)
#undef X
#define X(id, name, transit, local, limit, source, description) \
	[S64_REASON_FEATURE + S64_FEATURE_##id] = {name, source, description, S64_DROP},
		S64_FEATURES(X)
#undef X
};

const struct class_info *class_info(int class)
{
	return class >= 0 && class < S64_CLASS_COUNT ? &classes[class] : NULL;
}

const struct class_info *feature_info(int feature)
{
	return feature >= 0 && feature < S64_FEATURE_COUNT ? &features[feature] : NULL;
}

const struct default_limit *default_limit(int limit)
{
	return &limits[limit];
}

static const struct reason *reason_at(int reason)
{
	static const struct reason none = {"undefined", "-", "no reason of this version", S64_DROP};

	if (reason < 0 || reason >= S64_REASON_COUNT || !reasons[reason].name)
		return &none;
	return &reasons[reason];
}

const char *reason_name(int reason)
{
	return reason_at(reason)->name;
}

const char *reason_source(int reason)
{
	return reason_at(reason)->source;
}

const char *reason_description(int reason)
{
	return reason_at(reason)->description;
}

bool reason_is_drop(int reason)
{
	return reason_at(reason)->verdict == S64_DROP;
}

const char *verdict_name(enum s64_verdict verdict)
{
	static const char *const names[] = {"pass", "drop", "would_drop"};

	return verdict < S64_VERDICT_COUNT ? names[verdict] : "undefined";
}

const char *action_name(enum s64_action action)
{
	static const char *const names[] = {"pass", "drop", "limit", "drop"};

	return action < S64_ACTION_COUNT ? names[action] : "undefined";
}

int class_find(const char *name)
{
	for (int i = 0; i < S64_CLASS_COUNT; i++)
		if (!strcmp(classes[i].name, name))
			return i;
	return -ENOENT;
}

int feature_find(const char *name)
{
	for (int i = 0; i < S64_FEATURE_COUNT; i++)
		if (!strcmp(features[i].name, name))
			return i;
	return -ENOENT;
}
