// SPDX-License-Identifier: GPL-2.0-only
/* Issue 15: one function decides for a block by hand, a list, the configuration and an undo. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/guards/guard_rails.h"

static struct prefix_set allowed;
static const struct guard_rails against = {.allowed = &allowed};
static struct guard_rails_answer answer;
static struct error error;

static struct prefix parse(const char *text)
{
	struct prefix prefix;

	assert_int_equal(prefix_parse_whole(text, &prefix, NULL), 0);
	return prefix;
}

/* Without the protected addresses, which are those of the machine. */
static int check(enum guard_rails_by by, const char *text, bool force)
{
	const struct prefix prefix = parse(text);
	const struct guard_rails_request request = {.by = by, .prefix = &prefix, .force = force};

	return guard_rails_check_alone(&against, &request, &answer, &error);
}

#define BY_COUNT (GUARD_RAILS_BY_UNDO + 1)

static void what_is_within_an_allowed_prefix_is_refused_but_for_an_undo(void **state)
{
	(void)state;
	for (int by = 0; by < BY_COUNT; by++) {
		bool holds = by != GUARD_RAILS_BY_UNDO;

		assert_int_equal(check(by, "2001:db8:a:1::/64", false), holds ? -EPERM : 0);
		assert_int_equal(answer.cause, holds ? GUARD_RAILS_ALLOWED : GUARD_RAILS_NONE);
		assert_int_equal(check(by, "2001:db8:a:1::/64", true), 0);
		if (!holds)
			continue;
		check(by, "2001:db8:a:1::/64", false);
		assert_int_equal(error.code, ERROR_GUARDED);
		assert_string_equal(error.member[0].key, "allowed_by");
		assert_string_equal(error.member[0].value, "2001:db8:a::/48");
	}
}

/* A list does not mistype. */
static void what_covers_one_is_refused_by_hand_and_in_the_configuration(void **state)
{
	(void)state;
	for (int by = 0; by < BY_COUNT; by++) {
		bool holds = by == GUARD_RAILS_BY_HAND || by == GUARD_RAILS_BY_CONFIG;

		assert_int_equal(check(by, "2001:db8::/32", false), holds ? -EPERM : 0);
		if (holds)
			assert_string_equal(error.member[0].key, "allowed_within");
		assert_int_equal(check(by, "2001:db8::/32", true), 0);
		assert_int_equal(!!strstr(answer.note, "stays open"), holds);
	}
}

static void a_short_one_takes_force_and_everything_is_never_blocked(void **state)
{
	(void)state;
	for (int by = 0; by < BY_COUNT; by++) {
		assert_int_equal(check(by, "2400::/16", false), -EPERM);
		assert_int_equal(answer.cause, GUARD_RAILS_SHORT);
		assert_string_equal(error.member[0].key, "length_min");
		assert_int_equal(check(by, "2400::/16", true), 0);
		for (int force = 0; force < 2; force++) {
			assert_int_equal(check(by, "0.0.0.0/0", force), -EINVAL);
			assert_int_equal(answer.cause, GUARD_RAILS_EVERYTHING);
			assert_int_equal(error.code, ERROR_EVERYTHING);
		}
	}
}

static void what_is_not_safe_to_block_takes_force_and_its_note_stays(void **state)
{
	const struct prefix prefix = parse("2400:1:2:3::/64");
	struct error why;
	struct guard_rails_request request = {.prefix = &prefix, .unsafe = &why, .note = "a note"};

	(void)state;
	error_set(&why, -EDOM, "it is many");
	assert_int_equal(guard_rails_check_alone(&against, &request, &answer, &error), -EPERM);
	assert_int_equal(answer.cause, GUARD_RAILS_NO_SOURCE);
	assert_int_equal(error.code, ERROR_GUARDED);
	assert_non_null(error_hint(&error));
	request.force = true;
	assert_int_equal(guard_rails_check_alone(&against, &request, &answer, &error), 0);
	assert_string_equal(answer.note, "a note");
}

static int set_up(void **state)
{
	const struct prefix prefix = parse("2001:db8:a::/48");

	(void)state;
	return prefix_set_add(&allowed, &prefix);
}

static int tear_down(void **state)
{
	(void)state;
	prefix_set_free(&allowed);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_within_an_allowed_prefix_is_refused_but_for_an_undo),
		cmocka_unit_test(what_covers_one_is_refused_by_hand_and_in_the_configuration),
		cmocka_unit_test(a_short_one_takes_force_and_everything_is_never_blocked),
		cmocka_unit_test(what_is_not_safe_to_block_takes_force_and_its_note_stays),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
