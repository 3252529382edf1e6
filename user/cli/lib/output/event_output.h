/* SPDX-License-Identifier: GPL-2.0-only */
/* An event of `watch` as a line for people. */
#ifndef SLASH64_CLI_LIB_OUTPUT_EVENT_OUTPUT_H
#define SLASH64_CLI_LIB_OUTPUT_EVENT_OUTPUT_H

#include <jansson.h>

#define EVENT_TEXT_MAX 1024

/* The line with its end. If it is wider than `width` columns (0: no limit), it continues indented
 * on the next one. Returns buf.
 */
const char *event_line(const json_t *event, int width, char buf[EVENT_TEXT_MAX]);

#endif
