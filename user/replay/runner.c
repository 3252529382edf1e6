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
	struct unit unit = unit_of_stored(&config->rules, &runner->tables.meta->seed, block);
	uint8_t info = 0;

	for (size_t i = 0; i < config->allow.count; i++)
		if (prefix_contains(&config->allow.entry[i].prefix, block))
			return 0;
	if (!unit.is_site)
		return prefixes_put(&runner->prefixes, block, 0);
	if (config->allow.count || prefix_set_within(&runner->prefixes.blocked, block))
		info = S64_BLOCK_FINER;
	return sites_put(&runner->sites, unit.site, info);
}

static int put_blocks(struct runner *runner, const struct config *config, struct error *error)
{
	int err = 0;

	site_rules_stage(&config->rules, &runner->tables);
	gate_open(&runner->prefixes.gate);
	site_rules_switch(&runner->tables);
	for (size_t i = 0; i < config->allow.count && !err; i++)
		err = prefixes_put(&runner->prefixes, &config->allow.entry[i].prefix,
				   S64_PREFIX_ALLOW);
	/* prefixes within a source before the source */
	for (int sites = 0; sites < 2; sites++)
		for (size_t i = 0; i < config->block.count && !err; i++) {
			const struct prefix *block = &config->block.entry[i].prefix;
			bool is_site =
				unit_of_stored(&config->rules, &runner->tables.meta->seed, block)
					.is_site;

			if (is_site == sites)
				err = put_block(runner, config, block);
		}
	return err ? error_set(error, err, "cannot fill the tables: %s", strerror(-err)) : 0;
}

int runner_open(struct runner *runner, const struct config *config, enum s64_step step,
		enum s64_given_direction direction, struct error *error)
{
	struct tables_size size = {.limiter = config->limiter, .ifaces = 1};
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
	err = tables_create(&runner->tables, &size, error);
	if (err)
		return err;
	err = sites_init(&runner->sites, &runner->tables, error);
	if (!err)
		err = prefixes_init(&runner->prefixes, &runner->tables, error);
	if (!err)
		err = put_blocks(runner, config, error);
	if (!err) {
		policy_compile(&config->policy, NULL, 0, runner->tables.meta->tick_ns,
			       runner->tables.policy, runner->tables.limits);
		runner->tables.given->step = step;
		runner->tables.given->direction = direction;
		runner->skeleton = program_open(&runner->tables, 0, S64_CLOCK_GIVEN, error);
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
	sites_free(&runner->sites);
	if (runner->tables.meta)
		tables_close(&runner->tables);
	memset(runner, 0, sizeof(*runner));
}

/* The kernel does not run a program on less than an Ethernet header. */
static void too_short(struct runner_result *result)
{
	result->class = S64_CLASS_MALFORMED;
	result->reason = S64_REASON_TRUNCATED_LINK;
}

int runner_run(struct runner *runner, const struct runner_frame *frame,
	       struct runner_result *result, struct error *error)
{
	uint32_t bytes = frame->bytes < FRAME_BYTES_MAX ? frame->bytes : FRAME_BYTES_MAX;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame->data, .data_size_in = bytes,
		    .repeat = 1);
	struct s64_given *given = runner->tables.given;
	int err;

	memset(result, 0, sizeof(*result));
	if (frame->bytes < ETHERNET_BYTES) {
		too_short(result);
		return 0;
	}
	given->now = frame->time_ns >> S64_TAT_NS_SHIFT;
	given->wire_length = frame->wire_bytes;
	err = bpf_prog_test_run_opts(runner->program, &opts);
	if (err)
		return error_set(error, err, "the kernel does not run the program on %u bytes: %s",
				 frame->bytes, strerror(-err));
	result->passed = opts.retval == XDP_PASS;
	result->site = given->site;
	result->class = given->class;
	result->reason = given->reason;
	result->icmpv6_type = given->icmpv6_type;
	result->icmpv6_code = given->icmpv6_code;
	result->next_header = given->next_header;
	result->later_fragment = given->later_fragment;
	return 0;
}
