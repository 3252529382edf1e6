// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/feed/feed.c user/feed/text.c user/feed/extent.c user/feed/documents.c user/feed/detect.c user/feed/plain.c user/feed/csv.c user/feed/json.c user/feed/crowdsec.c user/net/prefix.c user/base/text/when.c user/base/text/when_format.c user/base/text/duration.c user/base/array.c */
/* Lists as others publish them (field L3 to L9): each entry is as wide as written, or its line is
 * refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "feed/feed.h"

#define DATA	  "selftests/data/feeds/"
#define HEARD_MAX 16384

struct heard {
	char text[HEARD_MAX];
	size_t n;
};

static bool on_entry(const struct feed_entry *entry, void *data)
{
	struct heard *heard = data;
	char prefix[PREFIX_TEXT_MAX];

	heard->n += snprintf(heard->text + heard->n, HEARD_MAX - heard->n, "%u %s%s\n", entry->line,
			     prefix_format(&entry->prefix, prefix),
			     entry->for_ms   ? " for" :
			     entry->until_ms ? " until" :
					       "");
	assert_true(heard->n < HEARD_MAX);
	return true;
}

static void on_problem(unsigned int line, const char *text, void *data)
{
	struct heard *heard = data;

	heard->n += snprintf(heard->text + heard->n, HEARD_MAX - heard->n, "%u: %s\n", line, text);
	assert_true(heard->n < HEARD_MAX);
}

/* As a whole, and byte by byte. */
static void gives(const char *text, const char *expected)
{
	static const struct feed_callbacks callbacks = {.entry = on_entry, .problem = on_problem};
	size_t n = strlen(text), pieces[] = {n, 1};

	for (int i = 0; i < 2; i++) {
		struct heard heard = {};
		struct feed *feed = feed_open(FEED_AUTO, &callbacks, &heard);

		assert_non_null(feed);
		for (size_t at = 0; at < n; at += pieces[i])
			feed_text(feed, text + at, pieces[i]);
		feed_end(feed, NULL);
		feed_close(feed);
		assert_string_equal(heard.text, expected);
	}
}

static void file_gives(const char *name, const char *expected)
{
	char path[256], text[8192];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), DATA "%s", name);
	file = fopen(path, "re");
	assert_non_null(file);
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	fclose(file);
	gives(text, expected);
}

static void a_range_is_the_prefixes_it_is_made_of(void **state) /* field L3 */
{
	(void)state;
	file_gives("a2_dshield_nohead.txt", "8 203.0.113.0/24\n9 198.51.100.0/24\n");
	file_gives("b_ip2asn-v6.tsv", "1 2001:db8:1000::/36\n2 2001:db8:4000::/36\n");
	gives("203.0.113.0-203.0.113.255\n2001:db8::1 - 2001:db8::6\n",
	      "1 203.0.113.0/24\n2 2001:db8::1/128\n2 2001:db8::2/127\n2 2001:db8::4/127\n2 2001:db8::6/128\n");
	gives("start,end,name\n198.51.100.0,198.51.101.127,x\n",
	      "2 198.51.100.0/24\n2 198.51.101.0/25\n");
	gives("start,end\n198.51.100.9,198.51.100.1\n",
	      "2: '198.51.100.1' may be the end of a range, or another address; name the columns (column 2)\n");
	gives("198.51.100.1 198.51.100.9\n",
	      "1: '198.51.100.1 198.51.100.9' may be a range, or two addresses; write FROM-TO, or one a line\n");
	gives("2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff\n", "1 2001:db8::/32\n");
}

static void a_length_in_another_column_is_read_or_refused(void **state) /* field L3 */
{
	(void)state;
	file_gives("c_f5.csv", "1 192.0.2.128/32\n2 198.51.100.0/24\n3 2001:db8:77::/48\n");
	gives("198.51.100.0,255.255.255.0,x\n", "1 198.51.100.0/24\n");
	gives("network,netmask\n198.51.100.0,255.255.254.0\n2001:db8::,32\n",
	      "2 198.51.100.0/23\n3 2001:db8::/32\n");
	gives("198.51.100.7,24\n2001:db8::1,100\n198.51.100.7,9424\n198.51.100.9,scan\n",
	      "1: '24' may be the length of the address before it; name the columns (column 2)\n"
	      "2: '100' may be the length of the address before it; name the columns (column 2)\n"
	      "3 198.51.100.7/32\n4 198.51.100.9/32\n");
	gives("network,length\n198.51.100.0,x\n",
	      "2: 'x' is neither a length nor an end of the address (column 2)\n");
}

static void a_line_of_prefixes_is_a_list(void **state) /* field L4 */
{
	static const char *const lines[] = {
		"2001:db8:bad::/48, 2001:db8:bad2::/48, 2001:db8:bad3::/48",
		"2001:db8:bad::/48;2001:db8:bad2::/48;2001:db8:bad3::/48\n",
		"2001:db8:bad::/48\t2001:db8:bad2::/48\t2001:db8:bad3::/48\n",
		"2001:db8:bad::/48 2001:db8:bad2::/48  2001:db8:bad3::/48,\n"};

	(void)state;
	file_gives("t3_comma_one_line.txt",
		   "1 2001:db8:bad::/48\n1 2001:db8:bad2::/48\n1 2001:db8:bad3::/48\n");
	for (int i = 0; i < 4; i++)
		gives(lines[i],
		      "1 2001:db8:bad::/48\n1 2001:db8:bad2::/48\n1 2001:db8:bad3::/48\n");
	gives("::1 ; a comment\n::2 # 2001:db8::/32\n", "1 ::1/128\n2 ::2/128\n");
}

static void formats_that_people_have_are_read(void **state) /* field L9, L5 */
{
	(void)state;
	file_gives(
		"d_cscli_raw.csv",
		"2 2001:db8:bad:1::66/128 for\n3 2001:db8:bad2::/48 for\n4 203.0.113.9/32 for\n");
	file_gives("f_decisions_array.json",
		   "1 2001:db8:bad:1::66/128 for\n1 2001:db8:bad2::/48 for\n");
	file_gives("j_abuseipdb.json", "1 2001:db8:bad:1::66/128\n1 203.0.113.7/32\n");
	file_gives("k_misp.csv", "2 2001:db8:bad:1::66/128\n3 203.0.113.0/24\n");
	file_gives("l_stix_compact.json", "1 2001:db8:bad:1::/64\n");
	gives("ip,country_code,abuse_confidence_score,last_reported_at\n2001:db8::7,ZZ,100,2026-11-26T09:58:02+00:00\n",
	      "2 2001:db8::7/128\n");
	gives("{\"type\":\"bundle\",\"objects\":[{\"type\":\"indicator\",\"pattern\":\"[ipv4-addr:value = '203.0.113.7' OR "
	      "ipv6-addr:value ISSUBSET '2001:db8::/48']\",\"valid_until\":\"2030-01-01T00:00:00Z\"},"
	      "{\"type\":\"indicator\",\"pattern\":\"[ipv4-addr:value = '203.0.113.8' AND x:y = 1]\"}]}",
	      "1 203.0.113.7/32 until\n1 2001:db8::/48 until\n"
	      "1: '[ipv4-addr:value = '203.0.113.8' AND x:y = 1]' is a pattern of more than addresses\n");
	gives("id,ip,action\n1,::1,captcha\n2,x,ban\n3,AS:64500,ban\n",
	      "2: 'captcha' is not an action that blocks (column 3)\n3: 'x' is not a prefix (column 2)\n");
}

static void the_attacker_of_an_alert_is_the_other_side(void **state) /* field L8 */
{
	(void)state;
	gives("{\"event_type\":\"alert\",\"src_ip\":\"2001:db8::1\",\"dest_ip\":\"2001:db8::2\",\"direction\":\"to_client\"}\n"
	      "{\"event_type\":\"alert\",\"src_ip\":\"2001:db8::3\",\"dest_ip\":\"2001:db8::4\",\"direction\":\"to_server\"}\n",
	      "1 2001:db8::2/128\n2 2001:db8::3/128\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_is_the_prefixes_it_is_made_of),
		cmocka_unit_test(a_length_in_another_column_is_read_or_refused),
		cmocka_unit_test(a_line_of_prefixes_is_a_list),
		cmocka_unit_test(formats_that_people_have_are_read),
		cmocka_unit_test(the_attacker_of_an_alert_is_the_other_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
