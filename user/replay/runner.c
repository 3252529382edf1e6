// SPDX-License-Identifier: GPL-2.0-only
#include "runner.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "base/complaint.h"
#include "base/permission.h"
#include "maps/program.h"
#include "maps/source_rules_map.h"
#include "slash64.skel.h"
#include "net/block_target.h"

#define RUNNER_BLOCKS_MIN CONFIG_BLOCKS_MIN
#define ETHERNET_BYTES	  14

/* The size of a buffer in the kernel's test runs; the rest of a large frame contains no headers. */
#define FRAME_BYTES_MAX 3500

/* Only the static lists; the store of a running daemon is not read. */
static int put_block(struct runner *runner, const struct config *config, const struct prefix *block)
{
	struct block_target target =
		block_target_of_stored(&config->rules, &runner->maps.meta->seed, block);
	uint8_t info = 0;

	for (size_t i = 0; i < config->allow.count; i++)
		if (prefix_contains(&config->allow.entry[i].prefix, block))
			return 0;
	if (!target.is_source)
		return prefixes_put(&runner->prefixes, block, 0);
	if (config->allow.count || prefix_set_within(&runner->prefixes.blocked, block))
		info = S64_BLOCK_FINER;
	return sources_put(&runner->blocklist, target.src_key, info);
}

static int put_blocks(struct runner *runner, const struct config *config, struct error *error)
{
	int err = 0;

	source_rules_stage(&config->rules, &runner->maps);
	source_index_open(&runner->prefixes.source_index);
	source_rules_switch(&runner->maps);
	for (size_t i = 0; i < config->allow.count && !err; i++)
		err = prefixes_put(&runner->prefixes, &config->allow.entry[i].prefix,
				   S64_PREFIX_ALLOW);
	/* prefixes within a source before the source */
	for (int sources = 0; sources < 2; sources++)
		for (size_t i = 0; i < config->block.count && !err; i++) {
			const struct prefix *block = &config->block.entry[i].prefix;
			bool is_source = block_target_of_stored(&config->rules,
								&runner->maps.meta->seed, block)
						 .is_source;

			if (is_source == sources)
				err = put_block(runner, config, block);
		}
	return err ? error_set(error, err, "cannot fill the maps: %s", strerror(-err)) : 0;
}

int runner_open(struct runner *runner, const struct config *config, enum s64_step step,
		enum s64_test_direction direction, struct error *error)
{
	struct maps_size size = {.limiter = config->limiter, .ifaces = 1};
	struct permission_facts facts;
	char hint[PERMISSION_HINT_MAX];
	int err;

	memset(runner, 0, sizeof(*runner));
	permission_facts_read(&facts);
	if (!permission_given(&facts, PERMISSION_BPF)) {
		permission_explain(&facts, PERMISSION_BPF, -EPERM, hint);
		return error_set(error, -EPERM, "cannot run the program in the kernel as user %u%s",
				 facts.user, hint);
	}
	complaint_listen();
	size.prefixes = config->prefixes;
	size.blocks = config->block.count * 2 > RUNNER_BLOCKS_MIN ? config->block.count * 2 :
								    RUNNER_BLOCKS_MIN;
	err = maps_create(&runner->maps, &size, error);
	if (err)
		return err;
	err = sources_init(&runner->blocklist, &runner->maps, error);
	if (!err)
		err = prefixes_init(&runner->prefixes, &runner->maps, error);
	if (!err)
		err = put_blocks(runner, config, error);
	if (!err) {
		policy_compile(&config->policy, NULL, 0, runner->maps.meta->tick_ns,
			       runner->maps.policy, runner->maps.limits);
		runner->maps.test_ctx->step = step;
		runner->maps.test_ctx->direction = direction;
		runner->skeleton = program_open(&runner->maps, 0, S64_CLOCK_TEST, error);
		err = runner->skeleton ? 0 : -EINVAL;
	}
	if (!err)
		err = program_load(runner->skeleton->obj, error);
	if (err)
		runner_close(runner);
	else
		runner->program = bpf_program__fd(runner->skeleton->progs.slash64);
	return err;
}

void runner_close(struct runner *runner)
{
	if (runner->skeleton)
		slash64_bpf__destroy(runner->skeleton);
	prefixes_free(&runner->prefixes);
	sources_free(&runner->blocklist);
	if (runner->maps.meta)
		maps_close(&runner->maps);
	memset(runner, 0, sizeof(*runner));
}

/* The kernel does not run a program on less than an Ethernet header. */
static void too_short(struct runner_result *result)
{
	result->class = S64_CLASS_MALFORMED;
	result->reason = S64_REASON_TRUNCATED_LINK;
}

void runner_sample(struct runner *runner)
{
	runner->samples = true;
}

/* The sampler skips nothing. The program runs on one of the CPUs. */
static void ask_for_sample(struct runner *runner)
{
	for (uint32_t cpu = 0; cpu < runner->maps.meta->cpus; cpu++) {
		struct s64_cpu_state *state = &runner->maps.counters[cpu].cpu_state;

		state->left = state->skip = state->mask = state->taken = 0;
		runner->maps.samples[cpu].head = 0;
	}
}

static void take_sample(struct runner *runner, struct runner_result *result)
{
	for (uint32_t cpu = 0; cpu < runner->maps.meta->cpus; cpu++) {
		const struct s64_samples *ring = &runner->maps.samples[cpu];

		if (!S64_READ_ONCE(ring->head))
			continue;
		result->is_sampled = true;
		result->sample = ring->slot[0];
	}
}

int runner_run(struct runner *runner, const struct runner_frame *frame,
	       struct runner_result *result, struct error *error)
{
	uint32_t bytes = frame->bytes < FRAME_BYTES_MAX ? frame->bytes : FRAME_BYTES_MAX;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame->data, .data_size_in = bytes,
		    .repeat = 1);
	struct s64_test_ctx *test_ctx = runner->maps.test_ctx;
	int err;

	memset(result, 0, sizeof(*result));
	if (frame->bytes < ETHERNET_BYTES) {
		too_short(result);
		return 0;
	}
	if (runner->samples)
		ask_for_sample(runner);
	test_ctx->now = s64_time_of_ns(frame->time_ns);
	test_ctx->wire_length = frame->wire_bytes;
	err = bpf_prog_test_run_opts(runner->program, &opts);
	if (err)
		return error_set(error, err,
				 "the kernel refuses to run the program on %u bytes: %s",
				 frame->bytes, strerror(-err));
	if (runner->samples)
		take_sample(runner, result);
	result->passed = opts.retval == XDP_PASS;
	result->src_key = test_ctx->src_key;
	result->class = test_ctx->class;
	result->reason = test_ctx->reason;
	result->icmpv6_type = test_ctx->icmpv6_type;
	result->icmpv6_code = test_ctx->icmpv6_code;
	result->next_header = test_ctx->next_header;
	result->non_first_fragment = test_ctx->non_first_fragment;
	return 0;
}
