// SPDX-License-Identifier: GPL-2.0-only
/* The differences between two configurations, one row each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "config_test.h"
#include "config/config_diff.h"

static json_t *differences;

static void diff(const char *before, const char *after)
{
	json_t *a, *b;

	json_decref(differences);
	take(before);
	a = config_to_rows(&config, NULL);
	config_free(&config);
	take(after);
	b = config_to_rows(&config, NULL);
	config_free(&config);
	differences = config_diff(a, b, NULL);
	json_decref(a);
	json_decref(b);
}

/* Row i equals "INTERFACE NAME WHAT: NOW > WOULD_BE", with " restart" if it needs one. */
static void is(size_t i, const char *expected)
{
	const json_t *row = json_array_get(differences, i);
	const char *iface = json_string_value(json_object_get(row, "interface"));
	char text[512];

	assert_non_null(row);
	snprintf(text, sizeof(text), "%s %s %s: %s > %s%s", iface ? iface : "-",
		 json_string_value(json_object_get(row, "name")),
		 json_string_value(json_object_get(row, "what")),
		 json_string_value(json_object_get(row, "now")),
		 json_string_value(json_object_get(row, "would_be")),
		 json_is_true(json_object_get(row, "restart")) ? " restart" : "");
	assert_string_equal(text, expected);
}

static void are(size_t count)
{
	assert_int_equal(json_array_size(differences), count);
}

static void equal_configurations_have_none(void **state)
{
	diff("allow: ['2400::/32']\nlimits: {udp: {rate: 5}}\n",
	     "limits: {udp: {rate: 5/s}}\nallow: [2400::/32]\n");
	are(0);
}

static void an_entry_comes_and_goes(void **state)
{
	diff("allow: ['2400::/32']", "block: [{prefix: '2400:1::/32', reason: bad}]");
	are(2);
	is(0, "- block 2400:1::/32 value: none > blocked: bad");
	is(1, "- allow 2400::/32 value: allowed > none");
}

static void what_a_reload_cannot_change_says_so(void **state)
{
	diff("{}",
	     "{maps: {blocks: 5000}, state: /s, metrics: off, page: off, control: /c, on_exit: detach}");
	are(7);
	is(0, "- control.socket value: /run/slash64/control.sock > /c restart");
	/* next to the control socket */
	is(1, "- control.read_socket value: /run/slash64/read.sock > /read.sock restart");
	is(2, "- metrics.listen value: [::1]:9664 > off restart");
	is(3, "- page.listen value: [::1]:9665 > off");
	is(4, "- state value: /var/lib/slash64 > /s restart");
	is(5, "- maps.blocks value: 1048576 > 5000 restart");
	is(6, "- on_exit value: keep > detach");
}

static void a_class_differs_in_each_of_its_values_alone(void **state)
{
	diff("{}", "policy: {classes: {udp: {local: drop}}}");
	are(1);
	is(0, "- udp to the router: pass > drop");
	diff("limits: {echo-request: {rate: 50, rate_48: 500}}",
	     "limits: {echo-request: {rate: 60, rate_48: 500, burst: 100, burst_48: 1000}}");
	are(1);
	is(0, "- echo-request limit of a source: 50/s burst 100 > 60/s burst 100");
	diff("limits: {echo-request: {rate: 50, rate_48: 0}}",
	     "limits: {echo-request: {rate: 50, rate_48: 70}}");
	are(1);
	is(0, "- echo-request limit of a /48: none > 70/s burst 140");
}

static void a_row_that_an_interface_lacks_is_that_of_all(void **state)
{
	diff("interfaces: [{name: a}]", "interfaces: [{name: a, policy: {classes: {udp: drop}}}]");
	are(2);
	is(0, "a udp in transit: pass > drop");
	is(1, "a udp to the router: pass > drop");
	diff("interfaces: [{name: a, policy: {classes: {udp: drop}}}]", "interfaces: [{name: a}]");
	are(2);
	is(0, "a udp in transit: drop > pass");
	/* if all interfaces get the value, removing the row of one interface changes nothing */
	diff("interfaces: [{name: a, policy: {bogons: enforce}}]",
	     "{interfaces: [{name: a}], policy: {bogons: enforce}}");
	are(1);
	is(0, "- bogons value: off > enforce");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_configurations_have_none),
		cmocka_unit_test(an_entry_comes_and_goes),
		cmocka_unit_test(what_a_reload_cannot_change_says_so),
		cmocka_unit_test(a_class_differs_in_each_of_its_values_alone),
		cmocka_unit_test(a_row_that_an_interface_lacks_is_that_of_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
