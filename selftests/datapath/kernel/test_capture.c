// SPDX-License-Identifier: GPL-2.0-only
/* The program that captures, behind the datapath's in the kernel: which packets it takes, and that
 * they are unchanged in the ring.
 */
#include "native.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sched.h>
#include <unistd.h>

#include "config/config.h"
#include "daemon/events/capture.h"
#include "replay/runner.h"
#include "slash64.skel.h"

#define TAKEN_MAX 64

static struct runner runner;
static struct capture capture;

/* The contents of the rings. */
static struct taken {
	struct s64_capture_record record;
	uint8_t packet[4096];
} taken[TAKEN_MAX];
static size_t taken_count;

static void fail_on(int err, const struct error *error)
{
	if (err)
		fail_msg("%s", error->text);
}

static int open_runner(void **state)
{
	static struct config config;
	struct error error;

	(void)state;
	config_init(&config);
	fail_on(runner_open(&runner, &config, S64_STEP_ALL, S64_TEST_BY_ADDRESS, &error), &error);
	assert_int_equal(sources_put(&runner.blocklist, 0x2a000bad00000000ULL, 0), 0);
	return 0;
}

static int close_runner(void **state)
{
	(void)state;
	runner_close(&runner);
	return 0;
}

static int take(void *data, void *bytes, size_t count)
{
	struct taken *one = &taken[taken_count++];

	(void)data;
	assert_true(taken_count <= TAKEN_MAX && count >= sizeof(one->record));
	memcpy(&one->record, bytes, sizeof(one->record));
	assert_true(count >= sizeof(one->record) + one->record.captured);
	memcpy(one->packet, (uint8_t *)bytes + sizeof(one->record), one->record.captured);
	return 0;
}

static void read_rings(void)
{
	struct ring_buffer *reader = NULL;

	taken_count = 0;
	for (uint32_t cpu = 0; cpu < runner.maps.meta->cpus; cpu++) {
		if (reader)
			assert_int_equal(ring_buffer__add(reader, capture.ring[cpu], take, NULL),
					 0);
		else
			reader = ring_buffer__new(capture.ring[cpu], take, NULL, NULL);
		assert_non_null(reader);
	}
	assert_true(ring_buffer__consume(reader) >= 0);
	ring_buffer__free(reader);
}

static const struct s64_capture_filter everything = {.snaplen = S64_CAPTURE_BYTES_MAX,
						     .class = S64_CAPTURE_ANY,
						     .reason = S64_CAPTURE_ANY,
						     .verdict = S64_CAPTURE_ANY};

static void start(const struct s64_capture_filter *filter)
{
	struct error error;

	fail_on(capture_start(&capture, &runner.maps, filter, 1 << 20, false, &error), &error);
	/* the clock of a test differs */
	runner.maps.capture->until = ~0ULL;
	capture_interface(&capture, 0, true);
}

static void run(const struct frame *f)
{
	struct runner_frame frame = {f->data, f->bytes, f->bytes, 1000000000};
	struct runner_result result;
	struct error error;

	fail_on(runner_run(&runner, &frame, &result, &error), &error);
}

static void tcp(struct frame *f, const char *source, const char *destination, uint16_t vlan)
{
	ethernet(f, vlan ? 0x8100 : 0x86dd);
	if (vlan) {
		put16(f, vlan);
		put16(f, 0x86dd);
	}
	ipv6(f, 6, 64, source, destination);
	put_tcp(f, 2);
	finish(f);
}

static void packets_are_taken_as_they_came_with_their_verdict(void **state)
{
	struct capture_counts counts;
	struct frame blocked, passed, late;

	(void)state;
	start(&everything);
	tcp(&blocked, "2a00:bad::1", "2a00:9:9:9::1", 0);
	tcp(&passed, "2a00:1:2:3::4", "2a00:9:9:9::1", 7);
	tcp(&late, "2a00:1:2:3::5", "2a00:9:9:9::1", 0);
	put_zeros(&late, 1400);
	finish(&late);
	run(&blocked);
	run(&passed);
	run(&late);
	read_rings();
	assert_int_equal(taken_count, 3);
	assert_int_equal(taken[0].record.verdict, S64_DROP);
	assert_int_equal(taken[0].record.reason, S64_REASON_BLOCKED);
	assert_int_equal(taken[0].record.class, S64_CLASS_TCP_SYN);
	assert_int_equal(taken[0].record.captured, blocked.bytes);
	assert_memory_equal(taken[0].packet, blocked.data, blocked.bytes);
	assert_int_equal(taken[1].record.verdict, S64_PASS);
	assert_memory_equal(taken[1].packet, passed.data, passed.bytes);
	assert_int_equal(taken[2].record.length, late.bytes);
	assert_memory_equal(taken[2].packet, late.data, late.bytes);
	counts = capture_counts(&capture, CAPTURE_ALL);
	assert_int_equal(counts.matched, 3);
	assert_int_equal(counts.lost, 0);
	capture_stop(&capture);
}

static struct s64_capture_prefix within(const char *text)
{
	struct prefix prefix;
	__u64 hi, lo;

	assert_int_equal(prefix_parse(text, &prefix, NULL), 0);
	hi = prefix.length >= 64 ? ~0ULL : prefix.length ? ~0ULL << (64 - prefix.length) : 0;
	lo = prefix.length <= 64 ? 0 : ~0ULL << (128 - prefix.length);
	return (struct s64_capture_prefix){prefix_hi(&prefix), prefix_lo(&prefix), hi, lo};
}

/* Runs one of each and returns which were captured, a bit for each. */
static unsigned int which(struct s64_capture_filter filter)
{
	struct frame f[6];
	unsigned int bits = 0;

	start(&filter);
	tcp(&f[0], "2a00:bad::1", "2a00:9:9:9::1", 0);
	tcp(&f[1], "2a00:1:2:3::4", "2a00:9:9:9::1", 0);
	tcp(&f[2], "2a00:1:2:3::4", "2a00:9:9:9::2", 7);
	ethernet(&f[3], 0x86dd);
	ipv6(&f[3], 58, 64, "2a00:1:2:3::4", "2a00:9:9:9::1");
	put_icmpv6(&f[3], 128, 0, 4);
	finish(&f[3]);
	ethernet(&f[4], 0x0806);
	put_zeros(&f[4], 46);
	ethernet(&f[5], 0x0800);
	put(&f[5], "\x45\0\0\x14\0\0\0\0\x40\x11\0\0\xc6\x33\x64\x07\xcb\0\x71\x01", 20);
	for (int i = 0; i < 6; i++) {
		f[i].data[0] = i;
		run(&f[i]);
	}
	read_rings();
	for (size_t i = 0; i < taken_count; i++)
		bits |= 1U << taken[i].packet[0];
	capture_stop(&capture);
	return bits;
}

static void only_what_matches_is_taken(void **state)
{
	struct s64_capture_filter filter = everything;

	(void)state;
	assert_int_equal(which(everything), 0x3f);
	filter.verdict = S64_DROP;
	assert_int_equal(which(filter), 1);
	filter = everything;
	filter.class = S64_CLASS_ECHO_REQUEST;
	assert_int_equal(which(filter), 8);
	filter = everything;
	filter.reason = S64_REASON_BLOCKED;
	assert_int_equal(which(filter), 1);
	filter = everything;
	filter.source = within("2a00:1:2:3::/64");
	assert_int_equal(which(filter), 2 | 4 | 8);
	filter.destination = within("2a00:9:9:9::2/128");
	assert_int_equal(which(filter), 4);
	filter = everything;
	filter.source = within("2a00:1:2:3::4/128");
	assert_int_equal(which(filter), 2 | 4 | 8);
	filter.source = within("2a00:1:2:3::5/128");
	assert_int_equal(which(filter), 0);
	filter.source = within("2a00:1::/32");
	assert_int_equal(which(filter), 2 | 4 | 8);
	/* ARP has no address, which is not :: */
	filter.source = within("::/128");
	assert_int_equal(which(filter), 0);
	filter.source = within("::/64");
	assert_int_equal(which(filter), 0);
	/* the datapath knows IPv4 addresses only if it enforces blocks for IPv4 */
	runner.maps.policy->flags |= S64_IFACE_IPV4_ENFORCE;
	filter.source = within("::ffff:198.51.100.0/120");
	assert_int_equal(which(filter), 32);
	filter.destination = within("::ffff:203.0.113.1/128");
	assert_int_equal(which(filter), 32);
	filter.destination = within("::ffff:203.0.113.2/128");
	assert_int_equal(which(filter), 0);
	runner.maps.policy->flags &= ~S64_IFACE_IPV4_ENFORCE;
}

static void no_more_bytes_are_kept_than_asked_for(void **state)
{
	struct s64_capture_filter filter = everything;
	struct frame f;

	(void)state;
	filter.snaplen = 60;
	start(&filter);
	tcp(&f, "2a00:1:2:3::4", "2a00:9:9:9::1", 0);
	put_zeros(&f, 500);
	finish(&f);
	run(&f);
	read_rings();
	assert_int_equal(taken_count, 1);
	assert_int_equal(taken[0].record.captured, 60);
	assert_int_equal(taken[0].record.length, f.bytes);
	capture_stop(&capture);
}

static void what_does_not_fit_is_counted(void **state)
{
	struct capture_counts counts;
	struct frame f;

	(void)state;
	start(&everything);
	tcp(&f, "2a00:1:2:3::4", "2a00:9:9:9::1", 0);
	put_zeros(&f, 3000);
	finish(&f);
	for (int i = 0; i < 1000; i++)
		run(&f);
	counts = capture_counts(&capture, CAPTURE_ALL);
	assert_int_equal(counts.matched, 1000);
	assert_true(counts.lost > 0 && counts.lost < 1000);
	capture_stop(&capture);
}

static void nothing_is_taken_when_it_is_stopped_or_was_not_renewed(void **state)
{
	struct capture_counts counts;
	struct frame f;

	(void)state;
	tcp(&f, "2a00:1:2:3::4", "2a00:9:9:9::1", 0);
	start(&everything);
	run(&f);
	runner.maps.capture->until = 1;
	run(&f);
	counts = capture_counts(&capture, CAPTURE_ALL);
	assert_int_equal(counts.matched, 1);
	capture_stop(&capture);
	run(&f);
	assert_int_equal(runner.maps.counters[sched_getcpu()].cpu_state.extras, 0);
	assert_int_equal(runner.maps.capture->until, 0);
}

/* An interface that comes gets the slot of one that has gone: its counters begin anew. */
static void counts_are_right_after_the_counters_were_cleared(void **state)
{
	uint32_t cpus = runner.maps.meta->cpus;
	struct capture_counts counts;
	struct frame f;

	(void)state;
	tcp(&f, "2a00:1:2:3::4", "2a00:9:9:9::1", 0);
	start(&everything);
	run(&f);
	run(&f);
	capture_stop(&capture);
	start(&everything);
	memset(runner.maps.counters, 0, cpus * sizeof(*runner.maps.counters));
	capture_interface(&capture, 0, true);
	run(&f);
	counts = capture_counts(&capture, CAPTURE_ALL);
	assert_int_equal(counts.matched, 1);
	assert_int_equal(counts.lost, 0);
	capture_stop(&capture);
}

static void a_slot_that_changes_hands_loses_no_count(void **state)
{
	struct capture_counts counts;
	struct frame f;

	(void)state;
	tcp(&f, "2a00:1:2:3::4", "2a00:9:9:9::1", 0);
	start(&everything);
	run(&f);
	run(&f);
	counts = capture_counts(&capture, 0);
	assert_int_equal(counts.matched, 2);
	memset(runner.maps.counters, 0, runner.maps.meta->cpus * sizeof(*runner.maps.counters));
	capture_slot_changed(&capture, 0, counts);
	capture_interface(&capture, 0, true);
	run(&f);
	assert_int_equal(capture_counts(&capture, 0).matched, 1);
	assert_int_equal(capture_counts(&capture, CAPTURE_ALL).matched, 3);
	capture_interface(&capture, 0, false);
	run(&f);
	assert_int_equal(capture_counts(&capture, CAPTURE_ALL).matched, 3);
	capture_stop(&capture);
}

static void who_renews_it_late_is_told_how_late(void **state)
{
	(void)state;
	start(&everything);
	assert_int_equal(capture_renew(&capture), 0);
	assert_int_equal(capture_renew(&capture), 0);
	capture.until_ns -= 3500000000ULL; /* as if that time had passed */
	assert_in_range(capture_renew(&capture), 2400, 20000);
	assert_int_equal(capture_renew(&capture), 0);
	capture_stop(&capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_are_taken_as_they_came_with_their_verdict),
		cmocka_unit_test(only_what_matches_is_taken),
		cmocka_unit_test(no_more_bytes_are_kept_than_asked_for),
		cmocka_unit_test(what_does_not_fit_is_counted),
		cmocka_unit_test(counts_are_right_after_the_counters_were_cleared),
		cmocka_unit_test(a_slot_that_changes_hands_loses_no_count),
		cmocka_unit_test(who_renews_it_late_is_told_how_late),
		cmocka_unit_test(nothing_is_taken_when_it_is_stopped_or_was_not_renewed),
	};

	if (geteuid() != 0) {
		puts("skipped: it runs programs in the kernel, which only root may\n0 passed, 0 failed, 1 skipped");
		return 0;
	}
	return cmocka_run_group_tests(tests, open_runner, close_runner);
}
