// SPDX-License-Identifier: GPL-2.0-only
/* The file that 'slash64 flowspec' prints: each rule, what it says, and what became of it. */
#include <jansson.h>
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

#include "adapters/flowspec/rules_file.h"
#include "adapters/set/set_internal.h"

static char directory[64], path[96];
static struct rules *rules;
static struct set *set;

static void on_changed(const struct prefix *source, bool blocks, uint32_t rate, void *data)
{
}

static int begin(void **state)
{
	const struct rules_options options = {100, 1000, on_changed, NULL};
	const struct set_options set_options = {.socket = "/nowhere", .origin = "flowspec"};
	struct error error;

	strcpy(directory, "/tmp/s64-rules-XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/rules", directory);
	rules = rules_new(&options);
	assert_non_null(rules);
	return set_open(&set, &set_options, &error);
}

static int end(void **state)
{
	rules_free(rules);
	set_close(set);
	unlink(path);
	return rmdir(directory);
}

static void announce(const char *source, const char *key, enum flow_refusal refusal)
{
	struct flow_event event = {.kind = FLOW_ANNOUNCE, .peer = "2001:db8:f::1"};

	assert_int_equal(prefix_parse_whole(source, &event.rule.source, NULL), 0);
	strcpy(event.rule.key, key);
	event.rule.blocks = true;
	event.rule.refusal = refusal;
	rules_take(rules, &event, 0);
}

/* The row about a source, of what is written now; to be released. */
static json_t *row_of(const char *source)
{
	struct rules_file file;
	json_t *found = NULL;
	char line[4096];
	FILE *in;

	rules_file_init(&file, path);
	rules_file_tick(&file, rules, set, 0);
	assert_false(file.is_changed);
	in = fopen(path, "r");
	assert_non_null(in);
	while (!found && fgets(line, sizeof(line), in)) {
		found = json_loads(line, 0, NULL);
		assert_non_null(found);
		if (strcmp(json_string_value(json_object_get(found, "source")), source)) {
			json_decref(found);
			found = NULL;
		}
	}
	fclose(in);
	assert_non_null(found);
	return found;
}

static void has(const json_t *row, const char *key, const char *wanted)
{
	const char *text = json_string_value(json_object_get(row, key));

	assert_string_equal(text ? text : "null", wanted);
}

static void a_row_says_what_the_rule_is_and_why_it_is_refused(void **state)
{
	json_t *row;

	announce("2001:db8:1::/64",
		 "{\"icmp-type\":[\"=unreachable\"],\"next-header\":[\"=58\",\"=6\"],"
		 "\"source-ipv6\":[\"2001:db8:1::/64/0\"]}",
		 FLOW_COMPONENT);
	announce("2001:db8:2::/64", "{\"source-ipv6\":[\"2001:db8:2::/64/0\"]}", FLOW_RATE_BYTES);
	row = row_of("2001:db8:1::/64");
	has(row, "rule", "icmp-type =unreachable next-header =58,=6 source 2001:db8:1::/64");
	has(row, "state", "refused");
	has(row, "why", "component");
	has(row, "text",
	    "it also matches icmp-type, next-header: slash64 holds a source whatever its packets are");
	has(row, "neighbor", "2001:db8:f::1");
	has(row, "action", "discard");
	json_decref(row);
	row = row_of("2001:db8:2::/64");
	has(row, "why", "rate-bytes");
	has(row, "text", flow_refusal_texts[FLOW_RATE_BYTES]);
	json_decref(row);
}

static void what_slash64d_says_of_an_executed_rule_is_told(void **state)
{
	struct set_entry entry = {.kind = SET_BLOCK};
	struct set_item *item;
	json_t *row;

	announce("2001:db8:3::/64", "{\"source-ipv6\":[\"2001:db8:3::/64/0\"]}", FLOW_EXECUTED);
	row = row_of("2001:db8:3::/64");
	has(row, "state", "waits");
	json_decref(row);
	assert_int_equal(set_key_parse("2001:db8:3::/64", &entry.key), 0);
	assert_int_equal(set_put(set, &entry), 0);
	item = set_items_find(&set->items, &entry.key);
	set->is_known = true;
	assert_int_equal(set_state_set(&item->in_force, &entry), 0);
	row = row_of("2001:db8:3::/64");
	has(row, "state", "executed");
	has(row, "why", "null");
	json_decref(row);
	item->is_refused = true;
	row = row_of("2001:db8:3::/64");
	has(row, "state", "refused");
	has(row, "why", "slash64d");
	json_decref(row);
}

static void its_age_tells_that_somebody_writes_it(void **state)
{
	static const struct timespec old[2] = {{1, 0}, {1, 0}};
	struct rules_file file;
	struct stat status;

	rules_file_init(&file, path);
	rules_file_tick(&file, rules, set, 0);
	assert_int_equal(utimensat(0, path, old, 0), 0);
	rules_file_tick(&file, rules, set, RULES_FILE_TOUCH_MS - 1);
	stat(path, &status);
	assert_int_equal(status.st_mtime, 1);
	rules_file_tick(&file, rules, set, RULES_FILE_TOUCH_MS);
	stat(path, &status);
	assert_true(status.st_mtime > 1);
	/* one that was removed is written anew */
	unlink(path);
	rules_file_tick(&file, rules, set, 10 * RULES_FILE_TOUCH_MS);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0644);
	/* none is wanted */
	rules_file_init(&file, "");
	rules_file_tick(&file, rules, set, 0);
}

static void nobody_who_can_write_there_stops_it(void **state)
{
	struct rules_file file;
	struct stat status;
	char new_path[128];

	snprintf(new_path, sizeof(new_path), "%s.new", path);
	assert_int_equal(mkfifo(new_path, 0666), 0);
	alarm(10); /* opened as it is, it would wait for a reader */
	rules_file_init(&file, path);
	rules_file_tick(&file, rules, set, 0);
	alarm(0);
	assert_false(file.is_changed);
	assert_int_equal(stat(path, &status), 0);
	assert_true(S_ISREG(status.st_mode));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_row_says_what_the_rule_is_and_why_it_is_refused,
						begin, end),
		cmocka_unit_test_setup_teardown(what_slash64d_says_of_an_executed_rule_is_told,
						begin, end),
		cmocka_unit_test_setup_teardown(nobody_who_can_write_there_stops_it, begin, end),
		cmocka_unit_test_setup_teardown(its_age_tells_that_somebody_writes_it, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
