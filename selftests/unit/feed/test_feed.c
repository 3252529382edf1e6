// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/feed/feed.c user/feed/text.c user/feed/extent.c user/feed/documents.c user/feed/detect.c user/feed/plain.c user/feed/csv.c user/feed/json.c user/feed/crowdsec.c user/net/prefix.c user/base/text/when.c user/base/text/when_format.c user/base/text/duration.c user/base/array.c */
/* A feed as its caller sees it, including hostile ones: it ends, it is cheap, and reading it in
 * pieces makes no difference.
 */

#include "heard.h"

#define MANY_LINES	1000000
#define MANY_SECONDS	0.4 /* for MANY_LINES, if nothing slows the program down */
#define HOSTILE_SECONDS 5
#define RANDOM_ROUNDS	20000

/* --- hostile --- */

static void deep_nesting_is_a_problem(void **state)
{
	static const char *const begins[] = {"",
					     "{\"cidr\":",
					     "{\"event_type\":",
					     "{\"new\":",
					     "{\"new\":[",
					     "{\"x\":",
					     "{\"type\":\"block\",\"prefix\":"};

	(void)state;
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		for (int open = 0; open < 2; open++) {
			size_t n;
			char *text = stretched(begins[i], open ? '{' : '[', 60000, "\n", &n);

			memset(&result, 0, sizeof(result));
			read_in_pieces(FEED_AUTO, text, n, 4096);
			assert_true(result.entries == 0);
			assert_true(result.problems >= 1);
			free(text);
		}
}

static void a_decision_that_is_too_long_is_skipped(void **state)
{
	size_t n;
	char *text = stretched("{\"new\":[{\"scope\":\"", 'x', FEED_LINE_MAX,
			       "\"},\n{\"scope\":\"ip\",\"value\":\"::1\"}]}", &n);

	(void)state;
	read_bytes(FEED_AUTO, text, n);
	assert_string_equal(result.heard.text, "1: the decision has more than 65536 bytes\n"
					       "2 block ::1/128 address\n");
	free(text);
}

/* CPU time of this program, whatever else the machine does. */
static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Texts that would keep a parser that starts over again busy for ever. */
static void no_text_takes_time_without_bound(void **state)
{
	static const struct {
		enum feed_format format;
		const char *begin, *line;
	} texts[] = {
		{FEED_CSV, "::1,\"\n", "::1,\"\"\n"},
		{FEED_CSV, "\"\n", "\"\n"},
		{FEED_CSV, "\"\n", "\n"},
		{FEED_CSV, "::1,\"\n", "::1,x\n"},
		{FEED_CSV, "", "\"a\"b\n"},
		{FEED_CSV, "", "::1,\"\"\"\n"},
		{FEED_AUTO, "{\n", "\n"},
		{FEED_AUTO, "{\n", "{"},
		{FEED_CROWDSEC, "{\"new\":[", "{},"},
		{FEED_CROWDSEC, "{\"new\":", "["},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		double begin = seconds();
		size_t line_n = strlen(texts[i].line);
		struct feed *feed;

		memset(&result, 0, sizeof(result));
		result.heard.quiet = true;
		feed = open_feed(texts[i].format, &result.heard);
		feed_text(feed, texts[i].begin, strlen(texts[i].begin));
		for (int n = 0; n < MANY_LINES; n++)
			feed_text(feed, texts[i].line, line_n);
		close_feed(feed);
		if (seconds() - begin > HOSTILE_SECONDS)
			fail_msg("%.1f s for a million times '%s'", seconds() - begin,
				 texts[i].line);
	}
}

static void open_quotes_do_not_take_time_without_bound(void **state)
{
	size_t n;
	char *text = stretched("\"", '\n', FEED_LINE_MAX + 4096, "", &n);
	double begin = seconds();
	struct feed *feed;

	(void)state;
	memset(&result, 0, sizeof(result));
	feed = open_feed(FEED_CSV, &result.heard);
	for (int i = 0; i < 32; i++)
		feed_text(feed, text, n);
	close_feed(feed);
	free(text);
	assert_true(result.problems == 32);
	if (seconds() - begin > HOSTILE_SECONDS)
		fail_msg("%.1f s", seconds() - begin);
}

/* Files with bytes changed, removed and doubled: the result is the same in pieces, whatever it is.
 */
static void any_text_gives_the_same_whole_and_in_pieces(void **state)
{
	static const char *const names[] = {"plain.txt",     "comma.csv",    "semicolon.csv",
					    "drop.json",     "drop.txt",     "eve.json",
					    "crowdsec.json", "slash64.json", "slash64-0.1.0.json"};
	static const char likely[] = "\"\"\"\n\r\\{}[],;:#\t \0/";

	(void)state;
	srand(64);
	for (int round = 0; round < RANDOM_ROUNDS; round++) {
		static struct result whole;
		char *text;
		size_t n;

		text = load(names[rand() % 8], &n);
		for (int change = rand() % 4; change >= 0 && n > 1; change--) {
			size_t at = rand() % n, part = rand() % 16;

			if (part > n - at)
				part = n - at;
			switch (rand() % 3) {
			case 0:
				text[at] =
					rand() % 4 ? likely[rand() % (sizeof(likely) - 1)] : rand();
				break;
			case 1:
				memmove(text + at, text + at + part, n - at - part);
				n -= part;
				break;
			case 2:
				if (n + part > FILE_BYTES_MAX)
					break;
				memmove(text + at + part, text + at, n - at);
				n += part;
				break;
			}
		}
		memset(&result, 0, sizeof(result));
		read_in_pieces(FEED_AUTO, text, n, n + 1);
		whole = result;
		memset(&result, 0, sizeof(result));
		read_in_pieces(FEED_AUTO, text, n, 1 + rand() % 64);
		assert_string_equal(result.heard.text, whole.heard.text);
		assert_true(result.lines == whole.lines && result.ignored == whole.ignored);
		assert_int_equal(result.err, whole.err);
	}
}

/* --- its callers --- */

static void nothing_more_comes_once_the_caller_has_enough(void **state)
{
	static const struct {
		enum feed_format format;
		const char *text;
	} texts[] = {
		{FEED_PLAIN, "::1\nbad\n::2\n"},
		{FEED_CSV, "::1,\"x\"\nbad,\n::2,\n"},
		{FEED_DROP, "{\"cidr\":\"::1\"}\nbad\n{\"cidr\":\"::2\"}\n"},
		{FEED_CROWDSEC,
		 "{\"new\":[{\"scope\":\"ip\",\"value\":\"::1\"},\nbad,\n{\"scope\":\"ip\",\"value\":\"::2\"}]}\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		memset(&result, 0, sizeof(result));
		result.heard.stop_at = 1;
		read_in_pieces(texts[i].format, texts[i].text, strlen(texts[i].text), 1000);
		assert_true(result.entries == 1);
		assert_true(result.problems == 0);
		assert_int_equal(result.err, -ECANCELED);
		assert_true(result.lines == 3);
	}
}

static void a_feed_may_be_closed_at_any_time(void **state)
{
	static const char *const texts[] = {"{\"new\":[", "::1", "prefix,\"x\n", "{", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct feed *feed = open_feed(FEED_AUTO, &result.heard);

		assert_int_equal(feed_text(feed, texts[i], strlen(texts[i])), 0);
		feed_close(feed);
	}
	feed_close(NULL);
}

static void the_end_may_be_told_twice(void **state)
{
	struct feed *feed = open_feed(FEED_CROWDSEC, &result.heard);

	(void)state;
	memset(&result, 0, sizeof(result));
	feed_text(feed, "{\"new\":[]}{", 11);
	assert_int_equal(feed_end(feed, NULL), -EBADMSG);
	close_feed(feed);
	assert_int_equal(result.err, -EBADMSG);
	assert_string_equal(result.heard.text,
			    "1: the document is incomplete; nothing of it is used\n");
}

static void a_million_plain_lines_take_a_blink(void **state)
{
	char *text = malloc(MANY_LINES * 32UL);
	size_t n = 0, piece = 256 << 10;
	struct feed *feed;
	double begin, spent;

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < MANY_LINES; i++)
		n += sprintf(text + n, "2001:db8:%x:%x::/64\n", i >> 16, i & 0xffff);
	memset(&result, 0, sizeof(result));
	result.heard.quiet = true;
	feed = open_feed(FEED_AUTO, &result.heard);
	begin = seconds();
	for (size_t at = 0; at < n; at += piece)
		feed_text(feed, text + at, n - at < piece ? n - at : piece);
	close_feed(feed);
	spent = seconds() - begin;
	free(text);
	assert_true(result.entries == MANY_LINES);
	assert_true(result.problems == 0);
	print_message("%d lines in %.3f s\n", MANY_LINES, spent);
#ifndef __SANITIZE_ADDRESS__
	if (spent > MANY_SECONDS)
		fail_msg("%.3f s", spent);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deep_nesting_is_a_problem),
		cmocka_unit_test(a_decision_that_is_too_long_is_skipped),
		cmocka_unit_test(no_text_takes_time_without_bound),
		cmocka_unit_test(open_quotes_do_not_take_time_without_bound),
		cmocka_unit_test(any_text_gives_the_same_whole_and_in_pieces),
		cmocka_unit_test(nothing_more_comes_once_the_caller_has_enough),
		cmocka_unit_test(a_feed_may_be_closed_at_any_time),
		cmocka_unit_test(the_end_may_be_told_twice),
		cmocka_unit_test(a_million_plain_lines_take_a_blink),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
