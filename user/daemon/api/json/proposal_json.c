// SPDX-License-Identifier: GPL-2.0-only
#include "proposal_json.h"

#include "detect/telling.h"

json_t *proposal_to_json(const struct proposal *proposal, const char *refused)
{
	return detect_tell(&(struct detect_telling){
		.id = proposal->id,
		.rule = &proposal->rule,
		.prefix = &proposal->prefix,
		.state = proposal_state_names[proposal->state],
		.evidence = proposal->is_proven ? "proven" : "none",
		.proven_ms = proposal->is_proven ? proposal->proven_ms : 0,
		.for_ms = proposal_for_ms(proposal),
		.since_ms = proposal->since_ms,
		.ended_ms = proposal->ended_ms,
		.until_ms = proposal->until_ms,
		.measured = &proposal->measured,
		.peak = &proposal->peak,
		.collateral_share = proposal->collateral_share,
		.spared = proposal->spared,
		.spared_known = proposal->spared_known,
		.spared_source = proposal->example,
		.by_rule = proposal->is_by_rule,
		.refused = refused,
	});
}
