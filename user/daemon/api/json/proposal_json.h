/* SPDX-License-Identifier: GPL-2.0-only */
/* A proposal, as the API tells it. */
#ifndef SLASH64_DAEMON_API_JSON_PROPOSAL_JSON_H
#define SLASH64_DAEMON_API_JSON_PROPOSAL_JSON_H

#include <jansson.h>

#include "daemon/detect/proposals.h"

/* `refused`: what guard rails, or its rule, say against it; NULL: nothing. */
json_t *proposal_to_json(const struct proposal *proposal, const char *refused);

#endif
