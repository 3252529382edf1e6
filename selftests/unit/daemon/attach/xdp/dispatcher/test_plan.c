// SPDX-License-Identifier: GPL-2.0-only
/* A new dispatcher contains the programs of others unchanged, and ours in its position. */
#include <errno.h>
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/attach/xdp/dispatcher/plan.h"

/* Replaces the functions of xdp_discover.c and xdp_pins.c: the descriptor is the id, and ids from
 * 100 on are ours.
 */
bool attach_is_ours(const char *programs, uint64_t owner, uint32_t id)
{
	return id >= 100;
}

uint32_t program_id_of(int fd)
{
	return fd;
}

static struct dispatcher now;
static struct dispatcher_plan plan;

/* Programs with these ids, each with its own priority and settings. -1 is an empty position. */
static void there(int count, const int *fd, const int *priority)
{
	now = (struct dispatcher){.config.num_progs_enabled = count, .config.is_xdp_frags = 1};
	for (int i = 0; i < count; i++) {
		now.program_fd[i] = fd[i];
		now.config.run_prios[i] = priority[i];
		now.config.chain_call_actions[i] = 1000 + fd[i];
		now.config.program_flags[i] = 2000 + fd[i];
	}
}

#define THERE(...)                                                              \
	there(sizeof((int[]){__VA_ARGS__}) / sizeof(int), (int[]){__VA_ARGS__}, \
	      (int[]){10, 20, 50, 60, 70, 80, 81, 82, 83, 84})

static void has(int place, int fd, unsigned int priority)
{
	assert_int_equal(plan.program_fd[place], fd);
	assert_int_equal(plan.config.run_prios[place], priority);
	if (fd < 100 && place != plan.ours) {
		assert_int_equal(plan.config.chain_call_actions[place], 1000 + fd);
		assert_int_equal(plan.config.program_flags[place], 2000 + fd);
	}
}

static void a_new_program_stands_behind_those_of_a_lower_priority(void **state)
{
	THERE(1, 2, 3, 4);
	assert_int_equal(dispatcher_plan_with(&plan, &now, "", 0), 0);
	assert_int_equal(plan.config.num_progs_enabled, 5);
	assert_int_equal(plan.ours, 3);
	has(0, 1, 10);
	has(1, 2, 20);
	has(2, 3, 50);
	has(4, 4, 60);
	assert_int_equal(plan.config.run_prios[3], 50);
	/* passed packets reach the next program */
	assert_true(plan.config.chain_call_actions[3] & 1U << XDP_PASS);
	assert_false(plan.config.chain_call_actions[3] & 1U << XDP_DROP);
	assert_int_equal(plan.config.magic, XDP_DISPATCHER_MAGIC);
	assert_int_equal(plan.config.is_xdp_frags, 1);
}

static void a_present_one_of_ours_is_replaced_in_its_position_and_others_of_ours_go(void **state)
{
	THERE(1, 100, 2, 101, 3);
	assert_int_equal(dispatcher_plan_with(&plan, &now, "", 0), 0);
	assert_int_equal(plan.config.num_progs_enabled, 4);
	assert_int_equal(plan.ours, 1);
	has(0, 1, 10);
	has(1, 100, 20);
	has(2, 2, 50);
	has(3, 3, 70);
}

static void empty_positions_are_left_out(void **state)
{
	THERE(-1, 1, -1, 100);
	assert_int_equal(dispatcher_plan_with(&plan, &now, "", 0), 0);
	assert_int_equal(plan.config.num_progs_enabled, 2);
	has(0, 1, 20);
	has(1, 100, 60);
	assert_int_equal(plan.ours, 1);
}

static void there_is_room_for_ten(void **state)
{
	THERE(1, 2, 3, 4, 5, 6, 7, 8, 9);
	assert_int_equal(dispatcher_plan_with(&plan, &now, "", 0), 0);
	assert_int_equal(plan.config.num_progs_enabled, 10);
	THERE(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
	assert_int_equal(dispatcher_plan_with(&plan, &now, "", 0), -E2BIG);
	THERE(1, 2, 3, 4, 5, 6, 7, 8, 9, 100);
	assert_int_equal(dispatcher_plan_with(&plan, &now, "", 0), 0);
	assert_int_equal(plan.ours, 9);
}

static void one_is_taken_out_and_the_others_stay(void **state)
{
	THERE(1, 100, -1, 2);
	assert_int_equal(dispatcher_plan_without(&plan, &now, 100), 0);
	assert_int_equal(plan.config.num_progs_enabled, 2);
	assert_int_equal(plan.ours, -1);
	has(0, 1, 10);
	has(1, 2, 60);
	assert_int_equal(dispatcher_plan_without(&plan, &now, 101), -ENOENT);
	THERE(100);
	assert_int_equal(dispatcher_plan_without(&plan, &now, 100), 0);
	assert_int_equal(plan.config.num_progs_enabled, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_program_stands_behind_those_of_a_lower_priority),
		cmocka_unit_test(
			a_present_one_of_ours_is_replaced_in_its_position_and_others_of_ours_go),
		cmocka_unit_test(empty_positions_are_left_out),
		cmocka_unit_test(there_is_room_for_ten),
		cmocka_unit_test(one_is_taken_out_and_the_others_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
