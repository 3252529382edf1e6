// SPDX-License-Identifier: GPL-2.0-only
/* What is said of a captured packet. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cli/lib/capture/comments.h"
#include <slash64/reasons.h>

#include "net/spoken.h"

static struct comments comments;

static void with_rules(const char *rules)
{
	json_t *array = json_loads(rules, 0, NULL);
	struct error error;

	assert_int_equal(comments_init(&comments, array, &error), 0);
	json_decref(array);
}

static const char *of(uint64_t hi, uint64_t lo, int class, int reason, int verdict)
{
	static char text[COMMENT_MAX];
	struct s64_capture_record record = {
		.src_hi = hi, .src_lo = lo, .class = class, .reason = reason, .verdict = verdict};

	return comments_write(&comments, &record, text);
}

static void a_packet_has_verdict_reason_class_and_source(void **state)
{
	struct prefix source = prefix_of_bits(0x20010db80bad0001ULL, 0, 64);
	char check[SPOKEN_CHECK + 1], wanted[COMMENT_MAX];

	(void)state;
	with_rules("[]");
	assert_int_equal(spoken_check(&source, check), 0);
	snprintf(
		wanted, sizeof(wanted),
		"verdict=drop reason=blocked class=echo-request source=2001:db8:bad:1::/64 check=%s",
		check);
	for (int i = 0; i < 2; i++) /* and when it comes again */
		assert_string_equal(of(0x20010db80bad0001ULL, 7, S64_CLASS_ECHO_REQUEST,
				       S64_REASON_BLOCKED, S64_DROP),
				    wanted);
	assert_string_equal(of(0, 0, S64_CLASS_MALFORMED, S64_REASON_TRUNCATED_IPV6,
			       S64_WOULD_DROP),
			    "verdict=would_drop reason=truncated-ipv6 class=malformed");
	assert_non_null(
		strstr(of(0, 0xffffc6336407ULL, S64_CLASS_IPV4, S64_REASON_POLICY, S64_PASS),
		       " source=198.51.100.7"));
}

static void rules_of_the_configuration_count(void **state)
{
	(void)state;
	with_rules("[{\"prefix\":\"2001:db8::/32\",\"kind\":\"length\",\"length\":56}]");
	assert_non_null(
		strstr(of(0x20010db80bad0001ULL, 7, S64_CLASS_UDP, S64_REASON_POLICY, S64_PASS),
		       " source=2001:db8:bad::/56 "));
}

static void unknown_numbers_and_rules_are_not_trusted(void **state)
{
	static const char *const bad[] = {
		"[{}]", "[{\"prefix\":\"x\",\"kind\":\"length\"}]",
		"[{\"prefix\":\"2001:db8::/32\",\"kind\":\"new\"}]",
		"[{\"prefix\":\"2001:db8::/32\",\"kind\":\"length\",\"length\":900}]"};
	struct error error;

	(void)state;
	with_rules("[]");
	assert_non_null(strstr(of(1, 0, 250, 250, S64_PASS), "reason=unknown class=unknown"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *array = json_loads(bad[i], 0, NULL);

		assert_int_equal(comments_init(&comments, array, &error), -EPROTO);
		json_decref(array);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_has_verdict_reason_class_and_source),
		cmocka_unit_test(rules_of_the_configuration_count),
		cmocka_unit_test(unknown_numbers_and_rules_are_not_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
