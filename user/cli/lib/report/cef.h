/* SPDX-License-Identifier: GPL-2.0-only */
/* ArcSight's Common Event Format: one line. */
#ifndef SLASH64_CLI_LIB_REPORT_CEF_H
#define SLASH64_CLI_LIB_REPORT_CEF_H

#include <jansson.h>

/* A line of the facts (facts.h), without its end. To be freed; NULL if out of memory. */
char *cef_report(const json_t *facts);

#endif
