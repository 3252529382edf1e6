/* SPDX-License-Identifier: GPL-2.0-only */
/* Parses Prometheus text, a line at a time. */
#ifndef SLASH64_CLI_LIB_OUTPUT_PROMETHEUS_H
#define SLASH64_CLI_LIB_OUTPUT_PROMETHEUS_H

#include <jansson.h>

/* NAME{LABEL="VALUE",...} NUMBER to {"name":...,"labels":{...},"value":...}, where value is null
 * for NaN and the infinities, which JSON lacks. A comment or an empty line is 0 with *sample NULL;
 * anything else is -EINVAL.
 */
int exposition_parse(const char *line, json_t **sample);

#endif
