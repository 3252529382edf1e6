// SPDX-License-Identifier: GPL-2.0-only
/* The catalogue of this test is beside it, as that of a program is in the folder where it is built: the test writes it. */
#include <libgen.h>
#include <limits.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text/language.h"

static char folder[PATH_MAX];

/* Another catalogue of the same name, outside of the folder, and one for Japanese within. */
static int write_catalogues(void **state)
{
	char program[PATH_MAX] = "", command[4 * PATH_MAX];

	(void)state;
	assert_true(readlink("/proc/self/exe", program, sizeof(program) - 1) > 0);
	snprintf(folder, sizeof(folder), "%s", dirname(program));
	snprintf(
		command, sizeof(command),
		"cd '%s' && mkdir -p locale/ja/LC_MESSAGES evil/LC_MESSAGES && "
		"printf '%%s\\n' 'msgid \"\"' 'msgstr \"Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=1; plural=0;\\n\"' "
		"'msgid \"never\"' 'msgstr \"なし\"' 'msgid \"one\"' 'msgid_plural \"many\"' 'msgstr[0] \"個\"' > test_language.po && "
		"msgfmt -o locale/ja/LC_MESSAGES/slash64.mo test_language.po && cp locale/ja/LC_MESSAGES/slash64.mo evil/LC_MESSAGES/",
		folder);
	return system(command);
}

static int remove_catalogues(void **state)
{
	char command[PATH_MAX + 64];

	(void)state;
	snprintf(command, sizeof(command), "cd '%s' && rm -r locale evil test_language.po", folder);
	return system(command);
}

static const char *never(const char *all, const char *messages, const char *lang,
			 const char *language)
{
	const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE", "LC_CTYPE"};
	const char *const values[] = {all, messages, lang, language, NULL};

	for (int i = 0; i < 5; i++)
		if (values[i])
			setenv(names[i], values[i], 1);
		else
			unsetenv(names[i]);
	setlocale(LC_ALL, "C");
	language_init();
	return _("never");
}

static void it_is_what_the_environment_asks_for(void **state)
{
	assert_string_equal(never(NULL, NULL, NULL, NULL), "never");
	assert_string_equal(never(NULL, NULL, "C.UTF-8", "ja"), "なし");
	assert_true(language_is_foreign());
	assert_string_equal(never(NULL, NULL, "ja_JP.UTF-8", NULL), "なし");
	assert_string_equal(never("ja_JP.utf8", NULL, "C", NULL), "なし");
	assert_string_equal(never(NULL, "ja_JP.UTF-8", "en_US.UTF-8", NULL), "なし");
	assert_string_equal(never("C", NULL, "ja_JP.UTF-8", "ja"), "never");
	assert_string_equal(never("C.UTF-8", NULL, "ja_JP.UTF-8", NULL), "never");
	assert_string_equal(never(NULL, NULL, "de_DE.UTF-8", NULL), "never");
	assert_string_equal(never(NULL, NULL, "de_DE.UTF-8", "de:ja"), "なし");
	assert_false(never(NULL, NULL, NULL, NULL) == NULL || language_is_foreign());
}

static void english_comes_before_what_is_behind_it(void **state)
{
	assert_string_equal(never(NULL, NULL, "C.UTF-8", "en:ja"), "never");
	assert_string_equal(never(NULL, NULL, "C.UTF-8", "en_GB:ja"), "never");
	assert_string_equal(never(NULL, NULL, "C.UTF-8", "ja:en"), "なし");
}

static void what_is_not_utf8_stays_english(void **state)
{
	assert_string_equal(never(NULL, NULL, "ja_JP.eucJP", NULL), "never");
	assert_string_equal(never(NULL, NULL, "ja_JP", NULL), "never");
}

static void a_hostile_name_leads_to_no_catalogue(void **state)
{
	char path[PATH_MAX + 32];

	assert_string_equal(never(NULL, NULL, "C.UTF-8", "../evil"), "never");
	snprintf(path, sizeof(path), "%s/evil", folder);
	assert_string_equal(never(NULL, NULL, "C.UTF-8", path), "never");
	assert_string_equal(never(NULL, NULL, path, NULL), "never");
	assert_string_equal(never("../evil.UTF-8", NULL, NULL, NULL), "never");
	memset(path, 'j', 300);
	path[300] = '\0';
	assert_string_equal(never(NULL, NULL, "C.UTF-8", path), "never");
}

static void numbers_keep_their_point_and_programs_their_english(void **state)
{
	char text[8];

	assert_string_equal(never(NULL, NULL, "ja_JP.UTF-8", NULL), "なし");
	snprintf(text, sizeof(text), "%.1f", 0.5);
	assert_string_equal(text, "0.5");
	assert_string_equal(setlocale(LC_NUMERIC, NULL), "C");
	assert_string_equal(P_("one", "many", 1), "個");
	language_english();
	assert_string_equal(_("never"), "never");
	assert_string_equal(P_("one", "many", 1), "one");
	assert_string_equal(P_("one", "many", 0), "many");
	assert_string_equal(strerror(2), "No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_what_the_environment_asks_for),
		cmocka_unit_test(english_comes_before_what_is_behind_it),
		cmocka_unit_test(what_is_not_utf8_stays_english),
		cmocka_unit_test(a_hostile_name_leads_to_no_catalogue),
		cmocka_unit_test(numbers_keep_their_point_and_programs_their_english),
	};

	return cmocka_run_group_tests(tests, write_catalogues, remove_catalogues);
}
