// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/daemon/import/session.c user/base/log.c user/base/error.c user/base/journal.c user/base/text/escape.c user/base/time.c */
/* Imports that are given up. What they read may be a million entries, which are freed in pieces. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>

#include "daemon/import/session_internal.h"
#include "daemon/loop/memory_pieces.h"

static struct event_base *base;
static struct blocks blocks;
static struct imports *imports;
static change_t waiting;
static void *waiting_data;
static unsigned int freed, feeds_closed;

const char *const feed_format_names[] = {"auto", NULL};
const struct feed_callbacks import_callbacks;

/* --- stand-ins: a change waits until the test runs it --- */

void changes_run(struct changes *changes, change_t run, void *data)
{
	(void)changes;
	waiting = run;
	waiting_data = data;
}

void changes_finish(struct changes *changes)
{
	(void)changes;
	if (waiting)
		waiting(waiting_data);
	waiting = NULL;
}

static bool busy;

bool changes_are_busy(const struct changes *changes)
{
	(void)changes;
	return busy;
}

void changes_breathe_long(struct changes *changes)
{
	(void)changes;
}

struct feed *feed_open(enum feed_format format, const struct feed_callbacks *callbacks, void *data)
{
	(void)format;
	(void)callbacks;
	(void)data;
	return malloc(1);
}

void feed_close(struct feed *feed)
{
	feeds_closed++;
	free(feed);
}

int feed_text(struct feed *feed, const char *text, size_t bytes)
{
	(void)feed;
	(void)text;
	(void)bytes;
	return 0;
}

char *feed_take_document(struct feed *feed, size_t *bytes)
{
	(void)feed;
	*bytes = 0;
	return NULL;
}

uint64_t feed_lines(const struct feed *feed)
{
	(void)feed;
	return 0;
}

uint64_t feed_ignored(const struct feed *feed)
{
	(void)feed;
	return 0;
}

enum feed_format feed_format_of(const struct feed *feed)
{
	(void)feed;
	return FEED_AUTO;
}

void memory_pieces_free(void *memory, size_t bytes, struct changes *changes)
{
	(void)bytes;
	(void)changes;
	free(memory);
}

void import_entries_free(struct import_entries *entries, struct changes *changes)
{
	(void)entries;
	(void)changes;
	freed++;
}

/* --- tests --- */

static int set_up(void **state)
{
	struct error error;

	(void)state;
	freed = feeds_closed = 0;
	waiting = NULL;
	busy = false;
	base = event_base_new();
	return imports_start(&imports, base, &blocks, NULL, &error);
}

static int tear_down(void **state)
{
	(void)state;
	imports_stop(imports);
	event_base_free(base);
	return 0;
}

static struct import *open_one(void)
{
	static const struct import_options options;
	struct import *import = NULL;
	struct error error;

	assert_int_equal(import_open(imports, &options, &import, &error), 0);
	return import;
}

/* issue 13, line 9: one that timed out was freed in one turn, 60 ms for a million entries */
static void one_that_is_given_up_is_gone_at_once_and_freed_in_a_change(void **state)
{
	struct import *import = open_one();
	char id[IMPORT_ID_MAX];

	(void)state;
	strcpy(id, import_id(import));
	import_close(import);
	assert_null(imports_find(imports, id));
	assert_int_equal(freed, 0);
	assert_int_equal(feeds_closed, 0);
	changes_finish(NULL);
	assert_int_equal(freed, 2); /* entries, and allowed prefixes */
	assert_int_equal(feeds_closed, 1);
}

static void several_that_are_given_up_are_all_freed(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		import_close(open_one());
	import_close(NULL);
	changes_finish(NULL);
	assert_int_equal(feeds_closed, 3);
}

static void what_is_open_at_the_end_is_freed(void **state)
{
	(void)state;
	open_one();
	import_close(open_one());
	imports_stop(imports);
	imports = NULL;
	assert_int_equal(feeds_closed, 2);
}

static void too_many_at_a_time_are_refused(void **state)
{
	static const struct import_options options;
	struct import *import = NULL, *last = NULL;
	struct error error;

	(void)state;
	for (int i = 0; i < IMPORTS_MAX; i++)
		last = open_one();
	assert_int_equal(import_open(imports, &options, &import, &error), -EBUSY);
	import_close(last);
	assert_non_null(open_one());
}

/* The next look at them comes when one has not been used for `seconds`. */
static void look_after(struct import *import, int seconds)
{
	import->last_used -= seconds;
	event_active(imports->check, EV_TIMEOUT, 0);
	event_base_loop(base, EVLOOP_NONBLOCK);
	changes_finish(NULL);
}

static void one_whose_client_is_gone_is_given_up(void **state)
{
	struct import *import = open_one();

	(void)state;
	look_after(import, 50);
	assert_ptr_equal(imports->entry[0], import);
	look_after(import, 50);
	assert_null(imports->entry[0]);
	assert_int_equal(feeds_closed, 1);
}

/* Found by an attack: that of a feed was freed while it waited in the queue of changes for a minute,
 * and committed then.
 */
static void that_of_a_feed_is_not_given_up_however_long_it_waits(void **state)
{
	struct import *import = open_one();

	(void)state;
	import->options.feed = true;
	look_after(import, 100);
	assert_ptr_equal(imports->entry[0], import);
	assert_int_equal(feeds_closed, 0);
}

static void one_that_may_wait_for_a_change_is_not_given_up(void **state)
{
	struct import *import = open_one();

	(void)state;
	busy = true;
	look_after(import, 100);
	busy = false;
	look_after(import, 50);
	assert_ptr_equal(imports->entry[0], import);
	import->busy = true;
	look_after(import, 100);
	assert_ptr_equal(imports->entry[0], import);
	import->busy = false;
	look_after(import, 0);
	assert_null(imports->entry[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			one_that_is_given_up_is_gone_at_once_and_freed_in_a_change, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(several_that_are_given_up_are_all_freed, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_is_open_at_the_end_is_freed, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(too_many_at_a_time_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_whose_client_is_gone_is_given_up, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			that_of_a_feed_is_not_given_up_however_long_it_waits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_that_may_wait_for_a_change_is_not_given_up,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
