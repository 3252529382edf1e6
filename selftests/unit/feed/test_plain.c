// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/feed/feed.c user/feed/text.c user/feed/extent.c user/feed/documents.c user/feed/detect.c user/feed/plain.c user/feed/csv.c user/feed/json.c user/feed/crowdsec.c user/net/prefix.c user/base/text/when.c user/base/text/when_format.c user/base/text/duration.c user/base/array.c */
/* Plain lists: a prefix or an address on each line. */

#include "heard.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_feed_has_a_prefix_or_an_address_a_line),
		cmocka_unit_test(the_older_drop_list_has_the_ticket_behind_a_semicolon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
