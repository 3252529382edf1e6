// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/feed/feed.c user/feed/text.c user/feed/extent.c user/feed/documents.c user/feed/detect.c user/feed/plain.c user/feed/csv.c user/feed/json.c user/feed/crowdsec.c user/net/prefix.c user/base/text/when.c user/base/text/when_format.c user/base/text/duration.c user/base/array.c */
/* CSV: which column is the prefix, and how fields end and are quoted. */

#include "heard.h"

static void a_csv_header_names_the_columns(void **state)
{
	(void)state;
	file_gives("comma.csv", FEED_CSV,
		   "3 block 2001:db8:1::/48 reason 'echo flood, again' ticket 'T-1' for 604800000\n"
		   "4 block 198.51.100.0/24 reason 'he said \"stop\"' ticket 'T-2'\n"
		   "5 block 2001:db8:2::/48 reason 'over?two lines' for 5400000\n"
		   "7: 'soon' is not a span of time, such as 90s or 7d\n"
		   "8: '2001:db8:4::zz' is not a prefix (column 2)\n"
		   "9: missing column 2, the prefix\n"
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
	/* the first valid line decides */
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
	/* if no column has the name of one, the first column is the prefix */
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
	/* within a field it is an ordinary character */
	gives(FEED_CSV, "prefix,reason\n2001:db8:1::/48,5\" disk\n",
	      "2 block 2001:db8:1::/48 reason '5\" disk'\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_csv_header_names_the_columns),
		cmocka_unit_test(csv_fields_may_end_in_semicolons_and_tabs),
		cmocka_unit_test(csv_without_a_header_has_the_prefix_first),
		cmocka_unit_test(of_several_csv_columns_the_better_name_counts),
		cmocka_unit_test(a_csv_quote_that_is_not_closed_costs_its_line_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
