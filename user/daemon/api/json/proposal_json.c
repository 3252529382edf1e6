// SPDX-License-Identifier: GPL-2.0-only
#include "proposal_json.h"

#include <math.h>

#include "daemon/api/http/reply.h"

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

static json_t *spared_to_json(const struct proposal *proposal)
{
	json_t *array = json_array();
	char text[PREFIX_TEXT_MAX];

	for (uint32_t i = 0; i < proposal->spared_known; i++)
		json_array_append_new(array,
				      json_string(prefix_format(&proposal->example[i], text)));
	return array;
}

json_t *proposal_to_json(const struct proposal *proposal, const char *refused)
{
	bool throttles = detect_rule_throttles(&proposal->rule);
	char prefix[PREFIX_TEXT_MAX];

	return json_pack(
		"{s:I, s:s, s:s, s:o, s:s, s:s, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:f, s:I, s:o, s:b, s:o}",
		"id", (json_int_t)proposal->id, "rule", proposal->rule.name, "prefix",
		prefix_format(&proposal->prefix, prefix), "check_chars",
		check_to_json(&proposal->prefix), "state", proposal_state_names[proposal->state],
		"action", throttles ? "throttle" : "block", "for_seconds",
		(double)proposal_for_ms(proposal) / MS_PER_SECOND, "rate",
		throttles ? json_integer(proposal->rule.rate) : json_null(), "since",
		time_to_json(proposal->since_ms), "ended", time_to_json(proposal->ended_ms),
		"until", time_to_json(proposal->until_ms), "measured",
		values_to_json(&proposal->rule, &proposal->measured), "peak",
		values_to_json(&proposal->rule, &proposal->peak), "threshold",
		values_to_json(&proposal->rule, &proposal->rule.over), "evidence", "none",
		"collateral_share", round(proposal->collateral_share * SHARE_PARTS) / SHARE_PARTS,
		"spared", (json_int_t)proposal->spared, "spared_sources", spared_to_json(proposal),
		"by_rule", proposal->is_by_rule, "refused", text_or_null(refused));
}
