// SPDX-License-Identifier: GPL-2.0-only
#include "made_up.h"

#include <locale.h>

#include "cli/lib/doctor/finding.h"

static void what_to_type_is_behind_the_line_break(void **state)
{
	json_t *object;

	assert_true(finding_set(&finding, FINDING_PROBLEM, "full of %s\ndf %s", "it", "/var"));
	assert_string_equal(finding.text, "full of it");
	assert_string_equal(finding.hint, "df /var");
	object = finding_to_json(&finding, "disk", NULL);
	assert_string_equal(json_string_value(json_object_get(object, "result")), "problem");
	assert_true(json_is_null(json_object_get(object, "interface")));
	json_decref(object);
	finding_set(&finding, FINDING_OK, "fine\n%s", "");
	assert_null(finding.hint);
	object = finding_to_json(&finding, "mtu", "eth0");
	assert_true(json_is_null(json_object_get(object, "hint")));
	assert_string_equal(json_string_value(json_object_get(object, "interface")), "eth0");
	json_decref(object);
}

static void a_line_is_no_wider_than_80_columns(void **state)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	finding_set(&finding, FINDING_WARNING,
		    "one two three four five six seven eight nine ten eleven twelve thirteen "
		    "fourteen fifteen sixteen\nip link set eth0 up");
	finding_print(out, &finding, "mtu", "eth0");
	fclose(out);
	assert_string_equal(text,
			    "warning  eth0 mtu: one two three four five six seven eight nine ten "
			    "eleven\n         twelve thirteen fourteen fifteen sixteen\n"
			    "         -> ip link set eth0 up\n");
	free(text);
}

/* Japanese has no blanks; a break of the line in what to type is one. */
static void japanese_is_broken_between_characters(void **state)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	finding_set(
		&finding, FINDING_WARNING,
		"カーネルの近隣テーブルの上限は、このネットワーク名前空間からは見えません\none\ntwo");
	finding_print(out, &finding, "neighbours", NULL);
	fclose(out);
	assert_string_equal(
		text,
		"warning  neighbours: カーネルの近隣テーブルの上限は、このネットワーク名前空間か\n"
		"         らは見えません\n         -> one two\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_to_type_is_behind_the_line_break, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(a_line_is_no_wider_than_80_columns, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(japanese_is_broken_between_characters, make_root,
						remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
