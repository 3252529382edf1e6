/* SPDX-License-Identifier: GPL-2.0-only */
/* What is known of an offender, for a report: one object, from which the notice, XARF and CEF are
 * made. It is also what `report --json` prints.
 *
 *   prefix, check_chars, spoken    the source; the last two null if it has no spoken form
 *   since, until                   the span of the report
 *   first_seen, last_seen          within it; null if unknown
 *   packets_per_second, bytes_per_second, peak_packets_per_second, class, reason, sources_seen
 *                                  of the last hour, null if it was not seen in it
 *   hits, last_hit                 of its blocks
 *   blocked                        is it blocked or throttled, by itself or with what is around it?
 *   one_source                     is the prefix one source?
 *   rule                           the rule that acted, or null
 *   address, source_port, protocol, destination, destination_port
 *                                  of most of the packets that were seen now; null if unknown
 *   blocks, changes, proposals, destinations, packets
 *                                  lists, as slash64d answers them
 *   holder                         {"network", "registry", "country", "id", "status", "date"}, or null
 *   evidence                       {"file", "bytes", "sha256"}, or null
 */
#ifndef SLASH64_CLI_LIB_REPORT_FACTS_H
#define SLASH64_CLI_LIB_REPORT_FACTS_H

#include <jansson.h>

#include "cli/command.h"
#include "config/config.h"
#include "kept.h"
#include "net/prefix.h"

struct report_span {
	int64_t since_us, until_us;
};

/* Asks slash64d, and the registry files of the configuration. NULL, with *error set, if that
 * fails, or if nothing is known of the prefix. To be freed, as *kept always.
 */
json_t *report_facts(const struct context *context, const struct config *config,
		     const struct prefix *prefix, const struct report_span *span,
		     struct report_kept *kept, struct error *error);

/* --- the parts that ask nobody --- */

/* Fills in what follows from the lists: first_seen, last_seen, hits, rule, protocol and so on. */
void report_facts_sum_up(json_t *facts);

/* Is a row of the log something that was done about the source? */
bool report_is_action(const json_t *change);

/* "tcp", "udp", "icmp" or "sctp"; NULL if the facts do not tell. */
const char *report_protocol(const json_t *facts);

#endif
