/* SPDX-License-Identifier: GPL-2.0-only */
/* What a rate, the name of an origin, and a reason may be, wherever they are written: in the
 * configuration, a feed, a request of the API, or a command. A span of time is limited by
 * base/text/duration.h, burst / rate by headers/slash64/gcra.h.
 */
#ifndef SLASH64_NET_LIMITS_H
#define SLASH64_NET_LIMITS_H

#include <stdbool.h>

#define RATE_MAX     100000000U /* packets per second */
#define BURST_FACTOR 2 /* default burst of a throttle in packets, for each packet per second */
#define BURST_MAX    (RATE_MAX * BURST_FACTOR) /* of a throttle */

#define ORIGIN_TEXT_MAX 64  /* of an origin, including the final 0 */
#define REASON_TEXT_MAX 256 /* of a reason or a ticket, including the final 0 */

/* Letters, digits, and - _ . within the name; no longer than ORIGIN_TEXT_MAX. */
bool origin_is_valid(const char *origin);

/* Of what a rule of detection has done: "detect:" and its name. Nobody else may use it. */
#define ORIGIN_OF_RULES "detect:"
bool origin_is_of_rule(const char *origin);

/* Of what came by BGP, which must not go back to it: rtbh, flowspec, or one of these and "-NAME". The
 * adapters of BGP have no other, and `announce` takes none of them.
 */
#define ORIGINS_OF_BGP "rtbh, flowspec, or begin with rtbh- or flowspec-"
bool origin_is_of_bgp(const char *origin);

#endif
