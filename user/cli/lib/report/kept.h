/* SPDX-License-Identifier: GPL-2.0-only */
/* The packets that slash64d kept of a proposal, for a report: they were captured when the attack
 * began, so they are there also when it is over.
 */
#ifndef SLASH64_CLI_LIB_REPORT_KEPT_H
#define SLASH64_CLI_LIB_REPORT_KEPT_H

#include <jansson.h>

#include "cli/command.h"

struct report_kept {
	int64_t id;  /* of the proposal; 0: none were kept, or whoever asks may not have them */
	char *bytes; /* pcapng */
	size_t count;
};

/* Of the newest of `proposals` that has some. If `packets` is empty, it gets the first `most` of
 * them, as the events of slash64d have them, as far as a frame tells.
 */
void report_kept_ask(const struct context *context, const json_t *proposals, json_t *packets,
		     size_t most, struct report_kept *kept);
void report_kept_free(struct report_kept *kept);

/* Adds what the frame of a packet tells: destination, protocol, ports. Frames come from strangers. */
void report_kept_parse(json_t *packet, const char *hex);

#endif
