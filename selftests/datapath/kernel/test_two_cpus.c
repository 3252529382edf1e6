// SPDX-License-Identifier: GPL-2.0-only
/* The program in the kernel on two CPUs at once: a limit passes its burst, the packets of its rate
 * meanwhile, and one packet for each of the two CPUs (hostile 1, hostile 12).
 */
#include "mutated.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "replay/runner.h"
#include "slash64.skel.h"

#define CPUS	 2
#define SECONDS	 2
#define RATE	 100
#define BURST	 200
#define REPEAT	 2000 /* of one frame per call */
#define SOURCES	 1000
#define THROTTLE 3
#define SOURCE	 0x2a00000100020000ULL /* of source 0 */

static struct maps maps;
static struct blocklist blocklist;
static struct slash64_bpf *skeleton;

static void sources_make(struct frame *f, int source)
{
	packet_start(f, S64_PROTO_ICMPV6);
	put_icmpv6(f, 128, 0, 4);
	finish(f);
	/* 2a00:1:2:SOURCE::/64: others in the same /48 */
	f->data[f->ipv6 + 8 + 6] = source >> 8;
	f->data[f->ipv6 + 8 + 7] = source;
}

struct sender {
	pthread_t thread;
	int cpu, sources;
	int err;
};

static uint64_t ns_of(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static uint64_t now_ns(void)
{
	return ns_of(CLOCK_MONOTONIC);
}

static void *send_packets(void *data)
{
	struct sender *sender = data;
	uint64_t end = now_ns() + SECONDS * 1000000000ULL;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sender->cpu, &set);
	sender->err = pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	for (int i = 0; !sender->err && now_ns() < end; i++) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .repeat = sender->sources > 1 ? 1 : REPEAT);
		struct frame f;

		sources_make(&f, i % sender->sources);
		opts.data_in = f.data;
		opts.data_size_in = f.bytes;
		sender->err =
			bpf_prog_test_run_opts(bpf_program__fd(skeleton->progs.slash64), &opts);
	}
	return NULL;
}

static uint64_t passed_of(uint64_t *all)
{
	uint64_t passed = 0;

	*all = 0;
	for (uint32_t cpu = 0; cpu < maps.meta->cpus; cpu++)
		for (int reason = 0; reason < S64_CLASS_REASONS; reason++) {
			uint64_t n = maps.counters[cpu]
					     .of_class[S64_OUTCOME_ENFORCED][S64_CLASS_ECHO_REQUEST]
						      [reason]
					     .packets;

			*all += n;
			passed += reason_drops(reason) ? 0 : n;
		}
	return passed;
}

/* Both send, and the passed packets are within the bound, and not far below it, or the test would
 * prove nothing.
 */
static void hold(int sources)
{
	struct sender senders[CPUS] = {};
	/* The limiter counts jiffies. The kernel steps this clock together with them: where a CPU is emulated and did not run
	 * for a while, both are behind, and catch up while packets are sent.
	 */
	uint64_t start = ns_of(CLOCK_MONOTONIC_COARSE), behind = now_ns() - start, passed, all;
	double bound;

	for (int i = 0; i < CPUS; i++) {
		senders[i] = (struct sender){.cpu = i, .sources = sources};
		assert_int_equal(pthread_create(&senders[i].thread, NULL, send_packets,
						&senders[i]),
				 0);
	}
	for (int i = 0; i < CPUS; i++) {
		pthread_join(senders[i].thread, NULL);
		assert_int_equal(senders[i].err, 0);
	}
	bound = BURST + RATE * ((now_ns() - start) / 1e9) + CPUS;
	passed = passed_of(&all);
	print_message("#   %llu of %llu passed, and %.0f may; the clock began %.0f ms late\n",
		      (unsigned long long)passed, (unsigned long long)all, bound, behind / 1e6);
	assert_true(passed <= bound);
	assert_true(passed >= BURST + RATE * SECONDS * 9 / 10);
}

static void limit_set(uint32_t id, struct policy_limit limit)
{
	assert_int_equal(policy_compile_limit(&limit, id, maps.meta->tick_ns, &maps.limits[id]), 0);
}

static void limit_echo(struct policy_limit limit)
{
	uint8_t *action = maps.policy[0].action[S64_CLASS_ECHO_REQUEST];

	action[S64_TRANSIT] = action[S64_LOCAL] = S64_ACTION_LIMIT;
	limit_set(S64_CLASS_ECHO_REQUEST, limit);
}

static void a_class_holds_on_two_cpus(void **state)
{
	(void)state;
	limit_echo((struct policy_limit){RATE, BURST, 10 * RATE, 10 * BURST});
	hold(1);
}

static void a_48_holds_on_two_cpus(void **state)
{
	(void)state;
	limit_echo((struct policy_limit){RATE, BURST, RATE, BURST});
	hold(SOURCES);
}

static void a_throttle_holds_on_two_cpus(void **state)
{
	(void)state;
	limit_set(S64_LIMIT_THROTTLE + THROTTLE, (struct policy_limit){RATE, BURST, 0, 0});
	assert_int_equal(sources_put(&blocklist, SOURCE, S64_BLOCK_THROTTLE | THROTTLE), 0);
	hold(1);
}

static int setup(void **state)
{
	struct maps_size size = {.blocks = 1024, .prefixes = 1024, .limiter = 4096, .ifaces = 1};
	struct error error = {};

	(void)state;
	if (maps_create(&maps, &size, &error) || sources_init(&blocklist, &maps, &error)) {
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
	sources_free(&blocklist);
	maps_close(&maps);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_class_holds_on_two_cpus, setup, teardown),
		cmocka_unit_test_setup_teardown(a_48_holds_on_two_cpus, setup, teardown),
		cmocka_unit_test_setup_teardown(a_throttle_holds_on_two_cpus, setup, teardown),
	};
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) || CPU_COUNT(&set) < CPUS) {
		printf("# skipped: it takes two CPUs\n0 passed, 0 failed, %zu skipped\n",
		       sizeof(tests) / sizeof(tests[0]));
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
