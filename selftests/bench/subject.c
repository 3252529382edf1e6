// SPDX-License-Identifier: GPL-2.0-only
/* Everything that uses the project's own interfaces. */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <slash64/maps.h>
#include <slash64/bucket_hash.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench.h"
#include "measured.skel.h"
#include "policy/names.h"
#include "policy/policy.h"
#include "maps/program.h"
#include "maps/blocklist.h"
#include "slash64.skel.h"
#include "maps/maps.h"

#define REPEAT	       200000
#define ROUNDS	       31
#define PREFETCH_AHEAD 8 /* as the controller does (user/daemon/blocks/blocks.c) */

struct subject {
	struct maps maps;
	struct blocklist blocklist;
	struct slash64_bpf *shipped[LINKS];
	struct measured_bpf *measured;
};

struct subject *subject_open(uint32_t blocks, uint32_t limiter)
{
	struct maps_size size = {.blocks = blocks, .limiter = limiter, .ifaces = LINKS};
	struct subject *subject = calloc(1, sizeof(*subject));
	struct error error;

	if (!subject || maps_create(&subject->maps, &size, &error) ||
	    sources_init(&subject->blocklist, &subject->maps, &error))
		fail("%s", subject ? error.text : "out of memory");
	return subject;
}

static void close_programs(struct subject *subject)
{
	for (int i = 0; i < LINKS; i++) {
		if (subject->shipped[i])
			slash64_bpf__destroy(subject->shipped[i]);
		subject->shipped[i] = NULL;
	}
	if (subject->measured)
		measured_bpf__destroy(subject->measured);
	subject->measured = NULL;
}

void subject_close(struct subject *subject)
{
	close_programs(subject);
	sources_free(&subject->blocklist);
	maps_close(&subject->maps);
	free(subject);
}

const struct maps *subject_maps(const struct subject *subject)
{
	return &subject->maps;
}

double subject_fill(struct subject *subject, uint64_t first, uint64_t count)
{
	double start = now_s();

	for (uint64_t i = 0; i < count; i++) {
		sources_prefetch(&subject->blocklist, source_number(first + i + PREFETCH_AHEAD));
		if (sources_put(&subject->blocklist, source_number(first + i), 0))
			fail("the table is full at %llu of %llu sources", (unsigned long long)i,
			     (unsigned long long)count);
	}
	return now_s() - start;
}

uint64_t subject_bytes(const struct subject *subject)
{
	return maps_memory(&subject->maps);
}

void subject_policy(struct subject *subject, const char *limited, uint32_t rate, uint32_t burst)
{
	struct policy policy;

	policy_init(&policy, PROFILE_EDGE);
	for (int i = 0; i < NAMES_COUNT; i++)
		for (int direction = 0; direction < S64_DIRECTION_COUNT; direction++)
			policy.row[i].action[direction] =
				*limited && !strcmp(policy_row_name(i), limited) ?
					S64_ACTION_LIMIT :
					S64_ACTION_PASS;
	for (int i = 0; i < NAMES_COUNT && rate; i++)
		policy.row[i].limit = (struct policy_limit){rate, burst, rate * 10, burst * 10};
	for (int i = 0; i < LINKS; i++)
		policy_compile(&policy, NULL, i, subject->maps.meta->tick_ns,
			       &subject->maps.policy[i], &subject->maps.limits[i * S64_LIMIT_MAX]);
}

static void slow_down(struct s64_rate *rate, unsigned int times)
{
	rate->increment *= times;
	rate->tolerance *= times;
}

void subject_policy_minute(struct subject *subject, const char *limited)
{
	subject_policy(subject, limited, 1, 1);
	for (int i = 0; i < LINKS * S64_LIMIT_MAX; i++) {
		struct s64_limit *limit = &subject->maps.limits[i];

		slow_down(&limit->source, 60);
		slow_down(&limit->fallback, 60);
		limit->aggregate = limit->source;
	}
}

int subject_program(struct subject *subject, int link)
{
	struct error error;

	if (!subject->shipped[link]) {
		subject->shipped[link] =
			program_open(&subject->maps, link, S64_CLOCK_KERNEL, &error);
		if (!subject->shipped[link] || slash64_bpf__load(subject->shipped[link]))
			fail("the kernel does not take the program");
	}
	return bpf_program__fd(subject->shipped[link]->progs.slash64);
}

uint64_t subject_counted(const struct subject *subject, const char *reason)
{
	const struct s64_meta *meta = subject->maps.meta;
	uint64_t sum = 0;

	for (uint32_t i = 0; i < meta->iface_slots * meta->cpus; i++)
		for (int class = 0; class < S64_CLASS_MAX; class ++)
			for (int r = 0; r < S64_REASON_CLASS_COUNT; r++)
				if (!strcmp(reason_name(r), reason))
					sum += subject->maps.counters[i]
						       .of_class[S64_OUTCOME_ENFORCED][class][r]
						       .packets;
	return sum;
}

/* A source whose first bucket is that of `start`: what an attacker could choose if they knew the
 * seed.
 */
uint64_t subject_seed_collision(struct subject *subject, uint64_t start)
{
	const struct s64_meta *meta = subject->maps.meta;
	uint32_t bucket =
		bucket_first(s64_hash64(source_number(0), &meta->seed), meta->blocks_buckets);

	for (uint64_t n = start;; n++)
		if (bucket_first(s64_hash64(source_number(n), &meta->seed), meta->blocks_buckets) ==
		    bucket)
			return n;
}

/* --- the price of the program --- */

static void set_config(struct subject *subject, struct measured_bpf *skeleton, unsigned int skip)
{
	struct s64_config *config = (struct s64_config *)&skeleton->rodata->config;
	const struct s64_meta *meta = subject->maps.meta;

	config->seed = meta->seed;
	config->blocks_buckets = meta->blocks_buckets;
	config->prefix_buckets = meta->prefix_buckets;
	config->bloom_lines = meta->bloom_lines;
	config->limiter_buckets = meta->limiter_buckets;
	config->clock = S64_CLOCK_KERNEL;
	config->tick_ns = meta->tick_ns;
	config->jiffies_ahead_ns = meta->jiffies_ahead_ns;
	config->cpus = meta->cpus;
	config->skip = skip;
}

static struct measured_bpf *open_measured(struct subject *subject, unsigned int skip)
{
	struct measured_bpf *skeleton = measured_bpf__open();
	struct bpf_map *map;

	if (!skeleton)
		fail("cannot open the program to be measured: %s", strerror(errno));
	bpf_object__for_each_map (map, skeleton->obj)
		maps_reuse(&subject->maps, map);
	set_config(subject, skeleton, skip);
	if (measured_bpf__load(skeleton))
		fail("the kernel does not take the program to be measured");
	return skeleton;
}

static void set_load(const struct measured_bpf *skeleton, uint64_t first, uint64_t source_count)
{
	struct load *load = mmap(NULL, sizeof(*load), PROT_READ | PROT_WRITE, MAP_SHARED,
				 bpf_map__fd(skeleton->maps.measured_load), 0);

	if (load == MAP_FAILED)
		fail("cannot map the load: %s", strerror(errno));
	load->first = first;
	load->source_count = source_count;
	munmap(load, sizeof(*load));
}

static double run_ns(const struct bpf_program *program, const struct frame *frame)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame->data, .data_size_in = frame->bytes,
		    .repeat = REPEAT);

	if (bpf_prog_test_run_opts(bpf_program__fd(program), &opts))
		fail("the kernel does not run the program: %s", strerror(errno));
	return opts.duration;
}

/* The difference between two programs, run alternately. */
static double difference_ns(const struct bpf_program *program, const struct bpf_program *other,
			    enum frame_kind kind)
{
	double difference[ROUNDS];
	struct frame frame;

	frame_make(&frame, kind);
	for (int i = 0; i < ROUNDS; i++) {
		difference[i] = run_ns(program, &frame);
		difference[i] -= run_ns(other, &frame);
	}
	return median(difference, ROUNDS);
}

double subject_ns(struct subject *subject, enum frame_kind kind, uint64_t first,
		  uint64_t source_count)
{
	if (!subject->measured)
		subject->measured = open_measured(subject, 0);
	set_load(subject->measured, first, source_count);
	return difference_ns(subject->measured->progs.measured,
			     subject->measured->progs.measured_nothing, kind);
}

double subject_price_ns(struct subject *subject, enum frame_kind kind, unsigned int skip)
{
	struct measured_bpf *without = open_measured(subject, skip);
	double price;

	if (!subject->measured)
		subject->measured = open_measured(subject, 0);
	set_load(subject->measured, CLEAN_FIRST, 1);
	set_load(without, CLEAN_FIRST, 1);
	price = difference_ns(subject->measured->progs.measured, without->progs.measured, kind);
	measured_bpf__destroy(without);
	return price;
}

void subject_facts(struct subject *subject, unsigned int *verified, unsigned int *jited)
{
	struct bpf_prog_info info = {};
	__u32 bytes = sizeof(info);

	bpf_obj_get_info_by_fd(subject_program(subject, 0), &info, &bytes);
	*verified = info.verified_insns;
	*jited = info.jited_prog_len;
}
