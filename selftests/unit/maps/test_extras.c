// SPDX-License-Identifier: GPL-2.0-only
/* What the datapath does beside its verdict: each can be turned on and off without the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "maps/extras.h"
#include "memory_maps.h"

#define SLOTS 3
#define CPUS  2

static void each_is_turned_on_and_off_without_the_others(void **state)
{
	const struct s64_meta meta = {.iface_slots = SLOTS,
				      .cpus = CPUS,
				      .blocks_buckets = 1,
				      .prefix_buckets = 1,
				      .bloom_lines = 1,
				      .limiter_buckets = 1};
	struct maps maps;

	(void)state;
	memory_maps_make(&maps, &meta);
	extra_set(&maps, 1, S64_EXTRA_CAPTURE, true);
	extra_set_everywhere(&maps, S64_EXTRA_PROOF, true);
	for (int i = 0; i < SLOTS * CPUS; i++)
		assert_int_equal(maps.counters[i].cpu_state.extras,
				 S64_EXTRA_PROOF | (i / CPUS == 1 ? S64_EXTRA_CAPTURE : 0));
	extra_set_everywhere(&maps, S64_EXTRA_CAPTURE, false);
	for (int i = 0; i < SLOTS * CPUS; i++)
		assert_int_equal(maps.counters[i].cpu_state.extras, S64_EXTRA_PROOF);
	memory_maps_free(&maps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_turned_on_and_off_without_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
