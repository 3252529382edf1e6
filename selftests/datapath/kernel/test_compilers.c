// SPDX-License-Identifier: GPL-2.0-only
/* The program as built by each clang passes this kernel's verifier, with the table sizes and facts
 * that slash64d writes into it: both objects, on the first interface and on the last.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "base/complaint.h"
#include "config/config.h"
#include "policy/policy.h"
#include "maps/prefix_table.h"
#include "maps/program.h"
#include "maps/blocklist.h"

#define RODATA	   ".rodata"
#define IFACES	   4
#define BLOCKS	   100000
#define PREFIXES   16384
#define LIMITER	   4096
#define PATH_BYTES 256
#define PACKETS	   3

/* A kernel processes a million at most, and some kernels need a third more for the same object than
 * others.
 */
#define VERIFIED_MAX 800000

static struct maps maps;
static struct blocklist blocklist;
static struct prefixes prefixes;

static void fail_on(int err, const struct error *error)
{
	if (err)
		fail_msg("%s", error->text);
}

/* Where the compiler has put it in .rodata. */
static struct s64_config *config_in(struct bpf_object *object)
{
	const struct btf *btf = bpf_object__btf(object);
	const struct btf_type *section =
		btf__type_by_id(btf, btf__find_by_name_kind(btf, RODATA, BTF_KIND_DATASEC));
	const struct btf_var_secinfo *variable = btf_var_secinfos(section);
	struct bpf_map *map;
	size_t bytes;

	bpf_object__for_each_map (map, object) {
		if (!strstr(bpf_map__name(map), RODATA))
			continue;
		for (int i = 0; i < btf_vlen(section); i++, variable++)
			if (!strcmp(btf__name_by_offset(
					    btf, btf__type_by_id(btf, variable->type)->name_off),
				    "config"))
				return (void *)((char *)bpf_map__initial_value(map, &bytes) +
						variable->offset);
	}
	fail_msg("the object has no constant `config`");
	return NULL;
}

/* TCP without SYN, from an ordinary source: it passes. */
static void run(const struct bpf_program *program, uint32_t slot)
{
	static unsigned char frame[74] = {
		[12] = 0x86, [13] = 0xdd, [14] = 0x60, [19] = 20, [20] = 6,    [21] = 64,
		[22] = 0x2a, [23] = 1,	  [38] = 0x2a, [53] = 1,  [66] = 0x50, [67] = 0x10};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = PACKETS);
	uint64_t counted = 0;

	for (uint32_t cpu = 0; cpu < maps.meta->cpus; cpu++)
		memset(&maps.counters[slot * maps.meta->cpus + cpu], 0, sizeof(*maps.counters));
	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(program), &opts), 0);
	assert_int_equal(opts.retval, XDP_PASS);
	for (uint32_t cpu = 0; cpu < maps.meta->cpus; cpu++)
		counted += maps.counters[slot * maps.meta->cpus + cpu]
				   .of_class[S64_OUTCOME_ENFORCED][S64_CLASS_TCP][S64_REASON_POLICY]
				   .packets;
	assert_int_equal(counted, PACKETS);
}

/* Instructions processed by the verifier: an increase has to be noticed before the program is
 * refused.
 */
static void check_size(const char *path, const struct bpf_program *program)
{
	struct bpf_prog_info info = {};
	__u32 bytes = sizeof(info);

	assert_int_equal(bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &bytes), 0);
	printf("# %s: %u instructions verified, of %d\n", path, info.verified_insns, VERIFIED_MAX);
	assert_true(info.verified_insns <= VERIFIED_MAX);
}

static void load(const char *path, uint32_t slot, enum s64_clock clock)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	const struct bpf_program *program;
	struct error error;

	if (!object)
		fail_msg("cannot open %s", path);
	fail_on(program_bind(object, config_in(object), &maps, slot, clock, &error), &error);
	fail_on(program_load(object, &error), &error);
	maps.test_ctx->step = S64_STEP_ALL;
	maps.test_ctx->wire_length = 74;
	program = bpf_object__find_program_by_name(object, "slash64");
	check_size(path, program);
	run(program, slot);
	bpf_object__close(object);
}

static void load_what_it_makes(int version)
{
	const char *build = getenv("SLASH64_BUILD");
	char shipped[PATH_BYTES], instrumented[PATH_BYTES];

	build = build && *build ? build : "build";
	snprintf(shipped, sizeof(shipped), "%s/clang-%d/slash64.bpf.o", build, version);
	snprintf(instrumented, sizeof(instrumented), "%s/clang-%d/instrumented.bpf.o", build,
		 version);
	if (access(shipped, F_OK) || access(instrumented, F_OK)) {
		printf("skipped clang-%d: it was not installed where the tests were built\n",
		       version);
		skip();
	}
	load(shipped, 0, S64_CLOCK_KERNEL);
	load(shipped, IFACES - 1, S64_CLOCK_KERNEL);
	load(instrumented, 0, S64_CLOCK_TEST);
	load(instrumented, IFACES - 1, S64_CLOCK_STEPS);
}

static void what_clang_14_makes_is_taken(void **state)
{
	load_what_it_makes(14);
}

static void what_clang_16_makes_is_taken(void **state)
{
	load_what_it_makes(16);
}

static void what_clang_19_makes_is_taken(void **state)
{
	load_what_it_makes(19);
}

static int set_up(void **state)
{
	struct maps_size size = {.blocks = BLOCKS,
				 .prefixes = PREFIXES,
				 .limiter = LIMITER,
				 .ifaces = IFACES};
	static struct policy policy;
	struct error error;

	complaint_listen();
	fail_on(maps_create(&maps, &size, &error), &error);
	fail_on(sources_init(&blocklist, &maps, &error), &error);
	fail_on(prefixes_init(&prefixes, &maps, &error), &error);
	policy_init(&policy, PROFILE_EDGE);
	for (uint32_t slot = 0; slot < IFACES; slot++)
		policy_compile(&policy, NULL, slot, maps.meta->tick_ns, &maps.policy[slot],
			       &maps.limits[slot * S64_LIMIT_MAX]);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_clang_14_makes_is_taken),
		cmocka_unit_test(what_clang_16_makes_is_taken),
		cmocka_unit_test(what_clang_19_makes_is_taken),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
