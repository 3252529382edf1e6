// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/feed/feed.c user/feed/text.c user/feed/extent.c user/feed/documents.c user/feed/detect.c user/feed/plain.c user/feed/csv.c user/feed/json.c user/feed/crowdsec.c user/net/prefix.c user/base/text/when.c user/base/text/when_format.c user/base/text/duration.c user/base/array.c */
/* Decisions of CrowdSec as documents, and how long each lasts. */

#include "heard.h"

static void a_crowdsec_stream_has_new_decisions_and_some_that_are_over(void **state)
{
	(void)state;
	file_gives("crowdsec.json", FEED_CROWDSEC,
		   "3 remove 2001:db8:9::9/128 address reason 'example/over'\n"
		   "21 block 2001:db8:1::1/128 address reason 'example/echo-flood' for 14398123\n"
		   "30 block 198.51.100.0/24 reason 'lists:example' for 14400000\n"
		   "33: 'forever' is not a duration\n"
		   "34: 'nowhere' is not a prefix\n"
		   "36 block 2001:db8:5::1/128 address\n");
	/* a country, a captcha, an expired decision, and one that a new decision replaces */
	assert_true(result.ignored == 4);
	assert_true(result.lines == 38);
	assert_false(result.incomplete);
}

static void crowdsec_lists_may_be_null_or_empty(void **state)
{
	(void)state;
	gives(FEED_AUTO, "{\"new\":null,\"deleted\":null}", "");
	assert_int_equal(result.format, FEED_CROWDSEC);
	gives(FEED_AUTO, "{\"deleted\" : [ ] , \"links\":{\"a\":[\"]}\\\"\"]},\"new\":[\n]\n}\n",
	      "");
	assert_int_equal(result.err, 0);
	gives(FEED_CROWDSEC, " \n ", "");
	assert_int_equal(result.err, 0);
}

static void a_prefix_with_a_new_decision_stays_whatever_the_order(void **state)
{
	(void)state;
	gives(FEED_CROWDSEC,
	      "{\"new\":[{\"scope\":\"ip\",\"value\":\"2001:db8::1\"}],"
	      "\"deleted\":[{\"scope\":\"IP\",\"value\":\"2001:db8:0::1\"},{\"scope\":\"ip\",\"value\":\"::2\"}]}",
	      "1 block 2001:db8::1/128 address\n1 remove ::2/128 address\n");
	assert_true(result.ignored == 1);
	/* an expired captcha ends no ban, and a simulated ban does not count */
	gives(FEED_CROWDSEC,
	      "{\"deleted\":[{\"scope\":\"ip\",\"type\":\"captcha\",\"value\":\"::1\"}],"
	      "\"new\":[{\"scope\":\"ip\",\"simulated\":true,\"value\":\"::1\"}]}",
	      "");
	assert_true(result.ignored == 2);
}

static void crowdsec_documents_may_follow_one_another(void **state)
{
	(void)state;
	gives(FEED_CROWDSEC,
	      "{\"new\":[{\"scope\":\"ip\",\"value\":\"::1\"}]}\n{\"deleted\":[{\"scope\":\"ip\",\"value\":\"::1\"}]}\n",
	      "1 block ::1/128 address\n2 remove ::1/128 address\n");
}

static void a_crowdsec_document_that_is_cut_is_not_taken_at_all(void **state)
{
	size_t n;
	char *text = load("crowdsec.json", &n);

	(void)state;
	/* every byte is needed except the final line end */
	for (size_t cut = 20; cut < n - 1; cut++) {
		memset(&result, 0, sizeof(result));
		read_in_pieces(FEED_AUTO, text, cut, cut);
		assert_true(result.entries == 0);
		assert_true(result.problems == 1);
		assert_true(result.incomplete);
		assert_int_equal(result.err, -EBADMSG);
	}
}

static void crowdsec_problems_have_the_line_they_are_in(void **state)
{
	(void)state;
	gives(FEED_CROWDSEC,
	      "\n{\"new\":[\n{\"scope\":\"ip\",\"value\":\"::1\"},\n{\"scope\":tru},\n7,\n{\"scope\":\"ip\",\"value\":\"::2\"}]}",
	      "3 block ::1/128 address\n"
	      "4: not JSON: invalid token near 'tru'\n"
	      "5: '7' is not a decision\n"
	      "6 block ::2/128 address\n");
	gives(FEED_CROWDSEC, "{\n\"new\":\n7}",
	      "3: '7}' is incomplete or malformed; nothing of this document is used\n");
	gives(FEED_CROWDSEC, "{\"message\":\"forbidden\"}",
	      "1: the document has neither 'new' nor 'deleted': is it CrowdSec's stream?\n");
	gives(FEED_CROWDSEC, "{\"new\":[]}\nmore",
	      "2: 'more' is incomplete or malformed; nothing of this document is used\n");
	assert_true(result.incomplete);
}

static void crowdsec_duration(const char *duration, const char *expected)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "{\"new\":[{\"scope\":\"ip\",\"value\":\"::1\",\"duration\":\"%s\"}]}", duration);
	gives(FEED_CROWDSEC, text, expected);
}

static void durations_are_read_as_go_writes_them(void **state)
{
	(void)state;
	crowdsec_duration("3h59m58.123456789s", "1 block ::1/128 address for 14398124\n");
	crowdsec_duration("0.000000001s",
			  "1 block ::1/128 address for 1\n"); /* 0 would mean no end */
	crowdsec_duration("1ns", "1 block ::1/128 address for 1\n");
	crowdsec_duration("1.5h", "1 block ::1/128 address for 5400000\n");
	crowdsec_duration("2\u00b5s3\u03bcs4us", "1 block ::1/128 address for 1\n");
	crowdsec_duration("876000h0m0s", "1 block ::1/128 address for 3153600000000\n");
	crowdsec_duration("2562047h47m16.854775807s",
			  "1 block ::1/128 address for 9223372036855\n");
	crowdsec_duration("", "1 block ::1/128 address\n");
}

static void a_decision_that_is_over_already_blocks_nothing(void **state)
{
	static const char *const over[] = {"0", "0s", "-1h2m3.4s", "-0.5ms"};

	(void)state;
	for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++) {
		crowdsec_duration(over[i], "");
		assert_true(result.ignored == 1);
	}
}

static void what_is_no_duration_is_refused(void **state)
{
	static const char *const bad[] = {
		"4",
		"h",
		"4x",
		"4h3",
		".5s",
		"--4h",
		"4 h",
		"1h-2m",
		"4H",
		"s4",
		"2562047h48m",
		"3000000h",
		"99999999999999999999s",
		"+",
		"-",
		"1.h1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char expected[128];

		snprintf(expected, sizeof(expected), "1: '%s' is not a duration\n", bad[i]);
		crowdsec_duration(bad[i], expected);
	}
}

/* --- in pieces --- */

static unsigned int breaths;

static void breathe(void *data)
{
	(void)data;
	breaths++;
}

static unsigned int breaths_of(const char *text, size_t n, uint64_t entries)
{
	static const struct pace pace = {breathe, NULL};
	struct feed *feed;
	size_t bytes;
	char *left;

	memset(&result, 0, sizeof(result));
	result.heard.quiet = true;
	breaths = 0;
	feed = open_feed(FEED_CROWDSEC, &result.heard);
	assert_int_equal(feed_text(feed, text, n), 0);
	feed_end(feed, &pace);
	assert_true(feed_entries(feed) == entries);
	left = feed_take_document(feed, &bytes);
	assert_true(left && bytes >= n);
	free(left);
	feed_close(feed);
	return breaths;
}

#define DECISIONS 5000

/* issue 13, line 9: 30,000 decisions were one turn of 160 ms */
static void a_long_document_is_parsed_in_pieces(void **state)
{
	char *text = malloc(DECISIONS * 64 + 64), *end = text;

	(void)state;
	end += sprintf(end, "{\"new\":[");
	for (int i = 0; i < DECISIONS; i++)
		end += sprintf(end, "%s{\"scope\":\"ip\",\"value\":\"2001:db8::%x\"}", i ? "," : "",
			       i);
	end += sprintf(end, "],\"deleted\":[]}");
	/* read twice, and sorted */
	assert_true(breaths_of(text, end - text, DECISIONS) >= 2 * DECISIONS);
	free(text);
}

#define LONG_BYTES (4U << 20)

/* No decision comes for megabytes: a string, blanks, a number, or brackets. */
static void a_long_value_is_parsed_in_pieces(void **state)
{
	static const char *const filled[] = {"{\"new\":[],\"x\":\"a\"}", "{\"new\":[],\"x\": 1}",
					     "{\"new\":[],\"x\":1}", "{\"new\":[],\"x\":[[]]}"};
	static const char with[] = {'a', ' ', '1', '['};
	char *text = malloc(LONG_BYTES + 64);

	(void)state;
	for (size_t i = 0; i < sizeof(with); i++) {
		const char *at = strrchr(filled[i], with[i]);
		size_t head = at - filled[i];

		memcpy(text, filled[i], head);
		memset(text + head, with[i], LONG_BYTES);
		strcpy(text + head + LONG_BYTES, at);
		assert_true(breaths_of(text, head + LONG_BYTES + strlen(at), 0) >
			    LONG_BYTES / 65536);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crowdsec_stream_has_new_decisions_and_some_that_are_over),
		cmocka_unit_test(crowdsec_lists_may_be_null_or_empty),
		cmocka_unit_test(a_prefix_with_a_new_decision_stays_whatever_the_order),
		cmocka_unit_test(crowdsec_documents_may_follow_one_another),
		cmocka_unit_test(a_crowdsec_document_that_is_cut_is_not_taken_at_all),
		cmocka_unit_test(crowdsec_problems_have_the_line_they_are_in),
		cmocka_unit_test(durations_are_read_as_go_writes_them),
		cmocka_unit_test(a_decision_that_is_over_already_blocks_nothing),
		cmocka_unit_test(what_is_no_duration_is_refused),
		cmocka_unit_test(a_long_document_is_parsed_in_pieces),
		cmocka_unit_test(a_long_value_is_parsed_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
