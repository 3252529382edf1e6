// SPDX-License-Identifier: GPL-2.0-only
/* Lines as ExaBGP 4.2.21 writes them, fed by BIRD 2.0.12. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/flowspec/decode.h"

#define HEAD                                                                                         \
	"{ \"exabgp\": \"4.0.1\", \"time\": 1795781843.5639143, \"host\" : \"vm\", \"pid\" : 306, "  \
	"\"ppid\" : 304, \"counter\": 3, \"type\": \"update\", \"neighbor\": { \"address\": { "      \
	"\"local\": \"2001:db8:f::2\", \"peer\": \"2001:db8:f::1\" }, \"asn\": { \"local\": 64512, " \
	"\"peer\": 64512 } , \"direction\": \"receive\", \"message\": { "
#define UPDATE(value, rules)                                                                       \
	HEAD "\"update\": { \"attribute\": { \"origin\": \"igp\", \"local-preference\": 100, "     \
	     "\"extended-community\": [ { \"value\": " value ", \"string\": \"rate-limit:0\" } ] " \
	     "}, \"announce\": { \"ipv6 flow\": { \"no-nexthop\": [ " rules " ] } } } } } }"
#define DISCARD	  "9225060886715039744"
#define SOURCE(p) "{ \"source-ipv6\": [ \"" p "\" ], \"string\": \"flow source-ipv6 " p "\" }"

static struct flow_event last;
static unsigned int events;

static void take(const struct flow_event *event, void *data)
{
	last = *event;
	events++;
}

static enum flow_refusal refusal_of(const char *line)
{
	events = 0;
	assert_int_equal(flow_decode(line, take, NULL), 0);
	assert_int_equal(events, 1);
	assert_int_equal(last.kind, FLOW_ANNOUNCE);
	return last.rule.refusal;
}

static void a_source_that_is_discarded_is_a_block(void **state)
{
	char text[PREFIX_TEXT_MAX];

	assert_int_equal(refusal_of(UPDATE(DISCARD, SOURCE("2001:db8:bad:1::/64/0"))),
			 FLOW_EXECUTED);
	assert_true(last.rule.blocks);
	assert_string_equal(prefix_format(&last.rule.source, text), "2001:db8:bad:1::/64");
	assert_string_equal(last.peer, "2001:db8:f::1");
	assert_string_equal(last.rule.key, "{\"source-ipv6\":[\"2001:db8:bad:1::/64/0\"]}");
}

static void rates_are_exact_to_the_bit(void **state)
{
	/* 0x800c000042c80000: 100.0 packets per second; more than INT64_MAX */
	assert_int_equal(refusal_of(UPDATE("9226749737695707136", SOURCE("2001:db8::/64/0"))),
			 FLOW_EXECUTED);
	assert_false(last.rule.blocks);
	assert_int_equal(last.rule.rate, 100);
	/* 0x800c00004b7fffff: 16777215.0, all bits of a float */
	assert_int_equal(refusal_of(UPDATE("9226749737841983487", SOURCE("2001:db8::/64/0"))),
			 FLOW_EXECUTED);
	assert_int_equal(last.rule.rate, 16777215);
	/* 0x800c00003f000000: 0.5; 0x800c00007fc00000: not a number; 0x800c00007f800000: infinite */
	assert_int_equal(refusal_of(UPDATE("9226749737632268288", SOURCE("2001:db8::/64/0"))),
			 FLOW_RATE);
	assert_int_equal(refusal_of(UPDATE("9226749738718593024", SOURCE("2001:db8::/64/0"))),
			 FLOW_RATE);
	assert_int_equal(refusal_of(UPDATE("9226749738714398720", SOURCE("2001:db8::/64/0"))),
			 FLOW_RATE);
	/* 0x800c0000c2c80000: -100.0 counts as 0 */
	assert_int_equal(refusal_of(UPDATE("9226749739843190784", SOURCE("2001:db8::/64/0"))),
			 FLOW_EXECUTED);
	assert_true(last.rule.blocks);
	/* 0x80060000461c4000: bytes */
	assert_int_equal(refusal_of(UPDATE("9225060887891296256", SOURCE("2001:db8::/64/0"))),
			 FLOW_RATE_BYTES);
}

static void every_other_action_is_refused(void **state)
{
	/* 0x8007: traffic-action, 0x8008: redirect, 0x8009: marking, 0x0108: redirect to IP */
	assert_int_equal(refusal_of(UPDATE("9225342361691750400", SOURCE("2001:db8::/64/0"))),
			 FLOW_ACTION);
	assert_int_equal(refusal_of(UPDATE("9225623836668461056", SOURCE("2001:db8::/64/0"))),
			 FLOW_ACTION);
	assert_int_equal(refusal_of(UPDATE("74309393851613184", SOURCE("2001:db8::/64/0"))),
			 FLOW_ACTION);
	/* a discard and a rate */
	assert_int_equal(refusal_of(UPDATE(DISCARD " }, { \"value\": 9226749737695707136",
					   SOURCE("2001:db8::/64/0"))),
			 FLOW_ACTION);
	/* a route target beside it is none of our business: 0x0002fc0000000001 */
	assert_int_equal(refusal_of(UPDATE(DISCARD " }, { \"value\": 840026883620865",
					   SOURCE("2001:db8::/64/0"))),
			 FLOW_EXECUTED);
	assert_int_equal(refusal_of(
				 HEAD
				 "\"update\": { \"attribute\": { }, \"announce\": { \"ipv6 flow\": "
				 "{ \"no-nexthop\": [ " SOURCE("2001:db8::/64/0") " ] } } } } } }"),
			 FLOW_ACTION);
	assert_int_equal(refusal_of(UPDATE("\"x\"", SOURCE("2001:db8::/64/0"))), FLOW_ACTION);
}

/* Half a character would be no JSON in the file of the rules. */
static void a_long_action_is_cut_between_characters(void **state)
{
	char line[2048], action[FLOW_ACTION_MAX + 8];

	for (size_t shift = 0; shift < 3; shift++) {
		size_t n = shift;

		memset(action, 'x', n);
		while (n < FLOW_ACTION_MAX)
			n += sprintf(action + n, "\u20ac");
		snprintf(
			line, sizeof(line),
			HEAD
			"\"update\": { \"attribute\": { \"extended-community\": [ { \"value\": 1, "
			"\"string\": \"%s\" } ] }, \"announce\": { \"ipv6 flow\": { \"no-nexthop\": "
			"[ " SOURCE("2001:db8::/64/0") " ] } } } } } }",
			action);
		assert_int_equal(refusal_of(line), FLOW_ACTION);
		assert_int_equal(strlen(last.rule.action),
				 (FLOW_ACTION_MAX - 1 - shift) / 3 * 3 + shift);
	}
}

static void what_is_more_than_a_source_is_refused(void **state)
{
	assert_int_equal(
		refusal_of(UPDATE(DISCARD,
				  "{ \"source-ipv6\": [ \"2001:db8::/64/0\" ], \"next-header\": [ "
				  "\"=unknown protocol type 58\" ], \"icmp-type\": [ "
				  "\"=unreachable\" ], \"string\": \"flow\" }")),
		FLOW_COMPONENT);
	assert_int_equal(refusal_of(UPDATE(DISCARD,
					   "{ \"destination-ipv6\": [ "
					   "\"2001:db8::/64/0\" ], \"string\": \"flow\" }")),
			 FLOW_COMPONENT);
	assert_int_equal(refusal_of(UPDATE(DISCARD, "{ \"unheard-of\": 1 }")), FLOW_COMPONENT);
	assert_int_equal(refusal_of(UPDATE(DISCARD, "{ }")), FLOW_NO_SOURCE);
	assert_int_equal(refusal_of(UPDATE(DISCARD, SOURCE("::/0/0"))), FLOW_NO_SOURCE);
	assert_int_equal(refusal_of(UPDATE(DISCARD, SOURCE("::1234:5678:9a00:0/104/64"))),
			 FLOW_OFFSET);
	assert_int_equal(refusal_of(UPDATE(DISCARD, SOURCE("2001:db8::1/64/0"))), FLOW_PREFIX);
	assert_int_equal(refusal_of(UPDATE(DISCARD, SOURCE("2001:db8::"))), FLOW_PREFIX);
	assert_int_equal(refusal_of(UPDATE(DISCARD, SOURCE("192.0.2.0/24"))), FLOW_PREFIX);
	assert_int_equal(refusal_of(UPDATE(DISCARD, SOURCE("2001:db8::/64/00"))), FLOW_OFFSET);
	assert_int_equal(refusal_of(UPDATE(DISCARD, "{ \"source-ipv6\": [ \"2001:db8::/64/0\", "
						    "\"2001:db9::/64/0\" ] }")),
			 FLOW_PREFIX);
}

/* A destination of every address refuses no packet of the source: the rule is about the source alone. */
static void a_destination_that_is_everywhere_counts_as_none(void **state)
{
	assert_int_equal(refusal_of(UPDATE(DISCARD, "{ \"source-ipv6\": [ \"2001:db8::/64/0\" ], "
						    "\"destination-ipv6\": [ \"::/0/0\" ] }")),
			 FLOW_EXECUTED);
	assert_string_equal(last.rule.action, "rate-limit:0");
	assert_int_equal(refusal_of(UPDATE(DISCARD,
					   "{ \"source-ipv6\": [ \"2001:db8::/64/0\" ], "
					   "\"destination-ipv6\": [ \"::/0/0\", \"::/0/0\" ] }")),
			 FLOW_COMPONENT);
	assert_int_equal(refusal_of(UPDATE(DISCARD, "{ \"source-ipv6\": [ \"2001:db8::/64/0\" ], "
						    "\"destination-ipv6\": [ \"::/1/0\" ] }")),
			 FLOW_COMPONENT);
	assert_int_equal(refusal_of(UPDATE(DISCARD, "{ \"source-ipv6\": [ \"2001:db8::/64/0\" ], "
						    "\"port\": [ \"::/0/0\" ] }")),
			 FLOW_COMPONENT);
}

static void withdrawals_sessions_and_the_end_of_a_table_are_told(void **state)
{
	events = 0;
	assert_int_equal(flow_decode(HEAD "\"update\": { \"withdraw\": { \"ipv6 flow\": [ " SOURCE(
					     "2001:db8:bad:1::/64/0") " ] } } } } }",
				     take, NULL),
			 0);
	assert_int_equal(events, 1);
	assert_int_equal(last.kind, FLOW_WITHDRAW);
	assert_string_equal(last.rule.key, "{\"source-ipv6\":[\"2001:db8:bad:1::/64/0\"]}");
	assert_int_equal(flow_decode(HEAD
				     "\"eor\": { \"afi\" : \"ipv6\", \"safi\" : \"flow\" } } } }",
				     take, NULL),
			 0);
	assert_int_equal(last.kind, FLOW_END_OF_RIB);
	assert_int_equal(
		flow_decode(
			"{ \"exabgp\": \"5.0.0\", \"type\": \"state\", \"neighbor\": { \"address\": "
			"{ \"peer\": \"192.0.2.1\" }, \"state\": \"down\", \"reason\": \"x\" } }",
			take, NULL),
		0);
	assert_int_equal(last.kind, FLOW_DOWN);
	assert_string_equal(last.peer, "192.0.2.1");
	events = 0;
	assert_int_equal(
		flow_decode(HEAD "\"eor\": { \"afi\" : \"ipv6\", \"safi\" : \"unicast\" } } } }",
			    take, NULL),
		0);
	assert_int_equal(flow_decode("{ \"exabgp\": \"4.0.1\", \"type\": \"notification\" }", take,
				     NULL),
			 0);
	assert_int_equal(events, 0);
}

static void what_is_not_understood_changes_nothing(void **state)
{
	static const char *const bad[] = {
		"",
		"{",
		"[]",
		"{}",
		"{ \"exabgp\": \"6.0.0\", \"type\": \"state\" }",
		"{ \"exabgp\": \"4.0.1\", \"type\": \"update\" }",
		"{ \"exabgp\": \"4.0.1\", \"type\": \"update\", \"neighbor\": { \"address\": { } } }",
		UPDATE(DISCARD, SOURCE("2001:db8::/64/0") ", 7"),
	};

	events = 0;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_true(flow_decode(bad[i], take, NULL) < 0);
	assert_int_equal(events, 0);
}

/* Whatever is broken in a line, nothing but the rules of the line may come out. */
static void mutilated_lines_are_survived(void **state)
{
	static const char line[] = UPDATE(DISCARD, SOURCE("2001:db8:bad:1::/64/0"));
	char buf[sizeof(line) + 8];

	srandom(64);
	for (int i = 0; i < 20000; i++) {
		size_t n = sizeof(line) - 1;

		memcpy(buf, line, sizeof(line));
		for (int cuts = random() % 4; cuts >= 0; cuts--)
			buf[random() % n] = " \"{}[]:,0/\\19x"[random() % 14];
		if (random() % 8 == 0)
			buf[random() % n] = '\0';
		flow_decode(buf, take, NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_source_that_is_discarded_is_a_block),
		cmocka_unit_test(rates_are_exact_to_the_bit),
		cmocka_unit_test(every_other_action_is_refused),
		cmocka_unit_test(a_long_action_is_cut_between_characters),
		cmocka_unit_test(what_is_more_than_a_source_is_refused),
		cmocka_unit_test(a_destination_that_is_everywhere_counts_as_none),
		cmocka_unit_test(withdrawals_sessions_and_the_end_of_a_table_are_told),
		cmocka_unit_test(what_is_not_understood_changes_nothing),
		cmocka_unit_test(mutilated_lines_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
