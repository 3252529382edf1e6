// SPDX-License-Identifier: GPL-2.0-only
/* Where a block takes effect: interfaces that enforce, that only monitor, and those that do not
 * check IPv4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/attach/reach.h"

static struct s64_meta meta = {.iface_slots = 40};
static struct maps maps = {.meta = &meta};
static struct iface iface[40];
static struct ifaces ifaces;
static struct reach reach;
static char text[512];

static struct iface *add(const char *name, enum policy_filter filter, bool ipv4)
{
	static const struct iface none;
	int i = 0;

	while (ifaces.entry[i])
		i++;
	iface[i] = none;
	strcpy(iface[i].name, name);
	iface[i].policy.filter = filter;
	iface[i].ipv4_enforce = ipv4;
	iface[i].attached = true;
	ifaces.entry[i] = &iface[i];
	return &iface[i];
}

static int set_up(void **state)
{
	ifaces = (struct ifaces){.maps = &maps};
	return 0;
}

static const char *words(bool ipv4)
{
	reach_of(&ifaces, ipv4, &reach);
	return reach_words(&reach, ipv4, text, sizeof(text));
}

static void where_everything_enforces_there_is_nothing_to_say(void **state)
{
	add("wan0", FILTER_ENFORCE, true);
	add("wan1", FILTER_ENFORCE, true);
	assert_string_equal(words(false), "");
	assert_string_equal(words(true), "");
	assert_int_equal(reach.enforcing, 2);
	assert_string_equal(reach.enforcing_names, "wan0, wan1");
}

static void on_no_interface_everything_passes(void **state)
{
	assert_non_null(strstr(words(false), "on no interface"));
	add("wan0", FILTER_ENFORCE, true)->attached = false;
	assert_non_null(strstr(words(false), "on no interface"));
}

static void monitoring_is_told_apart(void **state)
{
	add("wan0", FILTER_MONITOR, false);
	assert_non_null(strstr(words(false), "wan0 only monitors"));
	add("wan1", FILTER_MONITOR, false);
	assert_non_null(strstr(words(false), "wan0, wan1 only monitor"));
	assert_null(strstr(words(false), "monitors"));
	add("lan0", FILTER_ENFORCE, false);
	assert_non_null(strstr(words(false), "but not on wan0, wan1"));
}

static void ipv4_counts_where_it_is_looked_at(void **state)
{
	add("wan0", FILTER_ENFORCE, false);
	assert_non_null(strstr(words(true), "no interface looks at IPv4"));
	assert_string_equal(words(false), "");
	add("wan1", FILTER_ENFORCE, true);
	assert_string_equal(words(true), "in IPv4 on wan1 alone");
	assert_int_equal(reach.others, 1);
}

static void names_without_room_are_dots_once(void **state)
{
	for (int i = 0; i < 40; i++)
		add("interface-0123", FILTER_ENFORCE, true);
	words(false);
	assert_int_equal(reach.enforcing, 40);
	assert_string_equal(reach.enforcing_names + strlen(reach.enforcing_names) - 5, ", ...");
	assert_non_null(strstr(reach.enforcing_names, ", interface"));
	assert_ptr_equal(strstr(reach.enforcing_names, "..."),
			 reach.enforcing_names + strlen(reach.enforcing_names) - 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(where_everything_enforces_there_is_nothing_to_say,
						set_up, NULL),
		cmocka_unit_test_setup_teardown(on_no_interface_everything_passes, set_up, NULL),
		cmocka_unit_test_setup_teardown(monitoring_is_told_apart, set_up, NULL),
		cmocka_unit_test_setup_teardown(ipv4_counts_where_it_is_looked_at, set_up, NULL),
		cmocka_unit_test_setup_teardown(names_without_room_are_dots_once, set_up, NULL),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
