// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/feed/feed.c user/feed/text.c user/feed/extent.c user/feed/documents.c user/feed/detect.c user/feed/plain.c user/feed/csv.c user/feed/json.c user/feed/crowdsec.c user/net/prefix.c user/base/text/when.c user/base/text/when_format.c user/base/text/duration.c user/base/array.c */
/* Text in every format: reasons, line ends, NUL bytes, lines that are too long. */

#include "heard.h"

static void reason_is(const char *reason, size_t n, const char *expected)
{
	char text[2048] = "prefix,reason\n::1,\"";
	size_t used = strlen(text);
	static char whole[2048];

	memcpy(text + used, reason, n);
	memcpy(text + used + n, "\"\n", 3);
	read_bytes(FEED_CSV, text, used + n + 2);
	snprintf(whole, sizeof(whole), "2 block ::1/128 address reason '%s'\n", expected);
	assert_string_equal(result.heard.text, whole);
}

static void control_characters_in_a_reason_become_question_marks(void **state)
{
	(void)state;
	reason_is("a\tb\x1b[31mc\x7f", 10, "a?b?[31mc?");
	reason_is("a\xc2\x9b"
		  "31mb",
		  7, "a?31mb"); /* U+009B starts a terminal command */
	reason_is("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", 11, "\u00e9 \u20ac \U0001F600");
}

static void what_is_no_utf_8_in_a_reason_becomes_question_marks(void **state)
{
	(void)state;
	reason_is("a\xff"
		  "b",
		  3, "a?b");
	reason_is("a\xc3", 2, "a?");
	reason_is("\xc0\xaf", 2, "??"); /* an overlong form */
	reason_is("\xe0\x80\xaf", 3, "???");
	reason_is("\xed\xa0\x80", 3, "???");	  /* a surrogate */
	reason_is("\xf4\x90\x80\x80", 4, "????"); /* beyond U+10FFFF */
	reason_is("\xe2\x82", 2, "??");
}

static void a_long_reason_is_cut_between_characters(void **state)
{
	char reason[600], expected[600];

	(void)state;
	memset(reason, 'x', sizeof(reason));
	memset(expected, 'x', sizeof(expected));
	expected[REASON_TEXT_MAX - 1] = '\0';
	reason_is(reason, sizeof(reason), expected);
	memcpy(&reason[REASON_TEXT_MAX - 2], "\xc3\xa9", 2); /* only one byte of it would fit */
	expected[REASON_TEXT_MAX - 2] = '\0';
	reason_is(reason, sizeof(reason), expected);
	memcpy(&reason[REASON_TEXT_MAX - 3], "\xc3\xa9", 2);
	memcpy(&expected[REASON_TEXT_MAX - 3], "\xc3\xa9", 3);
	reason_is(reason, sizeof(reason), expected);
}

static void json_texts_are_cleaned_as_well(void **state)
{
	(void)state;
	gives(FEED_DROP, "{\"cidr\":\"::1\",\"sblid\":\" \\u001b[1mSBL\\u20ac\\n \"}\n",
	      "1 block ::1/128 address ticket '?[1mSBL\u20ac?'\n");
	gives(FEED_DROP, "{\"cidr\":\"::1\",\"sblid\":\" \"}\n", "1 block ::1/128 address\n");
}

static void a_problem_shows_little_of_the_text_and_no_control_characters(void **state)
{
	char text[1000];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[0] = '\x1b';
	text[1] = '\xff';
	text[sizeof(text) - 1] = '\n';
	read_bytes(FEED_PLAIN, text, sizeof(text));
	assert_true(result.problems == 1);
	assert_memory_equal(result.heard.last_problem, "'??xxx", 6);
	assert_true(strlen(result.heard.last_problem) < 100);
	assert_non_null(strstr(result.heard.last_problem, "x...' is not a prefix"));
	assert_false(result.incomplete);
}

static void a_byte_order_mark_and_carriage_returns_are_no_matter(void **state)
{
	(void)state;
	gives(FEED_AUTO, "\xef\xbb\xbf::1\r\n::2/64\r\n\r\n::3",
	      "1 block ::1/128 address\n"
	      "2 block ::/64 host-bits\n"
	      "4 block ::3/128 address\n");
	gives(FEED_DROP, "\xef\xbb\xbf{\"cidr\":\"::1\"}\r\n", "1 block ::1/128 address\n");
	gives(FEED_AUTO, "\xef\xbb\xbf{\"new\":[]}\r\n", "");
	gives(FEED_AUTO, "\xef\xbb\xbf", "");
	gives(FEED_CSV, "\xef\xbb\xbfprefix,reason\r\n::1,x\r\n",
	      "2 block ::1/128 address reason 'x'\n");
	gives(FEED_PLAIN, "\xef\xbb::1", "1: '??::1' is not a prefix\n");
	gives(FEED_PLAIN, "\xef", "1: '?' is not a prefix\n");
	/* only at the very beginning */
	/* walk: of two lists in one file the second one's first line was refused */
	gives(FEED_PLAIN, "\n\xef\xbb\xbf::1\n", "2 block ::1/128 address\n");
}

static void a_bad_last_line_without_an_end_was_cut(void **state)
{
	(void)state;
	gives(FEED_DROP, "{\"cidr\":\"::1\"}\n{\"cidr\":\"::",
	      "1 block ::1/128 address\n"
	      "2: not JSON: premature end of input near '\"::'\n");
	assert_true(result.incomplete);
	read_text(FEED_PLAIN, "::1\n2001:db8");
	assert_true(result.incomplete);
	read_text(FEED_CSV, "::1,x\n::2,\"y");
	assert_true(result.incomplete);
	read_text(FEED_PLAIN, "::1\n2001:db8\n");
	assert_false(result.incomplete);
	read_text(FEED_PLAIN, "x\n2001:db8::");
	assert_false(result.incomplete);
}

static void nul_bytes_are_a_problem_of_their_line(void **state)
{
	static const char plain[] = "::1\n::2\0\n\0::3\n::4 # \0\n::5\n";
	static const char csv[] = "::1,x\n::2\0,x\n::3,\"\0\n\"\n::4,\"x\"\n";
	static const char json[] =
		"{\"cidr\":\"::1\0\"}\n{\"cidr\":\"::2\\u0000\"}\n{\"cidr\":\"::3\"}\n";
	static const char crowdsec[] = "{\"new\":[{\"scope\":\"ip\0\"},\0{}]}";

	(void)state;
	read_bytes(FEED_AUTO, plain, sizeof(plain) - 1);
	assert_string_equal(result.heard.text, "1 block ::1/128 address\n"
					       "2: '::2?' has NUL bytes; is it text?\n"
					       "3: '?::3' has NUL bytes; is it text?\n"
					       "4: '::4 # ?' has NUL bytes; is it text?\n"
					       "5 block ::5/128 address\n");
	read_bytes(FEED_AUTO, csv, sizeof(csv) - 1);
	assert_string_equal(result.heard.text, "1 block ::1/128 address\n"
					       "2: '::2?,x' has NUL bytes; is it text?\n"
					       "3: '::3,\"??\"' has NUL bytes; is it text?\n"
					       "5 block ::4/128 address\n");
	read_bytes(FEED_AUTO, json, sizeof(json) - 1);
	assert_true(result.problems == 2);
	assert_true(result.entries == 1);
	read_bytes(FEED_AUTO, crowdsec, sizeof(crowdsec) - 1);
	assert_true(result.problems == 1);
	for (size_t n = 1; n < 5; n++) {
		read_bytes(FEED_AUTO, "\0\0\0\0", n);
		assert_true(result.problems == 1);
	}
}

static void a_line_too_long_is_skipped_to_its_end(void **state)
{
	static const struct {
		enum feed_format format;
		const char *before, *behind;
	} texts[] = {
		{FEED_PLAIN, "::1\n", "\n::2"},
		{FEED_AUTO, "::1\n", "\n::2"},
		{FEED_AUTO, "prefix\n::1\n", "\n::2"},
		{FEED_CSV, "::1,\n", "\n::2,"},
		{FEED_DROP_TEXT, "::1 ; SBL1\n", "\n::2"},
		{FEED_DROP, "{\"cidr\":\"::1\"}\n", "\n{\"cidr\":\"::2\"}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t n;
		char *text = stretched(texts[i].before, ' ', FEED_LINE_MAX, texts[i].behind, &n);

		read_bytes(texts[i].format, text, n);
		assert_true(result.problems == 0);
		assert_true(result.entries == 2);
		free(text);
		text = stretched(texts[i].before, 'x', FEED_LINE_MAX + 1, texts[i].behind, &n);
		read_bytes(texts[i].format, text, n);
		assert_string_equal(result.heard.last_problem,
				    "the line has more than 65536 bytes");
		assert_true(result.problems == 1);
		assert_true(result.entries == 2);
		assert_true(result.lines == result.heard.last_problem_line + 1);
		free(text);
	}
}

static void a_first_line_too_long_is_skipped_as_well(void **state)
{
	static const char *const begins[] = {"", "{", "{\"cidr\":\"", "::1,", "::1;SBL7 "};

	(void)state;
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		size_t n;
		char *text = stretched(begins[i], 'x', FEED_LINE_MAX * 3, "\n::2", &n);

		read_bytes(FEED_AUTO, text, n);
		assert_true(result.lines == 2);
		assert_true(result.problems >= 1);
		free(text);
	}
}

static void a_csv_record_over_lines_has_a_bound_too(void **state)
{
	char *text = malloc(FEED_LINE_MAX * 2 + 64);
	size_t n;

	(void)state;
	assert_non_null(text);
	strcpy(text, "::1,\"x\n");
	n = strlen(text);
	while (n < FEED_LINE_MAX * 2) {
		memcpy(text + n, "::2,y\n", 6);
		n += 6;
	}
	memset(&result, 0, sizeof(result));
	result.heard.quiet = true;
	read_in_pieces(FEED_CSV, text, n, 4096);
	assert_true(result.problems == 1);
	assert_int_equal(result.heard.last_problem_line, 1);
	assert_true(result.entries == result.lines - 1);
	free(text);
}

static void lines_too_long_are_counted_within_csv_records_too(void **state)
{
	size_t n;
	char *text = stretched("::1,\"x\n", 'x', FEED_LINE_MAX + 1, "\n::2,z\nbad,z\n", &n);

	(void)state;
	read_bytes(FEED_CSV, text, n);
	assert_string_equal(result.heard.text, "2: the line has more than 65536 bytes\n"
					       "1: '::1,\"x' has a quote that is not closed\n"
					       "3 block ::2/128 address\n"
					       "4: 'bad' is not a prefix (column 1)\n");
	free(text);
}

static void a_crowdsec_text_has_a_bound(void **state)
{
	static const char document[] = "{\"new\":[{\"scope\":\"ip\",\"value\":\"::1\"}]}\n";
	size_t n = sizeof(document) - 1, block = 1 << 20;
	char *blanks = malloc(block);

	(void)state;
	assert_non_null(blanks);
	memset(blanks, ' ', block);
	for (int more = 0; more < 2; more++) {
		struct feed *feed = open_feed(FEED_CROWDSEC, &result.heard);

		memset(&result, 0, sizeof(result));
		for (size_t i = 1; i < FEED_DOCUMENT_MAX / block; i++)
			feed_text(feed, blanks, block);
		feed_text(feed, document, n);
		feed_text(feed, blanks, block - n + more);
		close_feed(feed);
		assert_true(result.entries == !more);
		assert_true(result.problems == (uint64_t)more);
		assert_int_equal(result.incomplete, more);
		assert_true(result.lines == 2);
	}
	free(blanks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control_characters_in_a_reason_become_question_marks),
		cmocka_unit_test(what_is_no_utf_8_in_a_reason_becomes_question_marks),
		cmocka_unit_test(a_long_reason_is_cut_between_characters),
		cmocka_unit_test(json_texts_are_cleaned_as_well),
		cmocka_unit_test(a_problem_shows_little_of_the_text_and_no_control_characters),
		cmocka_unit_test(a_byte_order_mark_and_carriage_returns_are_no_matter),
		cmocka_unit_test(a_bad_last_line_without_an_end_was_cut),
		cmocka_unit_test(nul_bytes_are_a_problem_of_their_line),
		cmocka_unit_test(a_line_too_long_is_skipped_to_its_end),
		cmocka_unit_test(a_first_line_too_long_is_skipped_as_well),
		cmocka_unit_test(a_csv_record_over_lines_has_a_bound_too),
		cmocka_unit_test(lines_too_long_are_counted_within_csv_records_too),
		cmocka_unit_test(a_crowdsec_text_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
