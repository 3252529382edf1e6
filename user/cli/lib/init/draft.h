/* SPDX-License-Identifier: GPL-2.0-only */
/* The text of a first configuration: the example (docs/examples/slash64.yaml) with what was found filled
 * in; keys for which nothing was found stay comments.
 */
#ifndef SLASH64_CLI_LIB_INIT_DRAFT_H
#define SLASH64_CLI_LIB_INIT_DRAFT_H

#include "found.h"

/* The example as the package installs it: a file with this text is nobody's work. */
extern const char draft_example[] __attribute__((visibility("hidden")));

/* With the interfaces that are outside according to `found`, and `date` in its head. To be freed; NULL
 * if out of memory.
 */
char *draft_text(const struct found *found, const char *date);

#endif
