// SPDX-License-Identifier: GPL-2.0-only
/* Interface slots of other layouts and sizes: an interface that was renamed while slash64d was down is known by them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>
#include <cmocka.h>

#include "maps/iface_slots.h"

/* As 0.1.0 wrote it. */
struct layout_4 {
	uint32_t layout;
	uint32_t sizes[9];
	int64_t jiffies_ahead_ns;
	uint64_t seed[5];
	struct {
		char name[16];
		uint32_t ifindex, program_id, mode, method;
		uint64_t program;
	} iface[256];
	uint64_t owner;
};

static struct s64_meta meta, other;
static struct layout_4 old;
static struct s64_iface_slot slot[S64_IFACES_MAX];

static int set_up(void **state)
{
	memset(&meta, 0, sizeof(meta));
	memset(&other, 0, sizeof(other));
	memset(&old, 0, sizeof(old));
	memset(slot, 0xaa, sizeof(slot));
	meta.layout = S64_LAYOUT;
	meta.iface_slots = other.iface_slots = 4;
	meta.owner = old.owner = UINT64_MAX;
	old.layout = 4;
	return 0;
}

static struct s64_iface_slot iface(const char *name, uint32_t ifindex, uint32_t program_id)
{
	struct s64_iface_slot made = {.ifindex = ifindex, .program_id = program_id, .program = 77};

	strcpy(made.name, name);
	return made;
}

static void slots_of_this_layout_and_of_later_ones_are_read(void **state)
{
	meta.iface[0] = iface("a_name_that_is_as_long_as_only_an_alternative_name_can_be", 5, 900);
	meta.iface[255] = iface("wan0", 6, 901);
	assert_int_equal(iface_slots_parse(&meta, sizeof(meta), slot), 0);
	assert_memory_equal(slot, meta.iface, sizeof(slot));
	meta.layout = 1000;
	assert_int_equal(iface_slots_parse(&meta, sizeof(meta), slot), 0);
	assert_memory_equal(slot, meta.iface, sizeof(slot));
}

static void slots_of_0_1_0_are_read(void **state)
{
	strcpy(old.iface[0].name, "fifteen_letters");
	strcpy(old.iface[2].name, "wan0");
	old.iface[2].ifindex = 6;
	old.iface[2].program_id = 901;
	old.iface[2].method = 1;
	assert_int_equal(iface_slots_parse(&old, sizeof(old), slot), 0);
	assert_string_equal(slot[0].name, "fifteen_letters");
	assert_string_equal(slot[1].name, "");
	assert_string_equal(slot[2].name, "wan0");
	assert_int_equal(slot[2].ifindex, 6);
	assert_int_equal(slot[2].program_id, 901);
	assert_int_equal(slot[2].method, 1);
	assert_string_equal(slot[255].name, "");
}

static void what_is_no_slots_is_refused_and_nothing_is_written(void **state)
{
	struct s64_iface_slot before[S64_IFACES_MAX];

	memcpy(before, slot, sizeof(slot));
	assert_int_equal(iface_slots_parse(&meta, 3, slot), -EINVAL);
	assert_int_equal(iface_slots_parse(&meta, sizeof(meta) / 2, slot), -EINVAL);
	meta.layout = 0; /* it was not finished */
	assert_int_equal(iface_slots_parse(&meta, sizeof(meta), slot), -EINVAL);
	meta.layout = 2; /* before there was an owner */
	assert_int_equal(iface_slots_parse(&meta, sizeof(meta), slot), -EINVAL);
	meta.layout = S64_LAYOUT;
	memset(meta.iface[3].name, 'x', sizeof(meta.iface[3].name));
	assert_int_equal(iface_slots_parse(&meta, sizeof(meta), slot), -EINVAL);
	strcpy(meta.iface[3].name, "../up");
	assert_int_equal(iface_slots_parse(&meta, sizeof(meta), slot), -EINVAL);
	strcpy(meta.iface[3].name, "wan0\n");
	assert_int_equal(iface_slots_parse(&meta, sizeof(meta), slot), -EINVAL);
	assert_memory_equal(slot, before, sizeof(slot));
}

static void an_interface_keeps_its_place_and_its_program_is_not_as_it_should_be(void **state)
{
	meta.iface[1] = iface("wan0", 6, 901);
	iface_slots_carry(meta.iface, &other);
	assert_string_equal(other.iface[1].name, "wan0");
	assert_int_equal(other.iface[1].ifindex, 6);
	assert_int_equal(other.iface[1].program_id, 901);
	assert_int_equal(other.iface[1].program, 0);
	assert_string_equal(other.iface[0].name, "");
	assert_string_equal(other.iface[2].name, "");
}

/* Fewer places: what lies behind the last one moves, and what is attached comes first. */
static void where_there_are_fewer_places_those_that_are_attached_come_first(void **state)
{
	meta.iface[0] = iface("gone0", 4, 0);
	meta.iface[1] = iface("wan0", 5, 900);
	meta.iface[200] = iface("wan1", 6, 901);
	other.iface_slots = 2;
	iface_slots_carry(meta.iface, &other);
	assert_string_equal(other.iface[1].name, "wan0");
	assert_string_equal(other.iface[0].name, "wan1");
	assert_string_equal(other.iface[2].name, "");
}

static void counters_follow_a_name_and_else_an_interface_that_has_a_new_one(void **state)
{
	meta.iface[0] = iface("wan0", 5, 900);
	meta.iface[1] = iface("lan0", 6, 901);
	meta.iface[2] = iface("off0", 7, 902);
	other.iface[3] = iface("lan0", 5, 910); /* names were swapped */
	other.iface[0] = iface("uplink", 6, 911);
	assert_int_equal(iface_slots_where(meta.iface, 1, &other), 3);
	/* on 5 is another one that was there before, with counters of its own */
	assert_int_equal(iface_slots_where(meta.iface, 0, &other), -1);
	assert_int_equal(iface_slots_where(meta.iface, 2, &other), -1);
	assert_int_equal(iface_slots_where(meta.iface, 3, &other), -1);
	meta.iface[1] = (struct s64_iface_slot){};
	meta.iface[0].ifindex = 6;
	assert_int_equal(iface_slots_where(meta.iface, 0, &other), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(slots_of_this_layout_and_of_later_ones_are_read, set_up),
		cmocka_unit_test_setup(slots_of_0_1_0_are_read, set_up),
		cmocka_unit_test_setup(what_is_no_slots_is_refused_and_nothing_is_written, set_up),
		cmocka_unit_test_setup(
			an_interface_keeps_its_place_and_its_program_is_not_as_it_should_be,
			set_up),
		cmocka_unit_test_setup(
			where_there_are_fewer_places_those_that_are_attached_come_first, set_up),
		cmocka_unit_test_setup(
			counters_follow_a_name_and_else_an_interface_that_has_a_new_one, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
