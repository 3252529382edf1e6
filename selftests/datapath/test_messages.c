// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/policy/names.c user/policy/policy.c user/net/icmpv6_types.c user/net/special_prefixes.c user/base/error.c user/maps/source_index.c user/net/source_rules.c user/maps/source_rules_map.c user/maps/packets_wait.c user/maps/buckets.c user/maps/blocklist.c user/maps/prefix_table.c user/net/prefix_set.c user/maps/local_addresses.c user/base/array.c */
/* Valid ICMPv6 messages: the requirements of RFC 4861 and the others. */

#include "verdict_test.h"

static void a_message_is_held_to_its_rfc(void **state)
{
	struct frame f;

	(void)state;
	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		build(&f, &messages[i]);
		expect_reason(&f, messages[i].reason, messages[i].what);
	}
}

/* Field P5: an advertisement with 33 routes was refused. */
static void a_message_may_hold_as_many_options_as_it_has_room_for(void **state)
{
	static const struct message solicitation = {"", PASS, NS, 20, {0}};
	struct frame f;

	(void)state;
	build(&f, &solicitation);
	while (f.bytes + 8 <= sizeof(f.data)) {
		put8(&f, 14);
		put8(&f, 1);
		put_zeros(&f, 6);
		finish(&f);
		expect_reason(&f, PASS, "options");
	}
	f.data[f.bytes - 7] = 2; /* the last of some 500 runs past the end */
	expect_reason(&f, S64_REASON_ND_OPTION, "the last");
	f.data[f.bytes - 7] = 0;
	expect_reason(&f, S64_REASON_ND_OPTION, "the last, of length 0");
}

/* The buffer ends before the packet: what would have to be checked is not there. */
static void a_message_beyond_the_buffer_is_dropped(void **state)
{
	static const struct message solicitation = {"", PASS, NS, 28, {[20] = 1, 1}},
				    advertisement = {"",   PASS, 136,  0,  255,
						     LINK, ALL,	 BARE, 28, {[20] = 2, 1}},
				    too_big = {"",	   WITHIN,     2,    0,	 64,
					       ANY_SOURCE, ANY_TARGET, BARE, 44, {0, 0, 5, 0}};
	static const struct message *const all[] = {&solicitation, &advertisement, &too_big};
	static const uint32_t needed[] = {54 + 24 + 2, 54 + 24 + 2, 54 + 8};
	struct s64_packet packet;
	struct s64_icmpv6_type type = {.checks = S64_CHECK_NA_SOLICITED};
	uint8_t bytes[4] = {};
	struct frame f;

	(void)state;
	for (int i = 0; i < 3; i++) {
		build(&f, all[i]);
		f.wire_bytes = f.bytes;
		for (uint32_t n = 58; n < f.bytes; n++)
			assert_int_equal(process_bytes(&f, n, &packet),
					 n < needed[i] ? S64_REASON_HEADERS_BEYOND_BUFFER :
							 all[i]->reason);
	}
	/* a check of its own, if no other one looks further; and options if a header is incomplete
	 */
	packet.dst_hi = 0xff02ULL << 48;
	assert_int_equal(validate_nd(NULL, bytes, bytes + 4, &type, &packet),
			 S64_REASON_HEADERS_BEYOND_BUFFER);
	assert_int_equal(STEP_REASON(
				 chain_options(bytes, bytes + 1, 0, 8, 8, S64_PROTO_HOP_BY_HOP)),
			 S64_REASON_HEADERS_BEYOND_BUFFER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(a_message_is_held_to_its_rfc),
		TEST(a_message_may_hold_as_many_options_as_it_has_room_for),
		TEST(a_message_beyond_the_buffer_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
