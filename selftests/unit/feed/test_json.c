// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/feed/feed.c user/feed/text.c user/feed/extent.c user/feed/documents.c user/feed/detect.c user/feed/plain.c user/feed/csv.c user/feed/json.c user/feed/crowdsec.c user/net/prefix.c user/base/text/when.c user/base/text/when_format.c user/base/text/duration.c user/base/array.c */
/* JSON with a record on each line: Spamhaus DROP, Suricata EVE, and the export of slash64. */

#include "heard.h"

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
	      "1: missing 'cidr'\n"
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
			    "3: the list is incomplete: it states 3 records, and has 2\n");
	assert_true(result.incomplete);
	assert_int_equal(result.err, -EBADMSG);
	gives(FEED_DROP, "{\"type\":\"metadata\",\"records\":-1}\n",
	      "1: the list is incomplete: it states -1 records, and has 0\n");
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

/* operators O14: times as text, and as the numbers that 0.1.0 wrote, next to its "type" */
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
			"5 throttle 198.51.100.8/32 origin 'spamhaus' rate 100 burst 200\n"
			"6: 'of a later version' is an unknown kind; there are block, throttle, unblock, allow and interface\n");
		assert_true(result.ignored == 1);
	}
}

/* issue 18: a text can be a difference */
static void a_line_can_end_an_entry(void **state)
{
	gives(FEED_SLASH64,
	      "{\"kind\":\"unblock\",\"prefix\":\"2001:db8::1\"}\n"
	      "{\"kind\":\"unblock\",\"prefix\":\"2001:db8::1/128\"}\n"
	      "{\"kind\":\"unblock\"}\n",
	      "1 remove 2001:db8::1/128 address\n"
	      "2 remove 2001:db8::1/128\n"
	      "3: missing 'prefix'\n");
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
	      "6: 'until' is not a time, like \"2026-01-01T00:00:00Z\"\n"
	      "7: 'until' is not a time, like \"2026-01-01T00:00:00Z\"\n"
	      "8: 'until' is not a time, like \"2026-01-01T00:00:00Z\"\n"
	      "9: 'until' is not a time, like \"2026-01-01T00:00:00Z\"\n"
	      "10: 'until' is not a time, like \"2026-01-01T00:00:00Z\"\n"
	      "11: 'start' is not a time, like \"2026-01-01T00:00:00Z\"\n"
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
	      "1: missing 'kind'\n"
	      "2: missing 'prefix'\n"
	      "3: 'type' is not a string\n"
	      "4: 'a?b' is not a valid origin\n"
	      "5: '' is not a valid origin\n"
	      "6: '012345678901234567890123456789012345678901234567890123456789012...' is not a valid origin\n"
	      "7: 'reason' is not a string\n"
	      "9 block ::1/128 address\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_drop_list_has_a_record_a_line),
		cmocka_unit_test(a_drop_list_without_all_its_records_is_incomplete),
		cmocka_unit_test(a_drop_record_that_is_bad_has_come_all_the_same),
		cmocka_unit_test(drop_lists_one_after_the_other_are_each_whole),
		cmocka_unit_test(an_eve_alert_blocks_its_source_and_other_events_say_nothing),
		cmocka_unit_test(an_export_comes_back_as_it_was),
		cmocka_unit_test(a_line_can_end_an_entry),
		cmocka_unit_test(an_export_with_numbers_out_of_range_is_refused),
		cmocka_unit_test(an_export_line_must_make_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
