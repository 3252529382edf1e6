// SPDX-License-Identifier: GPL-2.0-only
/* Invalid lines of an import go to standard error, its result to standard output. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../../cli_test.h"
#include "cli/lib/output/import_progress.h"

static struct import_report report;
static const struct context context;

static json_t *parse(const char *text)
{
	json_t *object = json_loads(text, 0, NULL);

	assert_non_null(object);
	return object;
}

static const char *piece(const char *text, const char *answer)
{
	json_t *object = parse(answer);

	COMPLAINED(import_report_piece(&report, text, strlen(text), object));
	json_decref(object);
	return printed;
}

static const char *closed(const char *summary)
{
	json_t *object = summary ? parse(summary) : NULL;

	COMPLAINED(import_report_close(&report, object));
	json_decref(object);
	return printed;
}

static void a_bad_line_is_told_with_its_number_and_once(void **state)
{
	import_report_open(&report, "f.txt", 0);
	assert_string_equal(
		piece("a\nb\n",
		      "{\"problems\":[{\"line\":2,\"error\":\"no prefix\"},{\"error\":\"cut off\"}]}"),
		"f.txt:2: no prefix\nf.txt: cut off\n");
	assert_int_equal(report.lines, 2);
	assert_int_equal(report.bytes, 4);
	assert_string_equal(
		closed("{\"problems_count\":2,\"problems\":[{\"line\":2,\"error\":\"no prefix\"}]}"),
		"");
	assert_null(report.printed);
}

static void only_the_first_problems_are_told_and_the_rest_counted(void **state)
{
	char text[64];

	import_report_open(&report, "f.txt", 0);
	for (int i = 0; i < 21; i++) {
		snprintf(text, sizeof(text), "{\"problems\":[{\"line\":%d,\"error\":\"x\"}]}",
			 i + 1);
		assert_string_equal(piece("", text), i < 20 ? printed : "");
	}
	assert_string_equal(closed("{\"problems_count\":1500}"), "f.txt: and 1,480 more\n");
	import_report_open(&report, "f.txt", 0);
	for (int i = 0; i < 21; i++) {
		snprintf(text, sizeof(text), "{\"problems\":[{\"line\":%d,\"error\":\"x\"}]}",
			 i + 1);
		piece("", text);
	}
	/* broken off: the total is unknown */
	assert_string_equal(closed(NULL), "f.txt: and more\n");
}

#define SUMMARY                                                                              \
	"\"origin\":\"feed\",\"format\":\"plain\",\"lines\":10,\"entries\":9,\"removed\":0," \
	"\"changed\":0,\"unchanged\":0"

static int summary(const char *text, struct import_order order)
{
	json_t *object = parse(text);
	int code;

	import_report_open(&report, "f.txt", 0);
	PRINTED(code = import_report_summary(&report, &context, object, &order));
	json_decref(object);
	json_decref(report.printed);
	return code;
}

static void the_summary_says_what_was_done_and_what_not(void **state)
{
	assert_int_equal(summary("{" SUMMARY ",\"added\":5,\"refused\":3,\"problems_count\":4,"
				 "\"refused_by\":{\"guard\":1,\"allowed\":2}}",
				 (struct import_order){}),
			 EXIT_DONE);
	assert_string_equal(
		printed,
		"imported f.txt as feed (plain): 10 lines, 9 entries; 5 added, 0 changed, 0 removed, 0 unchanged\n"
		"4 lines were not imported, 3 of them refused: 1 by guard rails, 2 within an allowed prefix\n");
	assert_int_equal(summary("{" SUMMARY ",\"added\":5,\"problems_count\":1,\"ignored\":2}",
				 (struct import_order){.dry_run = true}),
			 EXIT_DONE);
	assert_string_equal(
		printed,
		"dry run of f.txt as feed (plain): 10 lines, 9 entries; 5 added, 0 changed, 0 removed, 0 unchanged, "
		"2 ignored; nothing is changed\n1 line was not imported\n");
	assert_int_equal(summary("{" SUMMARY ",\"added\":5}",
				 (struct import_order){.restore = true}),
			 EXIT_DONE);
	assert_memory_equal(printed, "restored f.txt: 10 lines", 24);
	/* walk: "1 lines, 1 entries", "1 line was not imported, 1 of them refused" */
	assert_int_equal(
		summary("{\"origin\":\"feed\",\"format\":\"plain\",\"lines\":1,\"entries\":1,"
			"\"refused\":1,\"problems_count\":1,\"refused_by\":{\"guard\":1}}",
			(struct import_order){}),
		EXIT_REFUSED);
	assert_string_equal(
		printed,
		"read f.txt as feed (plain): 1 line, 1 entry; 0 added, 0 changed, 0 removed, 0 unchanged\n"
		"1 line was not imported, refused: 1 by guard rails\n");
}

static void nothing_taken_is_a_failure_but_where_there_may_be_nothing(void **state)
{
	const char *const nothing = "{" SUMMARY ",\"added\":0}";

	assert_int_equal(summary(nothing, (struct import_order){}), EXIT_REFUSED);
	/* walk: "imported", where nothing was, and "no entry could be imported" of an empty file */
	assert_memory_equal(printed, "read f.txt as feed (plain): 10 lines", 36);
	assert_non_null(strstr(said, "f.txt has nothing to block"));
	assert_int_equal(summary("{" SUMMARY ",\"problems_count\":1}", (struct import_order){}),
			 EXIT_REFUSED);
	assert_non_null(strstr(said, "no entry of f.txt could be imported"));
	assert_int_equal(summary("{\"format\":\"auto\",\"lines\":0}", (struct import_order){}),
			 EXIT_REFUSED);
	assert_non_null(strstr(said, "f.txt is empty"));
	/* everything in a backup may be present already */
	assert_int_equal(summary(nothing, (struct import_order){.restore = true}), EXIT_DONE);
	assert_int_equal(summary(nothing, (struct import_order){.replace = true}), EXIT_REFUSED);
	assert_int_equal(summary(nothing, (struct import_order){.replace = true, .force = true}),
			 EXIT_DONE);
	/* a stream of decisions may be empty, or only end blocks */
	assert_int_equal(summary("{\"format\":\"crowdsec\"}", (struct import_order){}), EXIT_DONE);
	assert_int_equal(summary("{\"format\":\"crowdsec\",\"problems_count\":1}",
				 (struct import_order){}),
			 EXIT_REFUSED);
	assert_int_equal(summary("{\"format\":\"crowdsec\",\"problems_count\":1,\"removed\":1}",
				 (struct import_order){}),
			 EXIT_DONE);
}

static void entries_without_room_are_a_failure_whatever_was_taken(void **state)
{
	assert_int_equal(summary("{" SUMMARY
				 ",\"added\":5000,\"refused\":1200,\"refused_by\":{\"room\":1200}}",
				 (struct import_order){}),
			 EXIT_REFUSED);
	assert_non_null(strstr(said, "1,200 entries of f.txt"));
	assert_non_null(strstr(said, "maps.blocks"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bad_line_is_told_with_its_number_and_once),
		cmocka_unit_test(only_the_first_problems_are_told_and_the_rest_counted),
		cmocka_unit_test(the_summary_says_what_was_done_and_what_not),
		cmocka_unit_test(nothing_taken_is_a_failure_but_where_there_may_be_nothing),
		cmocka_unit_test(entries_without_room_are_a_failure_whatever_was_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
