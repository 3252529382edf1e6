// SPDX-License-Identifier: GPL-2.0-only
#include "telling.h"

#include <math.h>

#include "base/text/when.h"
#include "net/spoken.h"

#define MS_PER_SECOND 1000
#define SHARE_PARTS   10000.0 /* a share has four digits */

static double rounded(enum detect_measure measure, double value)
{
	return detect_measure_is_share(measure) ? round(value * SHARE_PARTS) / SHARE_PARTS :
						  round(value);
}

/* Those that the rule asks for. */
static json_t *values_to_json(const struct detect_rule *rule, const struct detect_values *values)
{
	json_t *object = json_object();

	for (int i = 0; i < DETECT_MEASURE_COUNT; i++)
		if (rule->over.of[i] > 0)
			json_object_set_new(object, detect_measure_name(i),
					    json_real(rounded(i, values->of[i])));
	return object;
}

static json_t *spared_to_json(const struct detect_telling *telling)
{
	json_t *array = json_array();
	char text[PREFIX_TEXT_MAX];

	for (uint32_t i = 0; i < telling->spared_known; i++)
		json_array_append_new(array,
				      json_string(prefix_format(&telling->spared_source[i], text)));
	return array;
}

static json_t *when_to_json(int64_t ms)
{
	char text[WHEN_TEXT_MAX];
	int64_t us = ms > WHEN_MAX / WHEN_MS ? WHEN_MAX : ms < 0 ? 0 : ms * WHEN_MS;

	return ms ? json_string(when_format_exact(us, 0, text)) : json_null();
}

static json_t *check_chars(const struct prefix *prefix)
{
	char check[SPOKEN_CHECK + 1];

	return prefix_is_v4(prefix) || spoken_check(prefix, check) ? json_null() :
								     json_string(check);
}

json_t *detect_tell(const struct detect_telling *telling)
{
	const struct detect_rule *rule = telling->rule;
	bool throttles = detect_rule_throttles(rule);
	char prefix[PREFIX_TEXT_MAX];

	return json_pack(
		"{s:I, s:s, s:s, s:o, s:s, s:s, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:f, s:I, s:o, s:b, s:s?}",
		"id", (json_int_t)telling->id, "rule", rule->name, "prefix",
		prefix_format(telling->prefix, prefix), "check_chars", check_chars(telling->prefix),
		"state", telling->state, "action", throttles ? "throttle" : "block", "for_seconds",
		(double)telling->for_ms / MS_PER_SECOND, "rate",
		throttles ? json_integer(rule->rate) : json_null(), "since",
		when_to_json(telling->since_ms), "ended", when_to_json(telling->ended_ms), "until",
		when_to_json(telling->until_ms), "measured",
		values_to_json(rule, telling->measured), "peak",
		values_to_json(rule, telling->peak), "threshold", values_to_json(rule, &rule->over),
		"evidence", telling->evidence, "proven_since", when_to_json(telling->proven_ms),
		"collateral_share", round(telling->collateral_share * SHARE_PARTS) / SHARE_PARTS,
		"spared", (json_int_t)telling->spared, "spared_sources", spared_to_json(telling),
		"by_rule", telling->by_rule, "refused", telling->refused);
}
