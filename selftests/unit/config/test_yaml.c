// SPDX-License-Identifier: GPL-2.0-only
/* YAML by table: fields, lists, numbers and words. Each error has its file and line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "config/yaml.h"

static struct yaml_source source;
static struct error error;

static yaml_node_t *open_text(const char *text)
{
	if (yaml_open_text(&source, "f", text, strlen(text), &error))
		fail_msg("refused: %s", error.text);
	return yaml_document_get_root_node(&source.document);
}

static void cannot_open(const char *text, size_t bytes, const char *said)
{
	if (!yaml_open_text(&source, "f", text, bytes, &error)) {
		yaml_close(&source);
		fail_msg("taken: %s", text);
	}
	if (!strstr(error.text, said))
		fail_msg("said '%s'", error.text);
}

static void what_is_no_document_is_refused_with_its_line(void **state)
{
	cannot_open("", 0, "f: empty");
	cannot_open("# only this\n", 12, "f: empty");
	cannot_open("a: [1,\n", 7, "f:");
	cannot_open("a: 1\nb: }\n", 10, "f:2: not YAML");
	/* a second document would be ignored silently */
	cannot_open("a: 1\n---\nb: 2\n", 14, "f:3: a second YAML document");
	cannot_open("a: 1\n---\nb: {\n", 14, "not YAML");
}

static void a_file_that_cannot_be_read_says_why(void **state)
{
	assert_int_equal(yaml_open(&source, "/nonexistent/x.yaml", &error), -ENOENT);
	assert_non_null(strstr(error.text, "/nonexistent/x.yaml"));
	assert_non_null(error_hint(&error));
	assert_int_not_equal(yaml_open(&source, "/", &error), 0);
}

struct values {
	uint32_t number;
	char order[8];
};

static int put(struct values *values, char which)
{
	values->order[strlen(values->order)] = which;
	return 0;
}

static int parse_a(struct yaml_source *s, yaml_node_t *node, void *data)
{
	return yaml_number(s, node, "a", 1, 10, &((struct values *)data)->number) ?: put(data, 'a');
}

static int parse_b(struct yaml_source *s, yaml_node_t *node, void *data)
{
	return put(data, 'b');
}

static const struct yaml_field fields[] = {{"aaaa", parse_a}, {"bbbb", parse_b}, {NULL, NULL}};

static int map(const char *text, struct values *values)
{
	int err = yaml_mapping(&source, open_text(text), fields, "the test", values);

	yaml_close(&source);
	return err;
}

static void fields_are_parsed_in_the_order_of_the_file(void **state)
{
	struct values values = {};

	assert_int_equal(map("bbbb: 1\naaaa: 7\n", &values), 0);
	assert_string_equal(values.order, "ba");
	assert_int_equal(values.number, 7);
}

static void an_unknown_key_a_double_one_and_no_mapping_are_refused(void **state)
{
	struct values values = {};

	assert_int_equal(map("bbbb: 1\naaa: 7\n", &values), -EINVAL);
	assert_non_null(strstr(error.text, "f:2: "));
	assert_non_null(strstr(error.text, "did you mean 'aaaa'"));
	assert_non_null(strstr(error.text, "the test"));
	assert_int_equal(map("aaaa: 7\nbbbb: 1\naaaa: 7\n", &values), -EINVAL);
	assert_non_null(strstr(error.text, "f:3: duplicate key 'aaaa'"));
	assert_int_equal(map("[aaaa]", &values), -EINVAL);
	assert_non_null(strstr(error.text, "the test must be a mapping"));
	assert_int_equal(map("[1]: 2", &values), -EINVAL);
}

static void an_error_of_a_field_ends_the_mapping(void **state)
{
	struct values values = {};

	assert_int_equal(map("aaaa: 77\nbbbb: 1\n", &values), -EINVAL);
	assert_string_equal(values.order, "");
	assert_int_equal(values.number, 0);
}

static int count_pair(struct yaml_source *s, yaml_node_t *key, yaml_node_t *value, void *data)
{
	int *count = data;

	assert_true(yaml_is_scalar(key));
	return ++*count == 2 ? -ENOSPC : 0;
}

static int count_item(struct yaml_source *s, yaml_node_t *node, void *data)
{
	int *count = data;

	return ++*count == 2 ? -ENOSPC : 0;
}

static void pairs_and_items_come_one_by_one_until_an_error(void **state)
{
	int count = 0;

	assert_int_equal(yaml_pairs(&source, open_text("{x: 1}"), "x", count_pair, &count), 0);
	yaml_close(&source);
	assert_int_equal(count, 1);
	count = 0;
	assert_int_equal(yaml_pairs(&source, open_text("{x: 1, y: 2, z: 3}"), "x", count_pair,
				    &count),
			 -ENOSPC);
	yaml_close(&source);
	assert_int_equal(count, 2);
	count = 0;
	assert_int_equal(yaml_sequence(&source, open_text("[1, 2, 3]"), "x", count_item, &count),
			 -ENOSPC);
	yaml_close(&source);
	assert_int_equal(count, 2);
	assert_int_equal(yaml_sequence(&source, open_text("x: 1"), "the list", count_item, &count),
			 -EINVAL);
	yaml_close(&source);
	assert_non_null(strstr(error.text, "the list must be a list"));
	assert_int_equal(yaml_pairs(&source, open_text("[x]"), "it", count_pair, &count), -EINVAL);
	yaml_close(&source);
}

static int number(const char *text, uint32_t *out)
{
	int err = yaml_number(&source, open_text(text), "n", 5, 2000, out);

	yaml_close(&source);
	return err;
}

static void a_number_is_within_its_range_or_leaves_its_variable_alone(void **state)
{
	uint32_t n = 77;

	assert_int_equal(number("4", &n), -EINVAL);
	assert_int_equal(number("2001", &n), -EINVAL);
	assert_int_equal(number("-5", &n), -EINVAL);
	assert_int_equal(number("many", &n), -EINVAL);
	assert_int_equal(number("[7]", &n), -EINVAL);
	/* no wrap-around to 32 bits */
	assert_int_equal(number("4294967301", &n), -EINVAL);
	assert_int_equal(n, 77);
	assert_non_null(strstr(error.text, "from 5 to 2000"));
	assert_int_equal(number("5", &n), 0);
	assert_int_equal(n, 5);
	assert_int_equal(number("2k", &n), 0);
	assert_int_equal(n, 2000);
}

static void a_rate_may_be_given_by_the_minute(void **state)
{
	uint32_t n = 77;

	assert_int_equal(yaml_rate(&source, open_text("600/min"), "r", 1, 50, &n), 0);
	yaml_close(&source);
	assert_int_equal(n, 10);
	assert_int_equal(yaml_rate(&source, open_text("51"), "r", 1, 50, &n), -EINVAL);
	yaml_close(&source);
	assert_int_equal(yaml_rate(&source, open_text("0"), "r", 1, 50, &n), -EINVAL);
	yaml_close(&source);
	assert_int_equal(yaml_rate(&source, open_text("1/min"), "r", 0, 50, &n), -EINVAL);
	yaml_close(&source);
	assert_int_equal(n, 10);
}

static void a_choice_is_one_of_its_words(void **state)
{
	static const char *const words[] = {"first", "second", NULL};
	int choice = 7;

	assert_int_equal(yaml_choice(&source, open_text("second"), "c", words, &choice), 0);
	yaml_close(&source);
	assert_int_equal(choice, 1);
	assert_int_equal(yaml_choice(&source, open_text("secnd"), "c", words, &choice), -EINVAL);
	yaml_close(&source);
	assert_int_equal(choice, 1);
	assert_non_null(strstr(error.text, "did you mean 'second'"));
	assert_non_null(strstr(error.text, "first, second"));
}

static void a_text_fits_its_room_and_moves_no_cursor(void **state)
{
	char out[5] = "old";

	assert_int_equal(yaml_text(&source, open_text("abcd"), "t", out, sizeof(out)), 0);
	yaml_close(&source);
	assert_string_equal(out, "abcd");
	strcpy(out, "old");
	assert_int_equal(yaml_text(&source, open_text("abcde"), "t", out, sizeof(out)), -EINVAL);
	yaml_close(&source);
	assert_int_equal(yaml_text(&source, open_text("''"), "t", out, sizeof(out)), -EINVAL);
	yaml_close(&source);
	assert_int_equal(yaml_text(&source, open_text("\"a\\e[\""), "t", out, sizeof(out)),
			 -EINVAL);
	yaml_close(&source);
	/* a NUL byte would end the text early */
	assert_int_equal(yaml_text(&source, open_text("\"a\\0b\""), "t", out, sizeof(out)),
			 -EINVAL);
	yaml_close(&source);
	assert_string_equal(out, "old");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_document_is_refused_with_its_line),
		cmocka_unit_test(a_file_that_cannot_be_read_says_why),
		cmocka_unit_test(fields_are_parsed_in_the_order_of_the_file),
		cmocka_unit_test(an_unknown_key_a_double_one_and_no_mapping_are_refused),
		cmocka_unit_test(an_error_of_a_field_ends_the_mapping),
		cmocka_unit_test(pairs_and_items_come_one_by_one_until_an_error),
		cmocka_unit_test(a_number_is_within_its_range_or_leaves_its_variable_alone),
		cmocka_unit_test(a_rate_may_be_given_by_the_minute),
		cmocka_unit_test(a_choice_is_one_of_its_words),
		cmocka_unit_test(a_text_fits_its_room_and_moves_no_cursor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
