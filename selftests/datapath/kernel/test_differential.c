// SPDX-License-Identifier: GPL-2.0-only
/* A million mutated frames through the program in the kernel, and through the native build of its steps over equal tables. Both must give the same verdict on every frame, with the same side effects.
 *   SLASH64_SEED=N    other frames; the seed is printed
 *   SLASH64_FRAMES=N  another number of them
 */
#include "mutated.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "maps/local_addresses.h"
#include "maps/source_rules_map.h"
#include "replay/runner.h"
#include "slash64.skel.h"

#define FRAMES		1000000
#define SEED		0x51a5464
#define ROUND_FRAMES	5000 /* under one policy, with one set of lists */
#define LIMITER_SLOTS	512  /* so few that some sources find no free slot */
#define LISTED_BY_ROUND 40
#define TICK_NS		4000000
#define SHOWN_MAX	3 /* differences that are printed */
#define NEVER_CAME_MAX	2 /* reasons that another seed may not reach */

static struct maps maps;
static struct blocklist blocklist;
static struct prefixes prefixes;
static struct slash64_bpf *skeleton;
static int program, cpu;
static struct source_rules rules;
static struct policy policy;
static uint64_t seed, frames;

/* The result for a frame, by either side. */
struct outcome {
	uint32_t action;
	uint64_t src_key;
	uint8_t class, reason;
	uint8_t icmpv6_type, icmpv6_code;
	uint8_t next_header, non_first_fragment;
};

/* Frames end where this memory ends, so reading beyond one ends the test. */
static uint8_t *arena, *arena_end;

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static void fail_on(int err, const struct error *error)
{
	if (err)
		fail_msg("%s", error->text);
}

/* --- the maps --- */

static void rule(const char *text, enum s64_source_kind kind, uint8_t length)
{
	struct prefix prefix;
	struct error error;

	assert_int_equal(prefix_parse_whole(text, &prefix, NULL), 0);
	fail_on(source_rules_add(&rules, &prefix, kind, length, &error), &error);
}

/* Within the addresses drawn by random_native() and random_disguise(). */
static void fill_source_rules(void)
{
	source_rules_init(&rules);
	rule("2a00:1:1200::/40", S64_SOURCE_KIND_NAT64, 0);
	rule("2a00:3:4:5::/64", S64_SOURCE_KIND_NAT64, 0);
	rule("2a00:4::/32", S64_SOURCE_KIND_LENGTH, 56);
	rule("2a00:5::/32", S64_SOURCE_KIND_LENGTH, 128);
	rule("2a00:0:5efe::/48", S64_SOURCE_KIND_ISATAP, 0);
	source_rules_stage(&rules, &maps);
	source_index_open(&prefixes.source_index);
	source_rules_switch(&maps);
}

static void fill_local(void)
{
	struct local_count counted;

	for (int i = 0; i < POOL_LOCAL; i++) {
		struct address a = i % 4 ? random_native() : random_group();

		pool.local[i] = prefix_of_bits(a.hi, a.lo, i % 8 == 1 ? 20 + below(109) : 128);
	}
	assert_int_equal(local_set(&maps, pool.local, POOL_LOCAL, false, &counted), 0);
}

static uint8_t random_throttle(void)
{
	return S64_BLOCK_THROTTLE | below(S64_THROTTLE_MAX);
}

/* A source, or a prefix around or within one, or an IPv4 address; blocked, throttled or allowed. */
static void list_one(void)
{
	static const uint8_t lengths[] = {29, 32, 40, 44, 48, 56, 63, 65, 72, 96, 112, 124, 128};
	struct address a = random_native();
	struct prefix prefix;
	bool throttled = one_in(3);
	uint8_t info = throttled ? random_throttle() : 0;

	if (one_in(3)) {
		uint32_t v4 = pool.v4[below(POOL_V4)];
		uint8_t length = one_in(2) ? 128 : 96 + 8 + below(24);

		prefix = prefix_of_bits(0, 0xffffULL << 32 | v4, length);
		if (length == 128)
			sources_put(&blocklist, s64_src_key_of_v4(v4),
				    info | (one_in(2) ? S64_BLOCK_FINER : 0));
		else
			prefixes_put(&prefixes, &prefix, one_in(4) ? S64_PREFIX_ALLOW : info);
	} else if (one_in(2)) {
		prefix = prefix_of_bits(a.hi, 0, 64);
		sources_put(&blocklist, a.hi, info | (one_in(2) ? S64_BLOCK_FINER : 0));
	} else {
		prefix = prefix_of_bits(a.hi, a.lo, lengths[below(sizeof(lengths))]);
		prefixes_put(&prefixes, &prefix, one_in(4) ? S64_PREFIX_ALLOW : info);
	}
	pool.listed[pool.listed_count++ % POOL_MAX] = prefix;
}

/* It is in one of the two tables, or was never inserted. */
static void unlist_one(void)
{
	const struct prefix *prefix =
		&pool.listed[below(pool.listed_count < POOL_MAX ? pool.listed_count : POOL_MAX)];

	prefixes_remove(&prefixes, prefix);
	sources_remove(&blocklist, prefix_hi(prefix));
}

static void list_some(void)
{
	for (int i = 0; i < LISTED_BY_ROUND; i++)
		list_one();
	if (pool.listed_count > POOL_MAX)
		pool.listed_count = POOL_MAX;
	for (int i = 0; i < LISTED_BY_ROUND * 3 / 4; i++)
		unlist_one();
}

/* --- the policy --- */

static struct policy_limit random_limit(void)
{
	struct policy_limit limit = {};

	if (!one_in(8)) {
		limit.rate = 1 + below(one_in(4) ? 2000 : 20);
		limit.burst = 1 + below(one_in(4) ? 20 : 3);
	}
	if (!limit.rate || !one_in(4)) {
		limit.aggregate_rate = limit.rate + below(one_in(4) ? 2000 : 20) + 1;
		limit.aggregate_burst = 1 + below(one_in(4) ? 40 : 6);
	}
	return limit;
}

static void random_policy(void)
{
	uint32_t changed = below(4);

	policy_init(&policy, below(4));
	policy.bogons = below(3);
	policy.filter = one_in(4) ? FILTER_MONITOR : FILTER_ENFORCE;
	for (int i = 0; i < NAMES_COUNT; i++) {
		struct policy_row *row = &policy.row[i];

		if (changed == 0 || !one_in(changed * 2))
			continue;
		for (int direction = 0; direction < S64_DIRECTION_COUNT; direction++)
			row->action[direction] =
				one_in(2) ? S64_ACTION_PASS : below(S64_ACTION_COUNT);
		if (one_in(2))
			row->limit = random_limit();
	}
	policy_compile(&policy, NULL, 0, TICK_NS, maps.policy, maps.limits);
	if (!one_in(3))
		maps.policy->flags |= S64_IFACE_IPV4_ENFORCE;
	for (int i = 0; i < S64_THROTTLE_MAX; i++) {
		struct policy_limit limit = random_limit();

		assert_int_equal(policy_compile_limit(&limit, S64_LIMIT_THROTTLE + i, TICK_NS,
						      &maps.limits[S64_LIMIT_THROTTLE + i]),
				 0);
	}
	/* replay may stop early, and set the direction */
	maps.test_ctx->step = one_in(10) ? below(3) : S64_STEP_ALL;
	maps.test_ctx->direction = one_in(4) ? below(3) : S64_TEST_BY_ADDRESS;
}

/* --- the native side --- */

/* Memory written by the controller is shared. Memory written by the datapath is private. */
static struct maps own;

static void native_open(void)
{
	memory_maps_make(&own, maps.meta);
	s64_native = calloc(1, sizeof(*s64_native));
	native_over(s64_native, &maps);
	s64_native->block_cache = own.block_cache;
	s64_native->limiter = own.limiter;
	s64_native->counters = own.counters;
	s64_native->samples = own.samples;
}

static void native_follow(void)
{
	s64_native->step = maps.test_ctx->step;
	s64_native->direction = maps.test_ctx->direction;
}

/* As bpf/slash64.bpf.c does it. */
static struct outcome run_natively(const struct frame *f)
{
	uint8_t *data = arena_end - f->bytes;
	s64_frame frame = {data, arena_end, f->wire_bytes};
	struct s64_counters *counters = s64_native->counters;
	struct s64_packet packet = {.length = frame_bytes(&frame)};
	enum s64_outcome outcome = S64_OUTCOME_ENFORCED;
	uint32_t action = XDP_PASS, weight;
	uint8_t reason;

	memcpy(data, f->data, f->bytes);
	reason = packet_verdict(&frame, s64_native->policy, &counters->cpu_state, &packet);
	if (reason_drops(reason)) {
		if (reason_is_monitored(s64_native->policy, reason))
			outcome = S64_OUTCOME_MONITORED;
		else
			action = XDP_DROP;
	}
	count(counters, packet.class, reason, outcome, packet.length);
	weight = sampler_take(&counters->cpu_state);
	if (weight)
		report(&frame, &packet, sampled_reason(reason, action == XDP_PASS), weight);
	return (struct outcome){action,
				packet.src_key,
				packet.class,
				reason,
				packet.icmpv6_type,
				packet.icmpv6_code,
				packet.next_header,
				packet.non_first_fragment};
}

/* --- the kernel's side --- */

static void kernel_open(void)
{
	struct maps_size size = {.blocks = 1024,
				 .prefixes = 4096,
				 .limiter = LIMITER_SLOTS,
				 .ifaces = 1};
	struct error error;
	cpu_set_t one;

	/* its counters are per CPU */
	cpu = sched_getcpu();
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);

	fail_on(maps_create(&maps, &size, &error), &error);
	maps.meta->seed = (struct s64_seed){random64(), {random64() | 1, random64() | 1}};
	fail_on(sources_init(&blocklist, &maps, &error), &error);
	fail_on(prefixes_init(&prefixes, &maps, &error), &error);
	skeleton = program_open(&maps, 0, S64_CLOCK_TEST, &error);
	assert_non_null(skeleton);
	assert_int_equal(slash64_bpf__load(skeleton), 0);
	program = bpf_program__fd(skeleton->progs.slash64);
}

static struct outcome run_in_kernel(const struct frame *f)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = f->data, .data_size_in = f->bytes,
		    .repeat = 1);
	struct s64_test_ctx *test_ctx = maps.test_ctx;
	int err;

	test_ctx->wire_length = f->wire_bytes;
	err = bpf_prog_test_run_opts(program, &opts);
	if (err)
		fail_msg("the kernel does not run the program on %u bytes: %s", f->bytes,
			 strerror(-err));
	return (struct outcome){opts.retval,	       test_ctx->src_key,
				test_ctx->class,       test_ctx->reason,
				test_ctx->icmpv6_type, test_ctx->icmpv6_code,
				test_ctx->next_header, test_ctx->non_first_fragment};
}

/* --- comparison --- */

static bool outcomes_equal(const struct outcome *a, const struct outcome *b)
{
	return a->action == b->action && a->src_key == b->src_key && a->class == b->class &&
	       a->reason == b->reason && a->icmpv6_type == b->icmpv6_type &&
	       a->icmpv6_code == b->icmpv6_code && a->next_header == b->next_header &&
	       a->non_first_fragment == b->non_first_fragment;
}

static void print_outcome(const char *who, const struct outcome *o)
{
	print_error("  %s: %s, %s, %s, source %016" PRIx64 ", ICMPv6 %u/%u, next header %u%s\n",
		    who,
		    o->action == XDP_PASS ? "pass" :
		    o->action == XDP_DROP ? "drop" :
					    "neither pass nor drop",
		    class_info(o->class)->name, reason_name(o->reason), o->src_key, o->icmpv6_type,
		    o->icmpv6_code, o->next_header,
		    o->non_first_fragment ? ", later fragment" : "");
}

static void print_frame(uint64_t number, const struct frame *f)
{
	print_error("frame %" PRIu64 " of seed %#" PRIx64 ", %u bytes of %u:", number, seed,
		    f->bytes, f->wire_bytes);
	for (uint32_t i = 0; i < f->bytes; i++)
		print_error("%s%02x", i % 32 ? "" : "\n  ", f->data[i]);
	print_error("\n");
}

/* Is it a valid verdict, with a reason that documents that verdict? */
static bool is_documented(const struct outcome *o)
{
	bool drops;

	if ((o->action != XDP_PASS && o->action != XDP_DROP) || o->class >= S64_CLASS_COUNT ||
	    !strcmp(reason_name(o->reason), "undefined"))
		return false;
	drops = reason_is_drop(o->reason) && !reason_is_monitored(maps.policy, o->reason);
	return drops == (o->action == XDP_DROP);
}

static uint64_t came[S64_REASON_COUNT], different, undocumented, aborted;

static void compare(uint64_t number, const struct frame *f)
{
	struct outcome kernel = run_in_kernel(f), native = run_natively(f);
	bool equal = outcomes_equal(&kernel, &native), documented = is_documented(&kernel);

	aborted += kernel.action == XDP_ABORTED;
	undocumented += !documented;
	if (documented)
		came[kernel.reason]++;
	if (equal && documented)
		return;
	different += !equal;
	if (different + undocumented > SHOWN_MAX)
		return;
	print_frame(number, f);
	print_outcome("kernel", &kernel);
	print_outcome("native", &native);
}

static void same_is_left_behind(void)
{
	const struct s64_counters *kernel = &maps.counters[cpu], *native = s64_native->counters;

	assert_memory_equal(kernel->of_class, native->of_class, sizeof(native->of_class));
	assert_memory_equal(kernel->of_parse, native->of_parse, sizeof(native->of_parse));
	assert_memory_equal(&kernel->cpu_state, &native->cpu_state, sizeof(native->cpu_state));
	assert_memory_equal(&maps.samples[cpu], s64_native->samples, sizeof(*s64_native->samples));
	assert_memory_equal(maps.limiter, s64_native->limiter, native_limiter_bytes());
}

static uint64_t total(const struct s64_counters *counters)
{
	uint64_t sum = 0;

	for (int outcome = 0; outcome < S64_OUTCOME_COUNT; outcome++) {
		for (int class = 0; class < S64_CLASS_MAX; class ++)
			for (int reason = 0; reason < S64_CLASS_REASONS; reason++)
				sum += counters->of_class[outcome][class][reason].packets;
		for (int reason = 0; reason < S64_REASON_PARSE_MAX; reason++)
			sum += counters->of_parse[outcome][reason].packets;
	}
	return sum;
}

/* --- mixture --- */

static int print_reasons(void)
{
	int missing = 0;

	for (int reason = 0; reason < S64_REASON_COUNT; reason++) {
		if (!strcmp(reason_name(reason), "undefined"))
			continue;
		print_message("%10" PRIu64 "  %s\n", came[reason], reason_name(reason));
		missing += !came[reason];
	}
	return missing;
}

static int setup(void **state)
{
	(void)state;
	seed = from_environment("SLASH64_SEED", SEED);
	frames = from_environment("SLASH64_FRAMES", FRAMES);
	print_message("SLASH64_SEED=%#" PRIx64 " SLASH64_FRAMES=%" PRIu64 "\n", seed, frames);
	random_state = seed * 2 + 1;
	arena = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(arena != MAP_FAILED);
	arena_end = arena + 2 * 4096;
	assert_int_equal(mprotect(arena_end, 4096, PROT_NONE), 0);
	for (int i = 0; i < POOL_V4; i++)
		pool.v4[i] = random64();
	kernel_open();
	fill_source_rules();
	fill_local();
	for (int i = 0; i < 8; i++)
		list_some();
	native_open();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(s64_native);
	memory_maps_free(&own);
	munmap(arena, 3 * 4096);
	slash64_bpf__destroy(skeleton);
	prefixes_free(&prefixes);
	sources_free(&blocklist);
	maps_close(&maps);
	return 0;
}

static void kernel_and_native_build_say_the_same_of_a_million_mutated_frames(void **state)
{
	uint64_t now = (1ULL << 50) - ROUND_FRAMES * 100; /* the limiter's times wrap meanwhile */
	struct frame f;
	int missing;

	(void)state;
	for (uint64_t i = 0; i < frames; i++) {
		if (i % ROUND_FRAMES == 0) {
			list_some();
			random_policy();
			native_follow();
			if (i)
				now += below(1 << 30);
		}
		now += below(200); /* 300,000 frames per second */
		maps.test_ctx->now = s64_native->now = now;
		random_frame(&f);
		compare(i, &f);
		if (i % ROUND_FRAMES == ROUND_FRAMES - 1 && !different)
			same_is_left_behind();
	}
	missing = print_reasons();
	assert_int_equal(aborted, 0);
	assert_int_equal(undocumented, 0);
	assert_int_equal(different, 0);
	same_is_left_behind();
	assert_int_equal(total(&maps.counters[cpu]), frames);
	if (frames >= FRAMES)
		assert_in_range(missing, 0, NEVER_CAME_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			kernel_and_native_build_say_the_same_of_a_million_mutated_frames, setup,
			teardown),
	};

	if (geteuid() != 0) {
		puts("skipped: it runs a program in the kernel, which only root may\n0 passed, 0 failed, 1 skipped");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
