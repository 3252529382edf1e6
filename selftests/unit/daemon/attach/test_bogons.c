// SPDX-License-Identifier: GPL-2.0-only
/* Whether an address would be dropped as a bogon, and on which interfaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/attach/bogons.h"

static struct s64_meta meta = {.iface_slots = 32};
static struct maps maps = {.meta = &meta};
static struct iface iface[32];
static struct ifaces ifaces;
static struct source_rules rules;
static struct prefix_set allowed;
static char text[512];

static int set_up(void **state)
{
	memset(iface, 0, sizeof(iface));
	ifaces = (struct ifaces){.maps = &maps};
	source_rules_init(&rules);
	return 0;
}

static int tear_down(void **state)
{
	prefix_set_free(&allowed);
	return 0;
}

static struct prefix prefix_of(const char *address)
{
	struct prefix prefix;

	assert_int_equal(prefix_parse_whole(address, &prefix, NULL), 0);
	return prefix;
}

static struct policy *add(const char *name)
{
	int i = 0;

	while (ifaces.entry[i])
		i++;
	ifaces.entry[i] = &iface[i];
	strcpy(iface[i].name, name);
	iface[i].policy = (struct policy){.bogons = BOGONS_ENFORCE};
	return &iface[i].policy;
}

static enum bogon where(const char *address)
{
	struct prefix prefix = prefix_of(address);

	text[0] = '\0';
	return bogon_where(&ifaces, &rules, &allowed, &prefix, text, sizeof(text));
}

static void a_bogon_is_dropped_where_bogons_are_enforced(void **state)
{
	assert_int_equal(where("fd00::1"), BOGON_NOT);
	add("wan0");
	assert_int_equal(where("fd00::1"), BOGON_DROPPED);
	assert_non_null(strstr(text, "unique local"));
	assert_non_null(strstr(text, "on wan0,"));
	assert_int_equal(where("4000::1"), BOGON_DROPPED);
	assert_non_null(strstr(text, "not assigned"));
	assert_int_equal(where("2400::1"), BOGON_NOT);
	assert_string_equal(text, "");
	assert_int_equal(where("192.0.2.1"), BOGON_NOT);
}

static void monitoring_drops_nothing(void **state)
{
	add("wan0")->bogons = BOGONS_MONITOR;
	add("wan1")->filter = FILTER_MONITOR;
	add("wan2")->bogons = BOGONS_OFF;
	assert_int_equal(where("fd00::1"), BOGON_NOT);
}

static void allowed_and_translated_addresses_are_no_bogons(void **state)
{
	struct prefix ours = prefix_of("fd00:1::/32"), translator = prefix_of("64:ff9b:1::/96"), v4;
	struct error error;

	add("wan0");
	prefix_set_add(&allowed, &ours);
	assert_int_equal(where("fd00:1::7"), BOGON_NOT);
	assert_int_equal(where("fd00:2::7"), BOGON_DROPPED);
	assert_int_equal(where("64:ff9b:1::1.2.3.4"), BOGON_DROPPED);
	assert_int_equal(source_rules_add(&rules, &translator, S64_SOURCE_KIND_NAT64, 0, &error),
			 0);
	assert_int_equal(where("64:ff9b:1::1.2.3.4"), BOGON_NOT);
	v4 = prefix_of("64:ff9b:1::1.2.3.4");
	assert_true(bogon_is_translated(&rules, &v4));
	v4 = prefix_of("1.2.3.4");
	assert_false(bogon_is_translated(&rules, &v4));
}

static void link_local_is_one_beyond_its_link_and_only_on_routers(void **state)
{
	add("host0")->profile = PROFILE_HOST;
	add("bridge0")->profile = PROFILE_BRIDGE;
	assert_int_equal(where("fe80::1"), BOGON_NOT);
	assert_int_equal(where("fd00::1"), BOGON_DROPPED);
	assert_non_null(strstr(text, "host0, bridge0"));
	add("wan0");
	assert_int_equal(where("fe80::1"), BOGON_BEYOND);
	assert_non_null(strstr(text, "on wan0"));
	assert_null(strstr(text, "host0"));
}

static void interfaces_without_room_are_counted(void **state)
{
	for (int i = 0; i < 30; i++)
		add("interface-0123");
	assert_int_equal(where("fd00::1"), BOGON_DROPPED);
	assert_non_null(strstr(text, "interface-0123 and 2"));
	assert_non_null(strstr(text, " more"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_bogon_is_dropped_where_bogons_are_enforced,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(monitoring_drops_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(allowed_and_translated_addresses_are_no_bogons,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			link_local_is_one_beyond_its_link_and_only_on_routers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(interfaces_without_room_are_counted, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
