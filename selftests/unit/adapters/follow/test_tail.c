// SPDX-License-Identifier: GPL-2.0-only
/* Files that grow, are renamed, truncated and replaced, while somebody follows and while nobody does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/follow/tail.h"

static char directory[64], file[96], cursor[96], told[4096];
static struct tail *tail;
static struct error error;

static void on_begin(void *data)
{
	strcat(told, "^");
}

static void on_line(const char *line, size_t bytes, void *data)
{
	size_t n = strlen(told);

	if (bytes > 64)
		bytes = 64;
	snprintf(told + n, sizeof(told) - n, "%.*s,", (int)bytes, line);
}

static void open_tail(void)
{
	static const struct tail_callbacks callbacks = {on_begin, on_line, NULL};

	assert_int_equal(tail_open(&tail, file, cursor, &callbacks, &error), 0);
}

static int make(void **state)
{
	strcpy(directory, "/tmp/slash64-tail-XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	snprintf(file, sizeof(file), "%s/log", directory);
	snprintf(cursor, sizeof(cursor), "%s/cursor", directory);
	told[0] = '\0';
	open_tail();
	return 0;
}

static int drop(void **state)
{
	char command[96];

	tail_close(tail);
	tail = NULL;
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	return system(command);
}

static void append(const char *text)
{
	FILE *out = fopen(file, "a");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void renames_to(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	assert_int_equal(rename(file, path), 0);
}

static void gives(const char *wanted)
{
	int more;

	told[0] = '\0';
	while ((more = tail_read(tail, 100, &error)) == 1)
		;
	if (more < 0)
		fail_msg("%s", error.text);
	assert_string_equal(told, wanted);
}

static void keeps(void)
{
	assert_int_equal(tail_keep(tail, &error), 0);
}

/* As if it was killed, and started again. */
static void starts_again(void)
{
	tail_close(tail);
	open_tail();
}

static void the_first_time_only_new_lines_count(void **state)
{
	gives("");
	append("old\n");
	gives("^");
	append("a\nb");
	gives("a,");
	append("c\n");
	gives("bc,");
}

static void it_goes_on_where_it_was_kept(void **state)
{
	append("x\n");
	gives("^");
	append("a\nb\n");
	gives("a,b,");
	starts_again();
	gives("^"); /* nothing was kept */
	append("c\nd");
	gives("c,");
	keeps();
	append("e\n");
	starts_again();
	gives("^de,");
}

static void a_renamed_file_is_read_to_its_end_and_the_next_from_its_start(void **state)
{
	append("x\n");
	gives("^");
	append("a\n");
	renames_to("log.1");
	gives("a,");
	append("b\n");
	gives("^b,");
	keeps();
	append("c\n");
	renames_to("log.2");
	append("d\n");
	starts_again();
	gives("^c,^d,");
}

static void a_file_truncated_in_place_is_read_from_its_start(void **state)
{
	append("xxxx\n");
	gives("^");
	append("aaaa\n");
	gives("aaaa,");
	assert_int_equal(truncate(file, 0), 0);
	append("b\n");
	gives("^b,");
	/* and if it is longer again before we look */
	append("cc\n");
	gives("cc,");
	assert_int_equal(truncate(file, 0), 0);
	append("dddddddddddddddddddd\n");
	gives("^dddddddddddddddddddd,");
	keeps();
	assert_int_equal(truncate(file, 0), 0);
	append("e\n");
	starts_again();
	gives("^e,");
	assert_int_equal(tail_lost(tail), 1);
}

static void a_file_truncated_and_then_renamed_while_nobody_followed_is_read(void **state)
{
	append("xxxx\n");
	gives("^");
	append("aaaa\n");
	gives("aaaa,");
	keeps();
	tail_close(tail);
	assert_int_equal(truncate(file, 0), 0);
	append("b\n");
	renames_to("log.1");
	append("c\n");
	open_tail();
	gives("^b,^c,");
}

static void a_file_that_is_gone_is_told_as_lost(void **state)
{
	append("x\n");
	gives("^");
	append("a\n");
	gives("a,");
	keeps();
	tail_close(tail);
	unlink(file);
	append("bb\n");
	append("cc\n");
	open_tail();
	gives("^bb,cc,");
	assert_int_equal(tail_lost(tail), 1);
}

static void a_line_that_is_too_long_is_left_out_and_the_next_is_not(void **state)
{
	char *longer = malloc(TAIL_LINE_MAX + 2);

	append("x\n");
	gives("^");
	memset(longer, 'l', TAIL_LINE_MAX + 1);
	longer[TAIL_LINE_MAX + 1] = '\0';
	append(longer);
	gives("");
	append("m\nshort\n");
	gives("short,");
	assert_int_equal(tail_skipped(tail), 1);
	free(longer);
}

static void the_header_is_read_again(void **state)
{
	append("#fields\n1\n");
	gives("^#fields,");
	append("2\n");
	gives("2,");
	keeps();
	append("3\n");
	starts_again();
	gives("^#fields,3,");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)
	const struct CMUnitTest tests[] = {
		TEST(the_first_time_only_new_lines_count),
		TEST(it_goes_on_where_it_was_kept),
		TEST(a_renamed_file_is_read_to_its_end_and_the_next_from_its_start),
		TEST(a_file_truncated_in_place_is_read_from_its_start),
		TEST(a_file_truncated_and_then_renamed_while_nobody_followed_is_read),
		TEST(a_file_that_is_gone_is_told_as_lost),
		TEST(a_line_that_is_too_long_is_left_out_and_the_next_is_not),
		TEST(the_header_is_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
