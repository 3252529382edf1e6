// SPDX-License-Identifier: GPL-2.0-only
/* A set, and a slash64d of the test's that refuses, fails and hangs up. */
#include <errno.h>
#include <event2/buffer.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/set/set_internal.h"
#include "base/time.h"
#include "mock_control.h"

#define HOUR_MS 3600000LL

static struct set *set;
static struct error error;

static void open_set(void)
{
	const struct set_options options = {mock.path, "test", 24 * HOUR_MS};

	assert_int_equal(set_open(&set, &options, &error), 0);
}

static int make(void **state)
{
	int err = mock_start();

	if (!err)
		open_set();
	return err;
}

static int drop(void **state)
{
	set_close(set);
	mock_stop();
	return 0;
}

static void put(const char *text)
{
	struct set_entry entry = {.until_ms = clock_wall_ms() + HOUR_MS,
				  .reason = " a \"b\"\n\xff"};

	assert_int_equal(set_key_parse(text, &entry.key), 0);
	assert_int_equal(set_put(set, &entry), 0);
}

static void gone(const char *text)
{
	struct set_key key;

	assert_int_equal(set_key_parse(text, &key), 0);
	set_remove(set, &key);
}

static void syncs(void)
{
	if (set_sync(set, &error))
		fail_msg("%s", error.text);
}

static bool is_there(const char *text)
{
	return json_object_get(mock.rows, text);
}

static void changes_reach_slash64d_as_differences(void **state)
{
	put("2001:db8:1::/48");
	put("2001:db8::1");
	put("198.51.100.7");
	syncs();
	assert_int_equal(mock.lines, 3);
	assert_true(is_there("2001:db8:1::/48") && is_there("2001:db8::1") &&
		    is_there("198.51.100.7/32"));
	assert_string_equal(json_string_value(
				    json_object_get(json_object_get(mock.rows, "2001:db8::1"),
						    "reason")),
			    "a \"b\"??");
	syncs();
	assert_int_equal(mock.commits, 1);
	gone("2001:db8::1");
	syncs();
	assert_int_equal(mock.lines, 4);
	assert_false(is_there("2001:db8::1"));
	assert_int_equal(set_in_force(set), 2);
	assert_int_equal(mock.reads, 1);
}

/* issue 18: killed at any time, it converges */
static void what_is_in_force_is_read_back_after_a_kill(void **state)
{
	put("2001:db8:1::/48");
	put("2001:db8:2::/48");
	syncs();
	set_close(set);
	open_set();
	set_list_begin(set);
	put("2001:db8:1::/48");
	put("2001:db8:3::/48");
	set_list_end(set);
	syncs();
	assert_int_equal(mock.lines, 3); /* one is as it was, one is new */
	assert_true(set_awaits_list(set));
	assert_true(is_there("2001:db8:2::/48"));
}

/* what was done is not known: it is read back, and done once */
static void a_commit_without_an_answer_is_read_back(void **state)
{
	put("2001:db8:1::/48");
	mock.hangs_up = true;
	assert_true(set_sync(set, &error) < 0);
	assert_true(is_there("2001:db8:1::/48"));
	syncs();
	assert_int_equal(mock.lines, 1);
	assert_int_equal(mock.reads, 2);
}

static void a_refused_change_is_tried_again_as_a_whole(void **state)
{
	put("2001:db8:1::/48");
	mock.fails = true;
	assert_int_equal(set_sync(set, &error), -EREMOTEIO);
	assert_non_null(strstr(error.text, "holds the store"));
	assert_int_equal(mock.aborted, 1);
	assert_true(set->counts.behind_since_ms);
	syncs();
	assert_true(is_there("2001:db8:1::/48"));
	assert_false(set->counts.behind_since_ms);
}

static void refused_entries_are_counted_and_tried_again_later(void **state)
{
	mock.refuses = "2001:db8:bad";
	put("2001:db8:bad::/48");
	put("2001:db8:1::/48");
	syncs();
	assert_int_equal(set_refused(set), 1);
	assert_int_equal(set->counts.refused[1], 1);
	assert_int_equal(set_in_force(set), 1);
	put("2001:db8:2::/48");
	syncs();
	assert_int_equal(mock.lines, 3); /* without the refused one */
	set->retry_ms = 0;
	syncs();
	assert_int_equal(mock.lines, 4);
	assert_int_equal(set_refused(set), 1);
	mock.refuses = NULL;
	set->retry_ms = 0;
	syncs();
	assert_true(is_there("2001:db8:bad::/48"));
	assert_int_equal(set_refused(set), 0);
	assert_int_equal(set_in_force(set), 3);
}

/* an entry that is there and may not be changed stays as it was, and is not sent at every call */
static void a_refused_change_of_an_entry_is_not_sent_again_at_once(void **state)
{
	struct set_entry entry = {.kind = SET_THROTTLE, .rate = 10, .burst = 20};

	set_key_parse("2001:db8:bad::/48", &entry.key);
	set_put(set, &entry);
	syncs();
	mock.refuses = "2001:db8:bad";
	entry = (struct set_entry){.key = entry.key};
	set_put(set, &entry);
	syncs();
	syncs();
	syncs();
	assert_int_equal(mock.lines, 2);
	assert_int_equal(set_refused(set), 1);
}

static void an_entry_that_somebody_ended_comes_back_when_it_is_read_back(void **state)
{
	put("2001:db8:1::/48");
	syncs();
	json_object_clear(mock.rows);
	syncs();
	assert_false(is_there("2001:db8:1::/48"));
	set->read_back_ms = 0;
	syncs();
	assert_true(is_there("2001:db8:1::/48"));
}

static void many_entries_are_one_change(void **state)
{
	char text[64];

	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "2001:db8:0:%x::/64", i);
		put(text);
	}
	syncs();
	assert_int_equal(mock.commits, 1);
	assert_int_equal(json_object_size(mock.rows), 5000);
}

static void metrics_have_the_names_of_all_adapters(void **state)
{
	struct evbuffer *out = evbuffer_new();
	const char *text;

	put("2001:db8:1::/48");
	syncs();
	set_source_failed(set, "timeout");
	set_source_failed(set, "timeout");
	set_contact(set);
	set_write_metrics(&set, 1, "unit", out);
	evbuffer_add(out, "", 1);
	text = (const char *)evbuffer_pullup(out, -1);
	assert_non_null(
		strstr(text, "\nslash64_adapter_in_force{adapter=\"unit\",origin=\"test\"} 1\n"));
	assert_non_null(strstr(text, "slash64_adapter_source_failures_total{adapter=\"unit\","
				     "origin=\"test\",reason=\"timeout\"} 2\n"));
	assert_non_null(strstr(text, "origin=\"test\",reason=\"guard\"} 0\n"));
	assert_non_null(
		strstr(text, "slash64_adapter_lag_seconds{adapter=\"unit\",origin=\"test\"} 0\n"));
	evbuffer_free(out);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)
	const struct CMUnitTest tests[] = {
		TEST(changes_reach_slash64d_as_differences),
		TEST(what_is_in_force_is_read_back_after_a_kill),
		TEST(a_commit_without_an_answer_is_read_back),
		TEST(a_refused_change_is_tried_again_as_a_whole),
		TEST(refused_entries_are_counted_and_tried_again_later),
		TEST(a_refused_change_of_an_entry_is_not_sent_again_at_once),
		TEST(an_entry_that_somebody_ended_comes_back_when_it_is_read_back),
		TEST(many_entries_are_one_change),
		TEST(metrics_have_the_names_of_all_adapters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
