// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/feed/feed.c user/feed/text.c user/feed/extent.c user/feed/documents.c user/feed/detect.c user/feed/plain.c user/feed/csv.c user/feed/json.c user/feed/crowdsec.c user/net/prefix.c user/base/when.c user/base/duration.c */
/* Feeds: what comes out of each format, however it is cut, and of what is broken or hostile. */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "feed/feed.h"

#define DATA		"selftests/data/feeds/"
#define FILE_BYTES_MAX	8192
#define TRANSCRIPT_MAX	16384
#define MANY_LINES	1000000
#define MANY_SECONDS	0.4 /* for MANY_LINES, where nothing slows the program down */
#define HOSTILE_SECONDS 5
#define RANDOM_ROUNDS	20000

/* What came out, as text: a line for each entry and each problem. */
struct heard {
	char text[TRANSCRIPT_MAX];
	size_t n;
	uint64_t entries, problems;
	uint64_t stop_at; /* entries; 0: never */
	char last_problem[FEED_PROBLEM_MAX];
	unsigned int last_problem_line;
	bool quiet; /* count, and keep no text */
};

/* What is known when a text has ended. */
struct result {
	struct heard heard;
	enum feed_format format;
	bool incomplete;
	int err;
	uint64_t lines, entries, problems, ignored;
};

static struct result result;

static void say(struct heard *heard, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct heard *heard, const char *format, ...)
{
	va_list args;

	if (heard->quiet)
		return;
	va_start(args, format);
	heard->n += vsnprintf(heard->text + heard->n, TRANSCRIPT_MAX - heard->n, format, args);
	va_end(args);
	assert_true(heard->n < TRANSCRIPT_MAX);
}

static bool on_entry(const struct feed_entry *entry, void *data)
{
	static const char *const kinds[] = {"block", "throttle", "allow", "remove"};
	struct heard *heard = data;
	char prefix[PREFIX_TEXT_MAX];

	heard->entries++;
	if (heard->quiet)
		return true;
	say(heard, "%u %s %s%s", entry->line, kinds[entry->kind],
	    prefix_format(&entry->prefix, prefix),
	    entry->note == PREFIX_WAS_ADDRESS	? " address" :
	    entry->note == PREFIX_HAD_HOST_BITS ? " host-bits" :
						  "");
	if (entry->origin)
		say(heard, " origin '%s'", entry->origin);
	if (entry->reason)
		say(heard, " reason '%s'", entry->reason);
	if (entry->ticket)
		say(heard, " ticket '%s'", entry->ticket);
	if (entry->start_ms)
		say(heard, " start %" PRId64, entry->start_ms);
	if (entry->until_ms)
		say(heard, " until %" PRId64, entry->until_ms);
	if (entry->for_ms)
		say(heard, " for %" PRId64, entry->for_ms);
	if (entry->rate || entry->burst)
		say(heard, " rate %u burst %u", entry->rate, entry->burst);
	say(heard, "\n");
	return heard->entries != heard->stop_at;
}

static void on_problem(unsigned int line, const char *text, void *data)
{
	struct heard *heard = data;

	heard->problems++;
	assert_true(strlen(text) < FEED_PROBLEM_MAX && *text);
	for (const char *p = text; *p; p++)
		assert_true((unsigned char)*p >= ' ' && *p != 0x7f);
	strcpy(heard->last_problem, text);
	heard->last_problem_line = line;
	say(heard, "%u: %s\n", line, text);
}

static struct feed *open_feed(enum feed_format format, struct heard *heard)
{
	static const struct feed_callbacks callbacks = {.entry = on_entry, .problem = on_problem};
	struct feed *feed = feed_open(format, &callbacks, heard);

	assert_non_null(feed);
	return feed;
}

static void close_feed(struct feed *feed)
{
	result.err = feed_end(feed);
	result.format = feed_format_of(feed);
	result.incomplete = feed_is_incomplete(feed);
	result.lines = feed_lines(feed);
	result.entries = feed_entries(feed);
	result.problems = feed_problems(feed);
	result.ignored = feed_ignored(feed);
	assert_true(result.entries == result.heard.entries);
	assert_true(result.problems == result.heard.problems);
	feed_close(feed);
}

/* In pieces of `piece` bytes, each in memory of its own, so that reading past it is found. */
static void read_in_pieces(enum feed_format format, const char *text, size_t n, size_t piece)
{
	struct feed *feed = open_feed(format, &result.heard);

	for (size_t at = 0; at < n; at += piece) {
		size_t part = n - at < piece ? n - at : piece;
		char *copy = malloc(part);

		assert_non_null(copy);
		memcpy(copy, text + at, part);
		feed_text(feed, copy, part);
		free(copy);
	}
	close_feed(feed);
}

/* Whole, byte by byte and in pieces between, with the same result. */
static void read_bytes(enum feed_format format, const char *text, size_t n)
{
	static const size_t pieces[] = {1, 2, 7, 61};
	static struct result whole;

	memset(&result, 0, sizeof(result));
	read_in_pieces(format, text, n, n ? n : 1);
	whole = result;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		memset(&result, 0, sizeof(result));
		read_in_pieces(format, text, n, pieces[i]);
		assert_string_equal(result.heard.text, whole.heard.text);
		assert_int_equal(result.format, whole.format);
		assert_int_equal(result.incomplete, whole.incomplete);
		assert_int_equal(result.err, whole.err);
		assert_true(result.lines == whole.lines);
		assert_true(result.ignored == whole.ignored);
	}
}

static void read_text(enum feed_format format, const char *text)
{
	read_bytes(format, text, strlen(text));
}

static void gives(enum feed_format format, const char *text, const char *expected)
{
	read_text(format, text);
	assert_string_equal(result.heard.text, expected);
}

static char *load(const char *name, size_t *n)
{
	static char text[FILE_BYTES_MAX];
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), DATA "%s", name);
	file = fopen(path, "re");
	if (!file)
		fail_msg("cannot read %s; the test runs at the root of the tree", path);
	*n = fread(text, 1, sizeof(text), file);
	fclose(file);
	assert_true(*n && *n < sizeof(text));
	return text;
}

/* The file, as that format and as one that is not told. */
static void file_gives(const char *name, enum feed_format format, const char *expected)
{
	const enum feed_format formats[] = {format, FEED_AUTO};
	size_t n;
	char *text = load(name, &n);

	for (int i = 0; i < 2; i++) {
		read_bytes(formats[i], text, n);
		assert_string_equal(result.heard.text, expected);
		assert_string_equal(feed_format_names[result.format], feed_format_names[format]);
	}
}

static void is_recognized_as(const char *text, enum feed_format format)
{
	read_text(FEED_AUTO, text);
	if (result.format != format)
		fail_msg("'%s' is taken for %s", text, feed_format_names[result.format]);
}

/* --- each format --- */

static void a_plain_feed_has_a_prefix_or_an_address_a_line(void **state)
{
	(void)state;
	file_gives("plain.txt", FEED_PLAIN,
		   "4 block 2001:db8:1::/48\n"
		   "5 block 2001:db8:2:3::/64\n"
		   "6 block 2001:db8:bad:1::66/128 address\n"
		   "7 block 198.51.100.0/24\n"
		   "8 block 198.51.100.7/32 address\n"
		   "9 block 2001:db8:4::/48 host-bits\n"
		   "10: 'not a prefix' is not a prefix\n"
		   "11: '2001:db8:5::/129' is not a prefix\n"
		   "12: '2001:db8:6::/48 and more' is not a prefix\n"
		   "13 block 2001:db8:7::1/128 address\n");
	assert_true(result.lines == 13);
	assert_true(result.entries == 7);
	assert_true(result.problems == 3);
	assert_true(result.ignored == 0);
	assert_false(result.incomplete);
}

static void a_csv_header_names_the_columns(void **state)
{
	(void)state;
	file_gives("comma.csv", FEED_CSV,
		   "3 block 2001:db8:1::/48 reason 'echo flood, again' ticket 'T-1' for 604800000\n"
		   "4 block 198.51.100.0/24 reason 'he said \"stop\"' ticket 'T-2'\n"
		   "5 block 2001:db8:2::/48 reason 'over?two lines' for 5400000\n"
		   "7: 'soon' is not a span of time, such as 90s or 7d\n"
		   "8: '2001:db8:4::zz' is not a prefix (column 2)\n"
		   "9: there is no column 2, which has the prefix\n"
		   "10 block 2001:db8:5::1/128 address reason 'spaced' ticket 'T-6' for 90000\n"
		   "11: '\"text\" behind,2001:db8:6::/48,T-7,1h' has text behind a closing quote\n"
		   "13 block 2001:db8:7::/48 reason 'last' ticket 'T-8' for 500\n");
	assert_true(result.lines == 13);
}

static void csv_fields_may_end_in_semicolons_and_tabs(void **state)
{
	(void)state;
	file_gives("semicolon.csv", FEED_CSV,
		   "2 block 2001:db8:1::1/128 address reason 'a, b' ticket 'T-1'\n"
		   "3 block 198.51.100.7/32 address reason 'x;y' ticket 'T-2'\n");
	file_gives("tab.csv", FEED_CSV,
		   "1 block 2001:db8:1::/48\n"
		   "2 block 198.51.100.7/32 address\n");
	/* the first line that makes sense tells */
	gives(FEED_CSV, "bad;x\n2001:db8:1::/48;x\n2001:db8:2::/48;x,y\n",
	      "1: 'bad;x' is not a prefix (column 1)\n"
	      "2 block 2001:db8:1::/48\n"
	      "3 block 2001:db8:2::/48\n");
}

static void csv_without_a_header_has_the_prefix_first(void **state)
{
	(void)state;
	gives(FEED_CSV, "2001:db8:1::/48,reason,2001:db8:2::/48\n\n,\n",
	      "1 block 2001:db8:1::/48\n3: '' is not a prefix (column 1)\n");
	gives(FEED_CSV, "when,what\n", "1: 'when' is not a prefix (column 1)\n");
}

static void of_several_csv_columns_the_better_name_counts(void **state)
{
	(void)state;
	gives(FEED_CSV,
	      "id,src_ip,Prefix,\"TICKET\",scenario,comment\n1,::1,2001:db8:1::/48,T-1,s,c\n",
	      "2 block 2001:db8:1::/48 reason 'c' ticket 'T-1'\n");
	gives(FEED_CSV, "reason,cidr\nx,2001:db8:1::/48\n", "2 block 2001:db8:1::/48 reason 'x'\n");
	gives(FEED_CSV, "prefix,network,for\n2001:db8:1::/48,x,1w\n",
	      "2 block 2001:db8:1::/48 for 604800000\n");
	/* that of the prefix is the first if none has the name of one */
	gives(FEED_CSV, "what,reason\n2001:db8:1::/48,x\n", "2 block 2001:db8:1::/48 reason 'x'\n");
}

static void a_csv_quote_that_is_not_closed_costs_its_line_alone(void **state)
{
	(void)state;
	gives(FEED_CSV, "2001:db8:1::/48,\"x\n2001:db8:2::/48,y\n2001:db8:3::/48,z",
	      "1: '2001:db8:1::/48,\"x' has a quote that is not closed\n"
	      "2 block 2001:db8:2::/48\n"
	      "3 block 2001:db8:3::/48\n");
	assert_false(result.incomplete);
	gives(FEED_CSV, "2001:db8:1::/48,\"x\n2001:db8:2::/48,\"y\"\n2001:db8:3::/48,\"z\n",
	      "1: '2001:db8:1::/48,\"x' has text behind a closing quote\n"
	      "2 block 2001:db8:2::/48\n"
	      "3: '2001:db8:3::/48,\"z' has a quote that is not closed\n");
	gives(FEED_CSV, "\"\n", "1: '\"' has a quote that is not closed\n");
	/* within a field it is a character */
	gives(FEED_CSV, "prefix,reason\n2001:db8:1::/48,5\" disk\n",
	      "2 block 2001:db8:1::/48 reason '5\" disk'\n");
}

static void a_drop_list_has_a_record_a_line(void **state)
{
	(void)state;
	file_gives("drop.json", FEED_DROP,
		   "1 block 2001:db8:1::/48 ticket 'SBL900001'\n"
		   "2 block 2001:db8:2::/47 ticket 'SBL900002'\n"
		   "3 block 198.51.100.0/24 ticket 'SBL900003'\n");
	assert_true(result.ignored == 1); /* the metadata */
	assert_false(result.incomplete);
	assert_int_equal(result.err, 0);
	gives(FEED_DROP,
	      "{\"sblid\":\"SBL1\"}\n{\"cidr\":7}\n{\"cidr\":\"x\"}\n[]\n\n{\"type\":\"other\"}\n",
	      "1: there is no 'cidr'\n"
	      "2: 'cidr' is not a string\n"
	      "3: 'x' is not a prefix\n"
	      "4: '[]' is not a JSON object\n");
	assert_true(result.ignored == 1);
}

static void a_drop_list_without_all_its_records_is_incomplete(void **state)
{
	size_t n;
	char *text = load("drop.json", &n);
	char *second = memchr(text, '\n', n);

	(void)state;
	second++;
	read_bytes(FEED_AUTO, second, text + n - second);
	assert_string_equal(result.heard.text,
			    "1 block 2001:db8:2::/47 ticket 'SBL900002'\n"
			    "2 block 198.51.100.0/24 ticket 'SBL900003'\n"
			    "3: the list is not whole: it says it has 3 records, and has 2\n");
	assert_true(result.incomplete);
	assert_int_equal(result.err, -EBADMSG);
	gives(FEED_DROP, "{\"type\":\"metadata\",\"records\":-1}\n",
	      "1: the list is not whole: it says it has -1 records, and has 0\n");
}

static void a_drop_record_that_is_bad_has_come_all_the_same(void **state)
{
	(void)state;
	gives(FEED_DROP, "{\"cidr\":\"2001:db8:zz::/48\"}\n{\"type\":\"metadata\",\"records\":1}\n",
	      "1: '2001:db8:zz::/48' is not a prefix\n");
	assert_false(result.incomplete);
}

static void drop_lists_one_after_the_other_are_each_whole(void **state)
{
	(void)state;
	gives(FEED_DROP,
	      "{\"cidr\":\"2001:db8:1::/48\"}\n{\"type\":\"metadata\",\"records\":1}\n"
	      "{\"cidr\":\"198.51.100.0/24\"}\n{\"type\":\"metadata\",\"records\":1}\n",
	      "1 block 2001:db8:1::/48\n3 block 198.51.100.0/24\n");
	assert_false(result.incomplete);
}

static void the_older_drop_list_has_the_ticket_behind_a_semicolon(void **state)
{
	(void)state;
	file_gives("drop.txt", FEED_DROP_TEXT,
		   "3 block 2001:db8:1::/48 ticket 'SBL900001'\n"
		   "4 block 198.51.100.0/24 ticket 'SBL900002'\n"
		   "5 block 2001:db8:2::/48 ticket 'SBL900003'\n"
		   "6 block 2001:db8:3::/48\n"
		   "7: '2001:db8:zz::/48' is not a prefix\n");
	gives(FEED_DROP_TEXT, "2001:db8:1::/48 # SBL1\n2001:db8:2::/48 ;\n",
	      "1 block 2001:db8:1::/48\n2 block 2001:db8:2::/48\n");
}

static void an_eve_alert_blocks_its_source_and_other_events_say_nothing(void **state)
{
	(void)state;
	file_gives(
		"eve.json", FEED_EVE,
		"2 block 2001:db8:bad:1::66/128 address reason 'EXAMPLE echo flood' ticket '9000001'\n"
		"4 block 198.51.100.7/32 address ticket '9000002'\n"
		"6: 'localhost' is not a prefix\n");
	assert_true(result.ignored == 3);
	assert_true(result.lines == 6);
	gives(FEED_EVE,
	      "{\"event_type\":1}\n{\"event_type\":\"alert\",\"src_ip\":[]}\n{}\n"
	      "{\"event_type\":\"alert\",\"src_ip\":\"::1\",\"alert\":{\"signature\":{}}}\n"
	      "{\"event_type\":\"alert\",\"src_ip\":\"2001:db8::1\",\"alert\":7}\n",
	      "1: 'event_type' is not a string\n"
	      "2: 'src_ip' is not a string\n"
	      "4: 'signature' is not a string\n"
	      "5 block 2001:db8::1/128 address\n");
	assert_true(result.ignored == 1);
}

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
	/* a country, a captcha, one that is over already, one of which there is a new one */
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
	/* a captcha that is over ends no ban, and a ban on trial is none */
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
	/* but for the line end behind it, every byte is needed */
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
	      "3: '7}' has no end, or is not what it seemed; nothing of this document is taken\n");
	gives(FEED_CROWDSEC, "{\"message\":\"forbidden\"}",
	      "1: the document has neither 'new' nor 'deleted': is it CrowdSec's stream?\n");
	gives(FEED_CROWDSEC, "{\"new\":[]}\nmore",
	      "2: 'more' has no end, or is not what it seemed; nothing of this document is taken\n");
	assert_true(result.incomplete);
}

/* operators O14: times as text, and as the numbers that 0.1.0 wrote, beside its "type" */
static void an_export_comes_back_as_it_was(void **state)
{
	static const char *const files[] = {"slash64.json", "slash64-0.1.0.json"};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		file_gives(
			files[i], FEED_SLASH64,
			"2 allow 2001:db8::/32 origin 'operator' reason 'ours' start 1790000000000\n"
			"3 block 2001:db8:bad:1::/64 origin 'operator' reason 'echo flood' ticket 'NOC-4711' "
			"start 1790000000250 until 1790003600000\n"
			"4 throttle 198.51.100.7/32 origin 'spamhaus' start 1790000000000 until 1790003600500 "
			"rate 100 burst 250\n"
			"5 throttle 198.51.100.8/32 origin 'spamhaus' rate 100 burst 200\n");
		assert_true(result.ignored == 2);
	}
}

static void an_export_with_numbers_out_of_range_is_refused(void **state)
{
	(void)state;
	gives(FEED_SLASH64,
	      "{\"type\":\"throttle\",\"prefix\":\"::1\",\"rate\":0}\n"
	      "{\"type\":\"throttle\",\"prefix\":\"::1\",\"rate\":4294967297}\n"
	      "{\"type\":\"throttle\",\"prefix\":\"::1\",\"rate\":1.5}\n"
	      "{\"type\":\"throttle\",\"prefix\":\"::1\",\"rate\":10,\"burst\":-1}\n"
	      "{\"type\":\"throttle\",\"prefix\":\"::1\"}\n"
	      "{\"type\":\"block\",\"prefix\":\"::1\",\"until\":0}\n"
	      "{\"type\":\"block\",\"prefix\":\"::1\",\"until\":-5}\n"
	      "{\"type\":\"block\",\"prefix\":\"::1\",\"until\":1e300}\n"
	      "{\"type\":\"block\",\"prefix\":\"::1\",\"until\":0.0001}\n"
	      "{\"type\":\"block\",\"prefix\":\"::1\",\"until\":\"soon\"}\n"
	      "{\"type\":\"block\",\"prefix\":\"::1\",\"start\":9223372036854775807}\n"
	      "{\"type\":\"block\",\"prefix\":\"::1\",\"until\":99999999999999999999}\n"
	      "{\"type\":\"throttle\",\"prefix\":\"::1\",\"rate\":100000000}\n",
	      "1: 'rate' is not a whole number from 1 to 100000000\n"
	      "2: 'rate' is not a whole number from 1 to 100000000\n"
	      "3: 'rate' is not a whole number from 1 to 100000000\n"
	      "4: 'burst' is not a whole number from 1 to 200000000\n"
	      "5: a throttle needs a 'rate', in packets per second\n"
	      "6: 'until' is no time, such as \"2026-01-01T00:00:00Z\"\n"
	      "7: 'until' is no time, such as \"2026-01-01T00:00:00Z\"\n"
	      "8: 'until' is no time, such as \"2026-01-01T00:00:00Z\"\n"
	      "9: 'until' is no time, such as \"2026-01-01T00:00:00Z\"\n"
	      "10: 'until' is no time, such as \"2026-01-01T00:00:00Z\"\n"
	      "11: 'start' is no time, such as \"2026-01-01T00:00:00Z\"\n"
	      "12: not JSON: too big integer near '99999999999999999999'\n"
	      "13 throttle ::1/128 address rate 100000000 burst 200000000\n");
}

static void an_export_line_must_make_sense(void **state)
{
	(void)state;
	gives(FEED_SLASH64,
	      "{\"prefix\":\"::1\"}\n{\"type\":\"block\"}\n{\"type\":7}\n"
	      "{\"type\":\"block\",\"prefix\":\"::1\",\"origin\":\"a\\nb\"}\n"
	      "{\"type\":\"block\",\"prefix\":\"::1\",\"origin\":\"\"}\n"
	      "{\"type\":\"block\",\"prefix\":\"::1\",\"origin\":\"0123456789012345678901234567890123456789012345678901234567890123\"}\n"
	      "{\"type\":\"block\",\"prefix\":\"::1\",\"reason\":{}}\n"
	      "# by hand\n{\"type\":\"block\",\"prefix\":\"::1\",\"origin\":null}\n",
	      "1: there is no 'kind'\n"
	      "2: there is no 'prefix'\n"
	      "3: 'type' is not a string\n"
	      "4: 'a?b' is not the name of an origin\n"
	      "5: '' is not the name of an origin\n"
	      "6: '012345678901234567890123456789012345678901234567890123456789012...' is not the name of an origin\n"
	      "7: 'reason' is not a string\n"
	      "9 block ::1/128 address\n");
}

/* --- durations --- */

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
			  "1 block ::1/128 address for 1\n"); /* 0 would be no end */
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

/* --- texts --- */

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
		  7, "a?31mb"); /* a command to a terminal, U+009B */
	reason_is("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", 11, "\u00e9 \u20ac \U0001F600");
}

static void what_is_no_utf_8_in_a_reason_becomes_question_marks(void **state)
{
	(void)state;
	reason_is("a\xff"
		  "b",
		  3, "a?b");
	reason_is("a\xc3", 2, "a?");
	reason_is("\xc0\xaf", 2, "??"); /* longer than need be */
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
	expected[FEED_TEXT_MAX - 1] = '\0';
	reason_is(reason, sizeof(reason), expected);
	memcpy(&reason[FEED_TEXT_MAX - 2], "\xc3\xa9", 2); /* of which one byte would fit */
	expected[FEED_TEXT_MAX - 2] = '\0';
	reason_is(reason, sizeof(reason), expected);
	memcpy(&reason[FEED_TEXT_MAX - 3], "\xc3\xa9", 2);
	memcpy(&expected[FEED_TEXT_MAX - 3], "\xc3\xa9", 3);
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

/* --- recognition --- */

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
	/* field L5: one key is no format */
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

/* --- how texts are written --- */

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
	/* only where it is the first thing */
	gives(FEED_PLAIN, "\n\xef\xbb\xbf::1\n", "2: '\xef\xbb\xbf::1' is not a prefix\n");
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

/* `before`, then n times `c`, then `behind`. */
static char *stretched(const char *before, char c, size_t n, const char *behind, size_t *bytes)
{
	size_t first = strlen(before), last = strlen(behind);
	char *text = malloc(first + n + last);

	assert_non_null(text);
	memcpy(text, before, first);
	memset(text + first, c, n);
	memcpy(text + first + n, behind, last);
	*bytes = first + n + last;
	return text;
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

/* Of this program, whatever else the machine does. */
static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Texts that would take a parser that starts over again and again for ever. */
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

/* Files with bytes changed, taken out and doubled: whatever comes of it, it comes of it in pieces
 * too. */
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
	assert_int_equal(feed_end(feed), -EBADMSG);
	close_feed(feed);
	assert_int_equal(result.err, -EBADMSG);
	assert_string_equal(result.heard.text,
			    "1: the document does not end; nothing of it is taken\n");
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
		cmocka_unit_test(a_plain_feed_has_a_prefix_or_an_address_a_line),
		cmocka_unit_test(a_csv_header_names_the_columns),
		cmocka_unit_test(csv_fields_may_end_in_semicolons_and_tabs),
		cmocka_unit_test(csv_without_a_header_has_the_prefix_first),
		cmocka_unit_test(of_several_csv_columns_the_better_name_counts),
		cmocka_unit_test(a_csv_quote_that_is_not_closed_costs_its_line_alone),
		cmocka_unit_test(a_drop_list_has_a_record_a_line),
		cmocka_unit_test(a_drop_list_without_all_its_records_is_incomplete),
		cmocka_unit_test(a_drop_record_that_is_bad_has_come_all_the_same),
		cmocka_unit_test(drop_lists_one_after_the_other_are_each_whole),
		cmocka_unit_test(the_older_drop_list_has_the_ticket_behind_a_semicolon),
		cmocka_unit_test(an_eve_alert_blocks_its_source_and_other_events_say_nothing),
		cmocka_unit_test(a_crowdsec_stream_has_new_decisions_and_some_that_are_over),
		cmocka_unit_test(crowdsec_lists_may_be_null_or_empty),
		cmocka_unit_test(a_prefix_with_a_new_decision_stays_whatever_the_order),
		cmocka_unit_test(crowdsec_documents_may_follow_one_another),
		cmocka_unit_test(a_crowdsec_document_that_is_cut_is_not_taken_at_all),
		cmocka_unit_test(crowdsec_problems_have_the_line_they_are_in),
		cmocka_unit_test(an_export_comes_back_as_it_was),
		cmocka_unit_test(an_export_with_numbers_out_of_range_is_refused),
		cmocka_unit_test(an_export_line_must_make_sense),
		cmocka_unit_test(durations_are_read_as_go_writes_them),
		cmocka_unit_test(a_decision_that_is_over_already_blocks_nothing),
		cmocka_unit_test(what_is_no_duration_is_refused),
		cmocka_unit_test(control_characters_in_a_reason_become_question_marks),
		cmocka_unit_test(what_is_no_utf_8_in_a_reason_becomes_question_marks),
		cmocka_unit_test(a_long_reason_is_cut_between_characters),
		cmocka_unit_test(json_texts_are_cleaned_as_well),
		cmocka_unit_test(a_problem_shows_little_of_the_text_and_no_control_characters),
		cmocka_unit_test(the_format_is_told_from_the_first_line),
		cmocka_unit_test(a_first_line_that_is_broken_does_not_hide_the_format),
		cmocka_unit_test(json_of_no_known_format_is_one_problem),
		cmocka_unit_test(the_format_is_known_as_soon_as_it_can_be),
		cmocka_unit_test(an_empty_text_has_nothing_and_no_problem),
		cmocka_unit_test(every_format_has_its_name),
		cmocka_unit_test(a_byte_order_mark_and_carriage_returns_are_no_matter),
		cmocka_unit_test(a_bad_last_line_without_an_end_was_cut),
		cmocka_unit_test(nul_bytes_are_a_problem_of_their_line),
		cmocka_unit_test(a_line_too_long_is_skipped_to_its_end),
		cmocka_unit_test(a_first_line_too_long_is_skipped_as_well),
		cmocka_unit_test(a_csv_record_over_lines_has_a_bound_too),
		cmocka_unit_test(lines_too_long_are_counted_within_csv_records_too),
		cmocka_unit_test(a_crowdsec_text_has_a_bound),
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
