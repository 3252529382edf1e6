// SPDX-License-Identifier: GPL-2.0-only
/* The fields of a sample, and those left empty because they cannot be seen. */
#include "verdict_test.h"

static struct s64_sample sampled(const struct frame *f)
{
	s64_frame frame = {f->data, f->data + f->bytes, f->bytes};
	struct s64_packet packet = {.length = f->bytes};
	struct s64_sample sample;
	uint8_t reason;

	reason = packet_verdict(&frame, s64_native->policy, &s64_native->counters->cpu_state,
				&packet);
	sample_describe(&frame, &packet, reason, 1234, &sample);
	assert_int_equal(sample.tick, 1234);
	assert_int_equal(sample.reason, reason);
	assert_int_equal(sample.length, f->bytes);
	return sample;
}

static void ports(struct frame *f, uint16_t from, uint16_t to)
{
	put16(f, from);
	put16(f, to);
}

static void tcp_from_to(struct frame *f, uint8_t flags)
{
	ports(f, 50000, 443);
	put_zeros(f, 8);
	put8(f, 0x50);
	put8(f, flags);
	put_zeros(f, 6);
	finish(f);
}

static void tcp_has_ports_and_flags(void **state)
{
	struct s64_sample sample;
	struct frame f;

	(void)state;
	packet_start(&f, 6);
	tcp_from_to(&f, 0x12);
	sample = sampled(&f);
	assert_true(sample.src_hi == 0x2a00000100020003ULL && sample.src_lo == 4);
	assert_true(sample.src_key == sample.src_hi);
	assert_true(sample.dst_hi == 0x2a00000900090009ULL && sample.dst_lo == 1);
	assert_int_equal(sample.src_port, 50000);
	assert_int_equal(sample.dst_port, 443);
	assert_int_equal(sample.tcp_flags, 0x12);
	assert_int_equal(sample.protocol, 6);
	assert_int_equal(sample.hop_limit, 64);
	assert_int_equal(sample.class, S64_CLASS_TCP);
	assert_int_equal(sample.link, S64_SAMPLE_NETWORK | S64_SAMPLE_UPPER);
}

/* The fast path has no packet: the sample made from its findings is the same. */
static void the_fast_path_tells_the_same(void **state)
{
	struct s64_sample slow, fast;
	struct s64_packet packet = {};
	struct s64_plain plain;
	struct frame f;
	s64_frame frame;
	uint8_t reason;

	(void)state;
	packet_start(&f, 6);
	tcp_from_to(&f, 0x02);
	slow = sampled(&f);
	frame = (s64_frame){f.data, f.data + f.bytes, f.bytes};
	reason =
		verdict_plain(&frame, s64_native->policy, &s64_native->counters->cpu_state, &plain);
	assert_int_not_equal(reason, S64_REASON_NONE);
	packet_of_plain(&packet, &frame, &plain);
	packet.length = f.bytes;
	sample_describe(&frame, &packet, reason, 1234, &fast);
	assert_memory_equal(&fast, &slow, sizeof(fast));
}

static void the_outer_vlan_is_told(void **state)
{
	struct s64_sample sample;
	struct frame f;

	(void)state;
	ethernet(&f, 0x88a8);
	put16(&f, 0x2064); /* priority 1, VLAN 100 */
	put16(&f, 0x8100);
	put16(&f, 7);
	put16(&f, 0x86dd);
	ipv6(&f, 17, 3, "2a00:1:2:3::4", "2a00:9:9:9::1");
	ports(&f, 53, 4000);
	put16(&f, 8);
	put_zeros(&f, 2);
	finish(&f);
	sample = sampled(&f);
	assert_int_equal(sample.link & S64_SAMPLE_VLAN, 100);
	assert_int_equal(sample.src_port, 53);
	assert_int_equal(sample.dst_port, 4000);
	assert_int_equal(sample.hop_limit, 3);
	assert_int_equal(sample.tcp_flags, 0);
}

static void two_tags_without_a_vlan_tell_none(void **state)
{
	uint8_t data[64] = {[12] = 0x81, [13] = 0, [16] = 0x81, [17] = 0, [20] = 0x86, [21] = 0xdd};
	s64_frame frame = {data, data + sizeof(data), sizeof(data)};

	(void)state;
	assert_int_equal(sample_vlan(&frame), 0);
	data[19] = 7;
	assert_int_equal(sample_vlan(&frame), 7);
}

/* The verifier checks a global function on its own, with any argument: each of them bears one that no caller gives it. */
static void a_global_function_bears_any_argument(void **state)
{
	uint8_t data[S64_ETHERNET_BYTES + 20] = {};
	s64_frame frame = {data, data + sizeof(data), sizeof(data)};
	uint64_t head = s64_native->samples->head;
	__u64 seen = 1;
	struct s64_bucket bucket = {};

	(void)state;
	assert_int_equal(bucket_find(NULL, 1, &seen), S64_BLOCK_NONE);
	assert_int_equal(seen, 1);
	assert_int_equal(bucket_find(&bucket, 1, NULL), S64_BLOCK_NONE);
	assert_int_equal(block_check(NULL, 1), S64_BLOCK_NONE);
	assert_int_equal(bucket_look_packed(NULL, 1, 2, 3), 0);
	assert_int_equal(report(&frame, NULL, S64_REASON_POLICY, 1), 0);
	assert_int_equal(s64_native->samples->head, head);
	/* the header ends outside of the frame */
	assert_int_equal(sample_ipv4(&frame, S64_ETHERNET_BYTES + 1), 0);
}

static void icmpv6_has_type_and_code_and_no_ports(void **state)
{
	struct s64_sample sample;
	struct frame f;

	(void)state;
	packet_start(&f, 58);
	put_icmpv6(&f, 1, 4, 48);
	finish(&f);
	sample = sampled(&f);
	assert_int_equal(sample.icmpv6_type, 1);
	assert_int_equal(sample.icmpv6_code, 4);
	assert_int_equal(sample.src_port, 0);
	assert_int_equal(sample.link, S64_SAMPLE_NETWORK | S64_SAMPLE_UPPER);
}

/* RFC 8200 4.5: only the first fragment has the upper layer's header. */
static void a_later_fragment_has_no_ports(void **state)
{
	static const uint8_t later[] = {17, 0, 0x01, 0x00, 0, 0, 0, 9};
	struct s64_sample sample;
	struct frame f;

	(void)state;
	packet_start(&f, 44);
	put(&f, later, sizeof(later));
	ports(&f, 53, 53);
	put_zeros(&f, 60);
	finish(&f);
	sample = sampled(&f);
	assert_int_equal(sample.class, S64_CLASS_FRAGMENT_NON_FIRST);
	assert_int_equal(sample.protocol, 17);
	assert_int_equal(sample.src_port, 0);
	assert_int_equal(sample.link, S64_SAMPLE_NETWORK);
}

static void what_ends_early_tells_no_more_than_it_has(void **state)
{
	struct s64_sample sample;
	struct frame f;

	(void)state;
	packet_start(&f, 6);
	tcp_from_to(&f, 0x02);
	f.bytes = f.ipv6 + 20; /* within the IPv6 header */
	sample = sampled(&f);
	assert_int_equal(sample.link, 0);
	assert_true(!sample.dst_hi && !sample.protocol && !sample.hop_limit);
	packet_start(&f, 6);
	put_zeros(&f, 2); /* TCP of two bytes */
	finish(&f);
	sample = sampled(&f);
	assert_int_equal(sample.class, S64_CLASS_MALFORMED);
	assert_int_equal(sample.protocol, 6);
	assert_int_equal(sample.link, S64_SAMPLE_NETWORK);
	ethernet(&f, 0x0806);
	put_zeros(&f, 46);
	sample = sampled(&f);
	assert_int_equal(sample.class, S64_CLASS_NOT_IPV6);
	assert_int_equal(sample.link, 0);
}

static void ipv4_is_told_where_blocks_apply_to_it(void **state)
{
	static const uint8_t header[] = {0x45, 0, 0,   40, 0,	1, 0,	0, 57,	6,
					 0,    0, 198, 51, 100, 7, 203, 0, 113, 1};
	struct s64_sample sample;
	struct frame f;

	(void)state;
	s64_native->policy->flags |= S64_IFACE_IPV4_ENFORCE;
	ethernet(&f, 0x0800);
	put(&f, header, sizeof(header));
	ports(&f, 50000, 25);
	put_zeros(&f, 16);
	sample = sampled(&f);
	assert_int_equal(sample.class, S64_CLASS_IPV4);
	assert_true(sample.src_lo == 0xffffc6336407ULL && !sample.src_hi);
	assert_true(sample.dst_lo == 0xffffcb007101ULL && !sample.dst_hi);
	assert_int_equal(sample.protocol, 6);
	assert_int_equal(sample.hop_limit, 57);
	assert_int_equal(sample.dst_port, 25);
	f.data[f.bytes - 40 + 6] = 0x20; /* a fragment, and not the first */
	f.data[f.bytes - 40 + 7] = 0x05;
	sample = sampled(&f);
	assert_int_equal(sample.dst_port, 0);
	assert_int_equal(sample.link, S64_SAMPLE_NETWORK);
	f.data[f.bytes - 40 + 9] = 255; /* a protocol that is negative as an int */
	sample = sampled(&f);
	assert_int_equal(sample.protocol, 255);
	assert_true(sample.dst_lo == 0xffffcb007101ULL && !sample.dst_hi);
}

static void a_long_packet_has_the_longest_length(void **state)
{
	struct s64_packet packet = {.length = 70000};
	s64_frame frame = {(const uint8_t *)"", (const uint8_t *)"", 0};
	struct s64_sample sample;

	(void)state;
	sample_describe(&frame, &packet, S64_REASON_POLICY, 0, &sample);
	assert_int_equal(sample.length, 0xffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(tcp_has_ports_and_flags),
		TEST(the_fast_path_tells_the_same),
		TEST(the_outer_vlan_is_told),
		TEST(two_tags_without_a_vlan_tell_none),
		TEST(a_global_function_bears_any_argument),
		TEST(icmpv6_has_type_and_code_and_no_ports),
		TEST(a_later_fragment_has_no_ports),
		TEST(what_ends_early_tells_no_more_than_it_has),
		TEST(ipv4_is_told_where_blocks_apply_to_it),
		TEST(a_long_packet_has_the_longest_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
