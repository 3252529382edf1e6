/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs the real program in the kernel on given frames (BPF_PROG_TEST_RUN), with the clock set for
 * each: no NIC, no daemon, nothing pinned.
 */
#ifndef SLASH64_REPLAY_RUNNER_H
#define SLASH64_REPLAY_RUNNER_H

#include "config/config.h"
#include "maps/prefix_table.h"
#include "maps/program.h"
#include "maps/blocklist.h"
#include "maps/maps.h"

struct runner {
	struct maps maps;
	struct blocklist blocklist;
	struct prefixes prefixes;
	struct slash64_bpf *skeleton;
	int program;
	bool samples;
};

struct runner_frame {
	const unsigned char *data;
	uint32_t bytes;	     /* at least 14 */
	uint32_t wire_bytes; /* at least bytes */
	uint64_t time_ns;
};

/* The verdict on a frame. Fields that the datapath did not reach are 0. */
struct runner_result {
	bool passed;
	uint64_t src_key;
	uint8_t class, reason;
	uint8_t icmpv6_type, icmpv6_code;
	uint8_t next_header; /* the upper layer's, behind the extension headers */
	bool non_first_fragment;
	bool is_sampled; /* only after runner_sample() */
	struct s64_sample sample;
};

/* With the policy, limits and static lists of a configuration. */
int runner_open(struct runner *runner, const struct config *config, enum s64_step step,
		enum s64_test_direction direction, struct error *error);
void runner_close(struct runner *runner);

/* From now on, results have the packet's sample: of every packet, whatever the sampler would take.
 */
void runner_sample(struct runner *runner);

int runner_run(struct runner *runner, const struct runner_frame *frame,
	       struct runner_result *result, struct error *error);

#endif
