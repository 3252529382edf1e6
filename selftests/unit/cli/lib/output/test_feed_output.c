// SPDX-License-Identifier: GPL-2.0-only
/* What status and reload say of a feed's lines that were not imported. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "../../cli_test.h"
#include "cli/lib/output/feed_output.h"

static char *said_of(const char *json)
{
	json_t *feed = json_loads(json, 0, NULL);
	size_t bytes;
	char *text;
	FILE *out = open_memstream(&text, &bytes);

	assert_non_null(feed);
	assert_non_null(out);
	feed_print_problems(out, "slash64: ", feed);
	fclose(out);
	json_decref(feed);
	return text;
}

static void the_first_lines_are_told_with_number_and_reason_and_the_others_counted(void **state)
{
	char *text = said_of("{\"origin\":\"drop\",\"file\":\"/feeds/f\",\"problems\":1203,"
			     "\"problem_lines\":[{\"line\":17,\"error\":\"'x' is not a prefix\"},"
			     "{\"line\":18,\"error\":\"'y' is not a prefix\"}]}");

	assert_string_equal(text, "slash64: feed drop (/feeds/f): 1,203 lines were not imported\n"
				  "slash64: /feeds/f:17: 'x' is not a prefix\n"
				  "slash64: /feeds/f:18: 'y' is not a prefix\n"
				  "slash64: /feeds/f: and 1,201 more\n");
	free(text);
}

static void one_line_is_one(void **state)
{
	char *text = said_of("{\"origin\":\"drop\",\"file\":\"/feeds/f\",\"problems\":1,"
			     "\"problem_lines\":[{\"line\":3,\"error\":\"'x' is not a prefix\"}]}");

	assert_string_equal(text, "slash64: feed drop (/feeds/f): 1 line was not imported\n"
				  "slash64: /feeds/f:3: 'x' is not a prefix\n");
	free(text);
}

/* walk: nobody can force a line of a feed */
static void a_refused_line_of_a_feed_offers_no_force(void **state)
{
	char *text =
		said_of("{\"origin\":\"drop\",\"file\":\"/feeds/f\",\"problems\":1,"
			"\"problem_lines\":[{\"line\":3,\"error\":\"P is not blocked: it covers A "
			"(BGP peer); force overrides this\"}]}");

	assert_string_equal(text,
			    "slash64: feed drop (/feeds/f): 1 line was not imported\n"
			    "slash64: /feeds/f:3: P is not blocked: it covers A (BGP peer)\n");
	free(text);
}

static void a_feed_without_bad_lines_says_nothing(void **state)
{
	char *text = said_of("{\"origin\":\"drop\",\"file\":\"/feeds/f\",\"problems\":0,"
			     "\"problem_lines\":[]}");

	assert_string_equal(text, "");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_first_lines_are_told_with_number_and_reason_and_the_others_counted),
		cmocka_unit_test(one_line_is_one),
		cmocka_unit_test(a_refused_line_of_a_feed_offers_no_force),
		cmocka_unit_test(a_feed_without_bad_lines_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
