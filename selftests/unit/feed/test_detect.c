// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/feed/feed.c user/feed/text.c user/feed/extent.c user/feed/documents.c user/feed/detect.c user/feed/plain.c user/feed/csv.c user/feed/json.c user/feed/crowdsec.c user/net/prefix.c user/base/text/when.c user/base/text/when_format.c user/base/text/duration.c user/base/array.c */
/* Detects the format of a feed from its first line. */

#include "heard.h"

static void the_format_is_told_from_the_first_line(void **state)
{
	(void)state;
	is_recognized_as("2001:db8::/32\n2001:db8::,x\n", FEED_PLAIN);
	is_recognized_as("2001:db8::/32", FEED_PLAIN);
	is_recognized_as("\n # a comment, with a comma\n;\"\n2001:db8::/32 # a, b\n", FEED_PLAIN);
	is_recognized_as("2001:db8::/32 ; a comment\n", FEED_PLAIN);
	is_recognized_as("2001:db8::/32\t# a comment\n", FEED_PLAIN);
	is_recognized_as("2001:db8::/32,\n", FEED_CSV);
	is_recognized_as("\"2001:db8::/32\"\n", FEED_CSV);
	is_recognized_as("2001:db8::/32\tx\n", FEED_CSV);
	is_recognized_as("2001:db8::/32,x ; SBL1\n", FEED_CSV);
	is_recognized_as("prefix\n", FEED_CSV);
	is_recognized_as("CIDR;why\n", FEED_CSV);
	is_recognized_as("why\tAddress\n", FEED_CSV);
	is_recognized_as("; x\n\n2001:db8::/32;SBL1\n", FEED_DROP_TEXT);
	is_recognized_as("2001:db8::/32 ; SBLx\n", FEED_PLAIN);
	is_recognized_as("[\n", FEED_PLAIN);
	is_recognized_as("{\"cidr\":\"::1\"}", FEED_DROP);
	is_recognized_as("\n {\"rir\":\"x\",\"cidr\":\"::1\"}", FEED_DROP);
	is_recognized_as("{\"type\":\"metadata\",\"records\":0}", FEED_DROP);
	is_recognized_as("{\"a\":{\"cidr\":[\"new\",\"deleted\"]},\"event_type\":\"alert\"}",
			 FEED_EVE);
	is_recognized_as("{\"a\":\"new\",\"b\\\"\":\"cidr\",\"type\":\"block\",\"prefix\":1}",
			 FEED_SLASH64);
	is_recognized_as("{\"prefix\":\"::1\",\"type\":\"throttle\"}", FEED_SLASH64);
	is_recognized_as("{\"type\":\"interface\",\"name\":\"x\"}\n{\"cidr\":\"::1\"}",
			 FEED_SLASH64);
	/* field L5: a single key is no evidence of a format */
	is_recognized_as("{\"type\":\"error\",\"message\":\"block\"}\n", FEED_AUTO);
	is_recognized_as("{\"type\":\"allow\"}\n", FEED_AUTO);
	is_recognized_as("[ \n {\"value\":\"::1\"}]", FEED_DECISIONS);
	is_recognized_as("{\"meta\":{},\"data\":[]}", FEED_ABUSEIPDB);
	is_recognized_as("{\"type\":\"bundle\",\"objects\":[]}", FEED_STIX);
	is_recognized_as("{\n\n\"new\"\n:\n[]}", FEED_CROWDSEC);
	is_recognized_as("{\"deleted\":null}", FEED_CROWDSEC);
}

static void a_first_line_that_is_broken_does_not_hide_the_format(void **state)
{
	(void)state;
	gives(FEED_AUTO, "{\"cid\n{\"cidr\":\"::1\"}\n",
	      "1: not JSON: premature end of input near '\"cid'\n2 block ::1/128 address\n");
	gives(FEED_AUTO, "bad\n::1\n", "1: 'bad' is not a prefix\n2 block ::1/128 address\n");
}

static void json_of_no_known_format_is_one_problem(void **state)
{
	(void)state;
	gives(FEED_AUTO, "\n{\"ip\":\"::1\"}\n{\"ip\":\"::2\"}\n",
	      "2: JSON of no known format: it has no key cidr, event_type, new, deleted, data or objects, and no type with a prefix\n");
	assert_int_equal(result.format, FEED_AUTO);
	assert_true(result.lines == 3);
	read_text(FEED_AUTO, "{");
	assert_true(result.problems == 1);
}

static void the_format_is_known_as_soon_as_it_can_be(void **state)
{
	struct feed *feed = open_feed(FEED_AUTO, &result.heard);

	(void)state;
	memset(&result, 0, sizeof(result));
	feed_text(feed, "# x\n{\"cid", 9);
	assert_int_equal(feed_format_of(feed), FEED_AUTO);
	feed_text(feed, "r\"", 2);
	assert_int_equal(feed_format_of(feed), FEED_DROP);
	feed_text(feed, ":\"::1\"}\n", 8);
	assert_true(feed_entries(feed) == 1);
	assert_true(feed_lines(feed) == 2);
	close_feed(feed);
	assert_string_equal(result.heard.text, "2 block ::1/128 address\n");
}

static void an_empty_text_has_nothing_and_no_problem(void **state)
{
	(void)state;
	for (enum feed_format format = FEED_AUTO; format <= FEED_SLASH64; format++) {
		gives(format, "", "");
		assert_true(result.lines == 0);
		assert_int_equal(result.err, 0);
		gives(format, "\n \r\n", "");
		assert_true(result.lines == 2);
		assert_int_equal(result.err, 0);
	}
	gives(FEED_AUTO, "# nothing\n;", "");
	assert_true(result.lines == 2);
}

static void every_format_has_its_name(void **state)
{
	static const char *const names[] = {"auto", "plain",	"csv",	   "drop", "drop-text",
					    "eve",  "crowdsec", "slash64", NULL};

	(void)state;
	for (int i = 0; names[i]; i++)
		assert_string_equal(feed_format_names[i], names[i]);
	assert_null(feed_format_names[FEED_STIX + 1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_format_is_told_from_the_first_line),
		cmocka_unit_test(a_first_line_that_is_broken_does_not_hide_the_format),
		cmocka_unit_test(json_of_no_known_format_is_one_problem),
		cmocka_unit_test(the_format_is_known_as_soon_as_it_can_be),
		cmocka_unit_test(an_empty_text_has_nothing_and_no_problem),
		cmocka_unit_test(every_format_has_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
