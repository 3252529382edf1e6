/* SPDX-License-Identifier: GPL-2.0-only */
/* The guard rails of a configuration, for proposals about a capture: what is allowed, the peers, the
 * own networks, and sources that are no target. A running slash64d knows more: its own addresses,
 * next hops, neighbours, sessions, and who is logged in.
 */
#ifndef SLASH64_REPLAY_RAILS_H
#define SLASH64_REPLAY_RAILS_H

#include "config/config.h"

/* Does one of them refuse a block of this prefix (in the stored form)? `why` is one line. */
bool rails_refuse(const struct config *config, const struct s64_seed *seed,
		  const struct prefix *prefix, struct error *why);

#endif
