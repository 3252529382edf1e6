/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLASH64_CLI_LIB_CAPTURE_PROPOSAL_PACKETS_H
#define SLASH64_CLI_LIB_CAPTURE_PROPOSAL_PACKETS_H

#include <jansson.h>

#include "base/error.h"
#include "cli/command.h"

/* The packets that slash64d kept of a proposal: as pcapng with the reason of each, and as it told
 * them (the array `packets` of the API). Both to be freed. -errno, with *error set, also if there are
 * none or whoever asks may not have them.
 */
int proposal_packets_read(const struct context *context, int64_t id, char **bytes, size_t *count,
			  json_t **packets, struct error *error);

/* proposals ID --write FILE. Returns the exit code. */
int proposal_packets_write(const struct context *context, int64_t id, const char *path);

#endif
