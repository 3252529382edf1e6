// SPDX-License-Identifier: GPL-2.0-only
/* The limiter's clocks in this kernel: a limit with a large burst uses jiffies, one with a small
 * burst nanoseconds. Entries of both share buckets, so the clocks must have the same origin and
 * pace: if one clock took an entry of the other for expired, it would be evicted, and its owner
 * would get its burst again.
 */
#include "mutated.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <time.h>

#include "replay/runner.h"
#include "slash64.skel.h"

#define SECOND (1000000000ULL >> S64_TAT_NS_SHIFT)

static struct maps maps;
static struct slash64_bpf *skeleton;

static int setup(void **state)
{
	struct maps_size size = {.blocks = 1024, .prefixes = 1024, .limiter = 1024, .ifaces = 1};
	struct error error = {};

	(void)state;
	if (maps_create(&maps, &size, &error)) {
		print_error("%s\n", error.text);
		return -1;
	}
	skeleton = program_open(&maps, 0, S64_CLOCK_KERNEL, &error);
	return skeleton ? slash64_bpf__load(skeleton) : -1;
}

static int teardown(void **state)
{
	(void)state;
	slash64_bpf__destroy(skeleton);
	maps_close(&maps);
	return 0;
}

static uint64_t monotonic(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return ((uint64_t)time.tv_sec * 1000000000ULL + time.tv_nsec) >> S64_TAT_NS_SHIFT;
}

static void limit_udp(uint32_t rate, uint32_t burst)
{
	struct policy_limit limit = {.rate = rate, .burst = burst};
	uint8_t *action = maps.policy[0].action[S64_CLASS_UDP];

	assert_int_equal(policy_compile_limit(&limit, S64_CLASS_UDP, maps.meta->tick_ns,
					      &maps.limits[S64_CLASS_UDP]),
			 0);
	action[S64_TRANSIT] = action[S64_LOCAL] = S64_ACTION_LIMIT;
	memset(maps.limiter, 0, maps.meta->limiter_buckets * sizeof(*maps.limiter));
}

static void send_one(void)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .repeat = 1);
	struct frame f;

	packet_start(&f, S64_PROTO_UDP);
	put_udp(&f);
	finish(&f);
	opts.data_in = f.data;
	opts.data_size_in = f.bytes;
	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(skeleton->progs.slash64), &opts),
			 0);
	assert_int_equal(opts.retval, XDP_PASS);
}

/* How far ahead of `now` the only entry is. */
static int64_t entry_ahead(uint64_t now)
{
	const uint64_t *word = (const uint64_t *)maps.limiter;
	uint64_t found = 0;

	for (size_t i = 0; i < maps.meta->limiter_buckets * sizeof(*maps.limiter) / sizeof(*word);
	     i++)
		if (word[i] & S64_TAG_MASK) {
			assert_true(!found);
			found = word[i];
		}
	assert_true(found);
	return (int64_t)((found - now) << (64 - S64_TAT_BITS)) >> (64 - S64_TAT_BITS);
}

/* "words of exact-clock and jiffies limits overwrite each other" */
static void both_clocks_count_from_the_same_moment(void **state)
{
	static const struct {
		uint32_t rate, burst, exact;
	} limits[] = {{10, 100, 0}, {1000, 2, 1}};
	int64_t ahead;

	(void)state;
	for (int i = 0; i < 2; i++) {
		limit_udp(limits[i].rate, limits[i].burst);
		assert_int_equal(maps.limits[S64_CLASS_UDP].exact_clock, limits[i].exact);
		send_one();
		ahead = entry_ahead(monotonic()) - (int64_t)(SECOND / limits[i].rate);
		if (ahead > (int64_t)S64_TAT_MARGIN || -ahead > (int64_t)S64_TAT_MARGIN)
			fail_msg("a word of %s lies %lld ms beside the time",
				 i ? "nanoseconds" : "jiffies", (long long)(ahead * 16 / 1000000));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(both_clocks_count_from_the_same_moment, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
