// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/daemon/events/event_filter.c user/base/text/near.c user/base/error.c user/net/prefix.c user/net/prefix_typed.c user/policy/names.c */
/* Which events a filter takes, and what it refuses. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/events/event_filter.h"

static const struct s64_sample dropped = {.src_hi = 0x20010db80bad0001ULL,
					  .src_lo = 7,
					  .dst_hi = 0x20010db85e000001ULL,
					  .dst_lo = 0x10,
					  .link = S64_SAMPLE_NETWORK,
					  .class = S64_CLASS_ECHO_REQUEST,
					  .reason = S64_REASON_BLOCKED,
					  .iface_slot = 3};

static bool takes(const char *key, const char *value, const struct s64_sample *sample)
{
	struct event_filter filter;
	struct error error;

	event_filter_init(&filter);
	if (key && event_filter_set(&filter, key, value, &error))
		fail_msg("%s %s: %s", key, value, error.text);
	return event_filter_matches(&filter, sample);
}

static void everything_given_must_match(void **state)
{
	struct event_filter filter;
	struct error error;

	(void)state;
	assert_true(takes(NULL, NULL, &dropped));
	assert_true(takes("source", "2001:db8:bad:1::/64", &dropped));
	assert_true(takes("source", "2001:db8:bad:1::7", &dropped));
	assert_false(takes("source", "2001:db8:bad:1::8", &dropped));
	assert_false(takes("source", "2001:db8:bad:2::/64", &dropped));
	assert_true(takes("destination", "2001:db8:5e00::/40", &dropped));
	assert_false(takes("destination", "2001:db8:5e00:1::11", &dropped));
	assert_true(takes("class", "echo-request", &dropped));
	assert_false(takes("class", "udp", &dropped));
	assert_true(takes("reason", "blocked", &dropped));
	assert_false(takes("reason", "policy", &dropped));
	event_filter_init(&filter);
	assert_int_equal(event_filter_set(&filter, "class", "echo-request", &error), 0);
	assert_int_equal(event_filter_set(&filter, "source", "::/0", &error), 0);
	assert_true(event_filter_matches(&filter, &dropped));
	filter.slot = 3;
	assert_true(event_filter_matches(&filter, &dropped));
	filter.slot = 2;
	assert_false(event_filter_matches(&filter, &dropped));
}

static void what_only_would_be_dropped_was_not(void **state)
{
	struct s64_sample monitored = dropped, passed = dropped;

	(void)state;
	monitored.reason |= S64_SAMPLE_MONITORED;
	passed.reason = S64_REASON_POLICY;
	assert_int_equal(event_verdict(&dropped), S64_DROP);
	assert_int_equal(event_verdict(&monitored), S64_WOULD_DROP);
	assert_int_equal(event_verdict(&passed), S64_PASS);
	assert_true(takes("verdict", "drop", &dropped));
	assert_false(takes("verdict", "drop", &monitored));
	assert_true(takes("verdict", "would_drop", &monitored));
	assert_true(takes("verdict", "pass", &passed));
	assert_true(takes("reason", "blocked", &monitored));
}

static void ipv4_is_found_by_its_address(void **state)
{
	struct s64_sample ipv4 = {.src_lo = 0xffffc6336407ULL,
				  .link = S64_SAMPLE_NETWORK,
				  .class = S64_CLASS_IPV4};

	(void)state;
	assert_true(takes("source", "198.51.100.7", &ipv4));
	assert_true(takes("source", "198.51.100.0/24", &ipv4));
	assert_false(takes("source", "198.51.100.8", &ipv4));
	assert_false(takes("source", "198.51.100.0/24", &dropped));
}

/* ARP is not from ::, which is where duplicate address detection is from. */
static void what_has_no_address_is_from_nowhere(void **state)
{
	struct s64_sample arp = {.class = S64_CLASS_NOT_IPV6};
	struct s64_sample detection = {.link = S64_SAMPLE_NETWORK,
				       .class = S64_CLASS_NEIGHBOR_SOLICITATION};

	(void)state;
	assert_true(takes("source", "::", &detection));
	assert_false(takes("source", "::", &arp));
	assert_false(takes("destination", "::/32", &arp));
	assert_true(takes("source", "::/0", &arp));
	assert_true(takes("class", "not-ipv6", &arp));
}

static void a_value_that_is_none_changes_nothing(void **state)
{
	struct event_filter filter, before;
	struct error error;

	(void)state;
	event_filter_init(&filter);
	assert_int_equal(event_filter_set(&filter, "source", "2001:db8::/32", &error), 0);
	before = filter;
	assert_int_equal(event_filter_set(&filter, "source", "eth0", &error), -EINVAL);
	assert_non_null(strstr(error.text, "eth0"));
	assert_int_equal(event_filter_set(&filter, "class", "echo-reqest", &error), -EINVAL);
	assert_non_null(strstr(error.text, "did you mean 'echo-request'"));
	assert_int_equal(event_filter_set(&filter, "reason", "because", &error), -EINVAL);
	assert_int_equal(event_filter_set(&filter, "verdict", "dropped", &error), -EINVAL);
	assert_int_equal(event_filter_set(&filter, "colour", "red", &error), -ENOENT);
	assert_memory_equal(&filter, &before, sizeof(filter));
}

static void the_datapath_is_asked_for_the_same(void **state)
{
	struct s64_capture_filter capture;
	struct event_filter filter;
	struct error error;

	(void)state;
	event_filter_init(&filter);
	capture = event_filter_for_capture(&filter, 96);
	assert_int_equal(capture.snaplen, 96);
	assert_int_equal(capture.class, S64_CAPTURE_ANY);
	assert_int_equal(capture.reason, S64_CAPTURE_ANY);
	assert_int_equal(capture.verdict, S64_CAPTURE_ANY);
	assert_true(capture.source.mask_hi == 0 && capture.source.mask_lo == 0);
	assert_int_equal(event_filter_set(&filter, "source", "2001:db8:bad::/48", &error), 0);
	assert_int_equal(event_filter_set(&filter, "destination", "2001:db8::5", &error), 0);
	assert_int_equal(event_filter_set(&filter, "verdict", "drop", &error), 0);
	capture = event_filter_for_capture(&filter, 1);
	assert_true(capture.source.hi == 0x20010db80bad0000ULL &&
		    capture.source.mask_hi == 0xffffffffffff0000ULL && !capture.source.mask_lo);
	assert_true(capture.destination.lo == 5 && capture.destination.mask_lo == ~0ULL);
	assert_int_equal(capture.verdict, S64_DROP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_given_must_match),
		cmocka_unit_test(what_only_would_be_dropped_was_not),
		cmocka_unit_test(ipv4_is_found_by_its_address),
		cmocka_unit_test(what_has_no_address_is_from_nowhere),
		cmocka_unit_test(a_value_that_is_none_changes_nothing),
		cmocka_unit_test(the_datapath_is_asked_for_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
