/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the steps about proposals. */
#ifndef SLASH64_MODEL_STEPS_PROPOSALS_H
#define SLASH64_MODEL_STEPS_PROPOSALS_H

#include "daemon/detect/proposals.h"
#include "../model.h"

#define PROPOSAL_ORIGIN	  "detect:probe"
#define PROPOSAL_HOUR_MS  3600000
#define PROPOSAL_IDS	  1000000 /* more than detection takes in a history */
#define PROPOSALS_OF_STEP 100

/* As if detection had found it. NULL: there is no room. */
struct proposal *proposal_make(const struct prefix *prefix, uint32_t rate);
/* NULL also if the prefix drawn is no source. */
struct proposal *proposal_draw(struct chance *chance);

/* If it is applied for that long, or up to `slack_ms` longer: what guard rails say of it, and what is listed then in
 * model->next.
 */
enum refusal proposal_expect(const struct proposal *proposal, const char *reason, int64_t for_ms,
			     int64_t slack_ms);
/* Is what was decided in the store, if nothing failed? */
void proposal_check_decided(uint64_t id, bool taken, bool applied);

#endif
