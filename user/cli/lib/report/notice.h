/* SPDX-License-Identifier: GPL-2.0-only */
/* The notice to a customer or an abuse desk: a text from a template, in a language. */
#ifndef SLASH64_CLI_LIB_REPORT_NOTICE_H
#define SLASH64_CLI_LIB_REPORT_NOTICE_H

#include <jansson.h>

#include "config/config.h"

/* "en", "ja"; ends with NULL. */
extern const char *const notice_languages[];

/* The facts (facts.h) as a text. The template is LANGUAGE.txt in the directory of the
 * configuration, or the one that is built in. To be freed; NULL, with *error set.
 */
char *notice_report(const json_t *facts, const struct config_report *sender, int language,
		    struct error *error);

#endif
