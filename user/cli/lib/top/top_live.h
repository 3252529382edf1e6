/* SPDX-License-Identifier: GPL-2.0-only */
/* `top` on a terminal, until q or Ctrl-C. */
#ifndef SLASH64_CLI_LIB_TOP_TOP_LIVE_H
#define SLASH64_CLI_LIB_TOP_TOP_LIVE_H

#include "cli/command.h"
#include "cli/lib/filter_options.h"

/* Is there somebody at a terminal that can do it? */
bool top_live_is_possible(void);

/* `seconds`: how far back a row counts as seen; `by`: NULL, or a group. An exit code; -1: this
 * terminal cannot do it.
 */
int top_live(const struct context *context, const char *seconds, const char *by,
	     const struct filter_options *filter);

#endif
