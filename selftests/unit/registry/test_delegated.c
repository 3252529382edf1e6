// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/registry/delegated.c user/net/prefix.c user/base/error.c */
/* Files of the registries: who holds a prefix. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "registry/delegated.h"

static struct delegation delegation;
static struct error error;
static char path[64];

static int parse(const char *line)
{
	memset(&delegation, 0, sizeof(delegation));
	return delegated_parse(line, &delegation);
}

static void write_file(const char *text, size_t bytes)
{
	int fd;

	strcpy(path, "/tmp/slash64-delegated-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, bytes), bytes);
	close(fd);
}

static int find(const char *text, const char *prefix_text)
{
	struct prefix prefix;
	int err;

	memset(&delegation, 0, sizeof(delegation));
	assert_int_equal(prefix_parse(prefix_text, &prefix, NULL), 0);
	write_file(text, strlen(text));
	err = delegated_find(path, &prefix, &delegation, &error);
	unlink(path);
	return err;
}

static void a_line_is_taken_apart(void **state)
{
	assert_int_equal(parse("ripencc|NL|ipv6|2001:67c:2e8::|48|20100908|assigned|abc-1|e-stats"),
			 0);
	assert_string_equal(delegation.network, "2001:67c:2e8::/48");
	assert_string_equal(delegation.registry, "ripencc");
	assert_string_equal(delegation.country, "NL");
	assert_string_equal(delegation.date, "20100908");
	assert_string_equal(delegation.status, "assigned");
	assert_string_equal(delegation.id, "abc-1");
	assert_int_equal(parse("arin|US|ipv6|2600::|12|20061003|allocated"), 0);
	assert_string_equal(delegation.id, "");
}

static void ipv4_counts_addresses(void **state)
{
	assert_int_equal(parse("apnic|AU|ipv4|1.0.0.0|256|20110811|assigned|A1"), 0);
	assert_string_equal(delegation.network, "1.0.0.0/24");
	assert_int_equal(parse("apnic|AU|ipv4|1.0.1.0|768|20110811|assigned|A1"), 0);
	assert_string_equal(delegation.network, "1.0.1.0 - 1.0.3.255");
	assert_int_equal(parse("arin||ipv4|255.255.255.255|1||assigned|A1"), 0);
	assert_string_equal(delegation.network, "255.255.255.255/32");
	assert_int_equal(parse("arin||ipv4|255.255.255.255|2||assigned|A1"), -EINVAL);
}

static void what_nobody_holds_is_passed_over(void **state)
{
	const char *const lines[] = {"",
				     "# comment",
				     "2|ripencc|1790000000|3|19830705|20261125|+0100",
				     "2.3|arin|1|2|3|4|5",
				     "ripencc|*|ipv6|*|2|summary",
				     "ripencc|NL|asn|3333|1|19930901|allocated|x",
				     "ripencc||ipv6|2001:db8::|32||reserved|",
				     "ripencc||ipv6|2001:db8::|32||available|"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(parse(lines[i]), 1);
}

static void a_malformed_line_is_refused(void **state)
{
	const char *const lines[] = {
		"ripencc|NL|ipv6|2001:db8::|129|20100908|assigned|x",
		"ripencc|NL|ipv6|2001:db8::|-1|20100908|assigned|x",
		"ripencc|NL|ipv6|2001:db8::|+32|20100908|assigned|x",
		"ripencc|NL|ipv6|2001:db8::|32 |20100908|assigned|x",
		"ripencc|NL|ipv6|2001:db8::1|32|20100908|assigned|x",
		"ripencc|NL|ipv6|1.2.3.4|32|20100908|assigned|x",
		"ripencc|NL|ipv4|1.2.3.4|0|20100908|assigned|x",
		"ripencc|NL|ipv4|1.2.3|1|20100908|assigned|x",
		"ripencc|NL|ipx|1.2.3.4|1|20100908|assigned|x",
		"ripencc|NL|ipv6|2001:db8::|32|20100908|assigned|a\033[2Jb",
		"abcdefghijklmnopqrstuvwxyz|NL|ipv6|2001:db8::|32|20100908|assigned|x",
		"ripencc|NL|ipv6|2001:db8::|32|20100908",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(parse(lines[i]), -EINVAL);
}

#define V6(prefix, length, id) "ripencc|NL|ipv6|" prefix "|" length "|20100908|assigned|" id "\n"

static void the_smallest_that_contains_it_is_found(void **state)
{
	const char *const file = V6("2001:db8:bad::", "48", "small") V6("2001:db8::", "32", "large")
		V6("2001:db8:bad:8000::", "49", "other half")
			V6("::ffff:0:0", "96",
			   "mapped") "ripencc|NL|ipv4|192.0.2.0|256|20100908|assigned|four\n";

	assert_int_equal(find(file, "2001:db8:bad:1::/64"), 0);
	assert_string_equal(delegation.id, "small");
	assert_int_equal(find(file, "2001:db8:bad::/47"), 0);
	assert_string_equal(delegation.id, "large");
	assert_int_equal(find(file, "2001:db8:1::/64"), 0);
	assert_string_equal(delegation.id, "large");
	assert_int_equal(find(file, "192.0.2.7"), 0);
	assert_string_equal(delegation.id, "four");
	assert_int_equal(find(file, "192.0.2.0/23"), 1);
	assert_int_equal(find(file, "2001:db9::/64"), 1);
}

static void odd_files(void **state)
{
	const char with_zero[] =
		"ripencc|NL|ipv6|\0|32|20100908|assigned|x\n" V6("2001:db8::", "32", "y");
	char *huge = malloc(5000 + sizeof(with_zero));
	struct prefix prefix;

	assert_int_equal(prefix_parse("2001:db8:1::/64", &prefix, NULL), 0);
	write_file(with_zero, sizeof(with_zero) - 1);
	assert_int_equal(delegated_find(path, &prefix, &delegation, &error), 0);
	unlink(path);
	/* a line without end, then one that counts; and a last line without its end */
	memset(huge, 'x', 5000);
	strcpy(huge + 5000, "\nripencc|NL|ipv6|2001:db8::|32|20100908|assigned|z");
	assert_int_equal(find(huge, "2001:db8:1::/64"), 0);
	assert_string_equal(delegation.id, "z");
	free(huge);
	assert_int_equal(find("no such file\n", "2001:db8:1::/64"), -EINVAL);
	assert_int_equal(find("", "2001:db8:1::/64"), -EINVAL);
	assert_int_equal(delegated_find("/nonexistent/x", &prefix, &delegation, &error), -ENOENT);
	assert_int_equal(delegated_find("/", &prefix, &delegation, &error), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_taken_apart),
		cmocka_unit_test(ipv4_counts_addresses),
		cmocka_unit_test(what_nobody_holds_is_passed_over),
		cmocka_unit_test(a_malformed_line_is_refused),
		cmocka_unit_test(the_smallest_that_contains_it_is_found),
		cmocka_unit_test(odd_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
