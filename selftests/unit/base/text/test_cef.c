// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/base/text/cef.c */
/* The Common Event Format: what is escaped where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text/cef.h"

static void each_part_has_its_escapes(void **state)
{
	char *line = NULL;
	size_t bytes;
	FILE *out = open_memstream(&line, &bytes);

	cef_begin(out, "1|2\\3", "a=b", "name", 5);
	cef_value(out, "reason", "a=b|c\\d\ne\rf");
	cef_value(out, "absent", NULL);
	cef_number(out, "cnt", -7);
	cef_labelled(out, "cs1", "A label", "v");
	cef_labelled(out, "cs2", "A label", NULL);
	fclose(out);
	assert_string_equal(line, "CEF:0|slash64|slash64|1\\|2\\\\3|a=b|name|5| "
				  "reason=a\\=b|c\\\\d\\ne\\nf cnt=-7 cs1=v cs1Label=A label");
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_part_has_its_escapes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
