/* SPDX-License-Identifier: GPL-2.0-only */
/* Parses configurations from text and collects warnings about them, for the tests in this folder.
 */
#ifndef SELFTESTS_UNIT_CONFIG_CONFIG_TEST_H
#define SELFTESTS_UNIT_CONFIG_CONFIG_TEST_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"

static struct config config;
static struct error error;

static int load(const char *text)
{
	error.text[0] = '\0';
	return config_load_text(&config, "test.yaml", text, strlen(text), &error);
}

/* Accepted; the caller frees `config`. */
static __attribute__((unused)) void take(const char *text)
{
	if (load(text))
		fail_msg("refused: %s", error.text);
}

/* Refused with this text, which includes the line number. */
static __attribute__((unused)) void refuse(const char *text, const char *said)
{
	if (!load(text)) {
		config_free(&config);
		fail_msg("taken: %s", text);
	}
	if (!strstr(error.text, said))
		fail_msg("said '%s', not '%s'", error.text, said);
	assert_null(strchr(error.text, '\n'));
}

/* Warnings, one per line: "LINE: TEXT". */
static __attribute__((unused)) char warned[4096];

static __attribute__((unused)) void note(unsigned int line, const char *text, void *data)
{
	size_t n = strlen(warned);

	(void)data;
	snprintf(warned + n, sizeof(warned) - n, "%u: %s\n", line, text);
}

#endif
