/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of status. */
#ifndef SLASH64_CLI_LIB_OUTPUT_STATUS_OUTPUT_H
#define SLASH64_CLI_LIB_OUTPUT_STATUS_OUTPUT_H

#include <jansson.h>

#include "cli/command.h"

/* With --quiet, if slash64d cannot be asked. */
#define STATUS_EXIT_UNKNOWN 3

/* slash64d does not run: reads what it has left in the kernel. Returns an exit code. `why`: it
 * cannot be reached.
 */
int status_of_kernel(const struct context *context, const char *pins, const struct error *why);

/* {"running":false,"filtering":true,"text":"…","pins":"…","interfaces":[…],"sources":3}; filtering is
 * null if it cannot be determined.
 */
json_t *status_kernel_look(const char *pins);

#endif
