// SPDX-License-Identifier: GPL-2.0-only
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/rtbh/settings.h"

static int load(struct settings *settings, const char *text, struct error *error)
{
	char path[] = "/tmp/s64-rtbh-XXXXXX";
	int fd = mkstemp(path), err;

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	err = rtbh_settings_load(settings, path, error);
	unlink(path);
	return err;
}

static void refuses(const char *text, const char *part)
{
	struct settings settings;
	struct error error;

	assert_true(load(&settings, text, &error));
	if (!strstr(error.text, part))
		fail_msg("'%s' has no '%s'", error.text, part);
}

static void the_example_of_the_issue_is_taken(void **state)
{
	struct settings settings;
	struct error error;

	if (load(&settings,
		 "rtbh: [{table: 666, protocol: bird, origin: rtbh, action: block, hold: 10m}]\n",
		 &error))
		fail_msg("%s", error.text);
	assert_int_equal(settings.feed_count, 1);
	assert_int_equal(settings.feed[0].table, 666);
	assert_int_equal(settings.feed[0].protocol, RTPROT_BIRD);
	assert_int_equal(settings.feed[0].hold_ms, 600000);
	assert_int_equal(settings.feed[0].action[RTN_BLACKHOLE], ROUTE_BLOCK);
	assert_int_equal(settings.feed[0].action[RTN_UNREACHABLE], ROUTE_BLOCK);
	assert_int_equal(settings.feed[0].action[RTN_UNICAST], ROUTE_NOTHING);
	assert_string_equal(settings.feed[0].alive, SETTINGS_ALIVE_BIRD);
	rtbh_settings_free(&settings);
}

static void each_type_of_route_may_mean_something_else(void **state)
{
	struct settings settings;
	struct error error;

	if (load(&settings,
		 "socket: /run/a.sock\nmetrics: '[::1]:9667'\n"
		 "rtbh:\n"
		 "- table: 4294967295\n  protocol: 200\n  origin: rtbh-a\n  alive: off\n"
		 "  action: {blackhole: block, prohibit: throttle}\n"
		 "  throttle: {rate: 6000/min}\n  dampen: 5m\n  max: 10k\n  sentinel: 100::1\n"
		 "- {table: 667, protocol: any, origin: rtbh-b, action: monitor, alive: /run/frr/bgpd.vty}\n",
		 &error))
		fail_msg("%s", error.text);
	assert_int_equal(settings.feed_count, 2);
	assert_int_equal(settings.feed[0].table, UINT32_MAX);
	assert_int_equal(settings.feed[0].protocol, 200);
	assert_int_equal(settings.feed[0].action[RTN_PROHIBIT], ROUTE_THROTTLE);
	assert_int_equal(settings.feed[0].action[RTN_UNREACHABLE], ROUTE_NOTHING);
	assert_int_equal(settings.feed[0].rate, 100);
	assert_int_equal(settings.feed[0].burst, 200);
	assert_string_equal(settings.feed[0].alive, "");
	assert_true(settings.feed[0].has_sentinel);
	assert_int_equal(settings.feed[0].sentinel.length, 128);
	assert_int_equal(settings.feed[1].protocol, PROTOCOL_ANY);
	assert_int_equal(settings.feed[1].action[RTN_BLACKHOLE], ROUTE_MONITOR);
	rtbh_settings_free(&settings);
}

static void what_makes_no_sense_is_refused(void **state)
{
	refuses("metrics: off\n", "no table is named");
	refuses("rtbh: []\n", "no table is named");
	refuses("rtbh: [{table: 666}]\n", "needs a table and an origin");
	refuses("rtbh: [{origin: rtbh-a}]\n", "needs a table and an origin");
	refuses("rtbh: [{table: 254, origin: rtbh-a}]\n", "forwards packets");
	refuses("rtbh: [{table: 0, origin: rtbh-a}]\n", "table");
	refuses("rtbh: [{table: 666, origin: rtbh-a, protocol: brid}]\n",
		"protocol: 'brid' is not any");
	refuses("rtbh: [{table: 666, origin: rtbh-a, protocol: 256}]\n",
		"protocol: '256' is not any");
	refuses("rtbh: [{table: 666, origin: rtbh-a, protocol: zebra}]\n", "alive is missing");
	refuses("rtbh: [{table: 666, origin: rtbh-a, action: drop}]\n", "action");
	refuses("rtbh: [{table: 666, origin: rtbh-a, action: throttle}]\n",
		"throttle needs a rate");
	refuses("rtbh: [{table: 666, origin: rtbh-a, action: {unicast: block}}]\n", "unicast");
	refuses("rtbh: [{table: 666, origin: rtbh-a, hold: 0}]\n", "hold");
	refuses("rtbh: [{table: 666, origin: rtbh-a, sentinel: x}]\n",
		"sentinel: 'x' is not a prefix");
	refuses("rtbh: [{table: 666, origin: rtbh-a}, {table: 666, origin: rtbh-b}]\n",
		"of its own");
	refuses("rtbh: [{table: 666, origin: rtbh-a}, {table: 667, origin: rtbh-a}]\n",
		"of its own");
	refuses("rtbh: [{table: 666, origin: 'a b'}]\n", "origin");
	refuses("rtbh: [{table: 666, origin: ddos}]\n", "'ddos' must be rtbh, flowspec, or begin");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_issue_is_taken),
		cmocka_unit_test(each_type_of_route_may_mean_something_else),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
