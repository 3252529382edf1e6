/* SPDX-License-Identifier: GPL-2.0-only */
/* XARF 4.2 (xarf.org): a report of abuse for programs. */
#ifndef SLASH64_CLI_LIB_REPORT_XARF_H
#define SLASH64_CLI_LIB_REPORT_XARF_H

#include <jansson.h>

#include "config/config.h"

struct xarf_evidence {
	const char *file; /* that was given; NULL: none */
	bool is_kept;	  /* without one: packets that slash64d kept of a proposal, as pcapng */
	const void *bytes;
	size_t count;
};

/* A report of the facts (facts.h). NULL, with *error set: it needs a sender, a protocol, and a time.
 * To be freed.
 */
json_t *xarf_report(const json_t *facts, const struct config_report *sender,
		    const struct xarf_evidence *evidence, struct error *error);

#endif
