/* SPDX-License-Identifier: GPL-2.0-only */
/* Texts with places to fill in, as people write them:
 *
 *   {{name}}                  the value. A line with names is left out if all of them are empty. A
 *                             value of several lines continues at the column where it began.
 *   {{#name}} to {{/name}}    lines of their own: what is between is left out if the value is empty
 */
#ifndef SLASH64_CLI_LIB_REPORT_TEMPLATE_H
#define SLASH64_CLI_LIB_REPORT_TEMPLATE_H

#include <stddef.h>

#include "base/error.h"

/* The value of a name, "" if it is empty, NULL if there is no such name. */
typedef const char *(*template_value_t)(const char *name, size_t bytes, void *data);

/* Fills in a text; `file` is for messages. To be freed. -EINVAL, with the line in *error, if the
 * text is no template.
 */
int template_fill(const char *file, const char *text, template_value_t value, void *data,
		  char **out, struct error *error);

#endif
