// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands is complete: every command has what help and completion need. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cli_test.h"

static void every_command_has_a_function_a_summary_and_an_example(void **state)
{
	for (const struct command *c = commands; c->name; c++) {
		assert_non_null(c->run);
		assert_true(strlen(c->summary) > 3);
		assert_memory_equal(c->example, "slash64 ", 8);
		assert_in_range(c->group, 0, GROUP_COUNT - 1);
		assert_non_null(c->synopsis);
		/* no_such_command() relies on the blanks */
		assert_true(!*c->also ||
			    (c->also[0] == ' ' && c->also[strlen(c->also) - 1] == ' '));
	}
}

static void no_name_stands_for_two_commands(void **state)
{
	for (const struct command *c = commands; c->name; c++) {
		char word[64];

		assert_ptr_equal(command_find(c->name), c);
		snprintf(word, sizeof(word), " %s ", c->name);
		for (const struct command *other = commands; other->name; other++)
			if (strstr(other->also, word))
				fail_msg("'%s' is also %s", c->name, other->name);
	}
	assert_null(command_find("blok"));
	assert_null(command_find(""));
}

static void every_group_has_a_title_and_a_command(void **state)
{
	for (int group = 0; group < GROUP_COUNT; group++) {
		bool found = false;

		assert_non_null(command_groups[group]);
		for (const struct command *c = commands; c->name; c++)
			found |= c->group == (unsigned int)group;
		assert_true(found);
	}
}

static void options_have_a_text_and_no_double(void **state)
{
	for (const struct command *c = commands; c->name; c++)
		for (const struct command_item *i = c->items; i && i->word; i++) {
			assert_true(strlen(i->text) > 3);
			assert_true(!i->choices || (i->value && strchr(i->choices, '|')));
			if (i->word[0] != '-')
				continue;
			assert_ptr_equal(option_find(c, i->word), i);
			for (const struct command_item *o = common_options; o->word; o++)
				assert_string_not_equal(i->word, o->word);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_has_a_function_a_summary_and_an_example),
		cmocka_unit_test(no_name_stands_for_two_commands),
		cmocka_unit_test(every_group_has_a_title_and_a_command),
		cmocka_unit_test(options_have_a_text_and_no_double),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
