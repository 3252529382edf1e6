// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/prefix.c user/daemon/import_entries.c */
/* The entries of a list, as they are held against the store: in order, and each of them once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/import_entries.h"

/* All of it in one turn. */
void changes_breathe(struct changes *changes)
{
	(void)changes;
}

static struct prefix prefix_of(const char *text)
{
	struct prefix prefix;

	assert_int_equal(prefix_parse_whole(text, &prefix, NULL), 0);
	return prefix;
}

static void add(struct import_entries *entries, const char *site, const char *said, enum feed_kind kind, uint32_t rate)
{
	struct import_entry *entry = import_entries_add(entries);

	assert_non_null(entry);
	entry->prefix = prefix_of(site);
	entry->said = prefix_of(said);
	entry->kind = kind;
	entry->rate = rate;
	entry->line = entries->count;
}

/* A list of one origin that is not sorted is sorted by the digits of its prefixes; what was said of one of them was left in
 * the order of the lines, and an address that came twice was put twice, the weaker last (field L1).
 */
static void addresses_of_one_site_are_in_order_and_once(void **state)
{
	struct import_entries entries = {};

	(void)state;
	add(&entries, "2001:db8:b::/64", "2001:db8:b::9", FEED_BLOCK, 0);
	add(&entries, "2001:db8:a::/64", "2001:db8:a::2", FEED_BLOCK, 0);
	add(&entries, "2001:db8:a::/64", "2001:db8:a::1", FEED_BLOCK, 0);
	add(&entries, "2001:db8:a::/64", "2001:db8:a::2", FEED_THROTTLE, 100);
	add(&entries, "2001:db8:a::/64", "2001:db8:a::1", FEED_THROTTLE, 50);
	import_entries_sort(&entries, NULL);
	assert_int_equal(entries.count, 3);
	for (size_t i = 0; i < 2; i++) {
		struct prefix said = prefix_of(i ? "2001:db8:a::2" : "2001:db8:a::1");

		assert_int_equal(prefix_compare(&entries.entry[i].said, &said), 0);
		assert_int_equal(entries.entry[i].kind, FEED_BLOCK);
	}
	import_entries_free(&entries);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_one_site_are_in_order_and_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
