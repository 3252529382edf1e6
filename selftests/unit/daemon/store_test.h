/* SPDX-License-Identifier: GPL-2.0-only */
/* A temporary store, in memory-backed files if possible, and rows as text. */
#ifndef SELFTESTS_UNIT_DAEMON_STORE_TEST_H
#define SELFTESTS_UNIT_DAEMON_STORE_TEST_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/time.h"
#include "daemon/store/store.h"

#define HOUR_MS 3600000LL

static struct store *store;
static struct error error;
static char store_directory[64];

static __attribute__((unused)) void done(int err)
{
	if (err)
		fail_msg("%d: %s", err, error.text);
}

static int store_set_up(void **state)
{
	(void)state;
	strcpy(store_directory, access("/dev/shm", W_OK) ? "/tmp/slash64-test-XXXXXX" :
							   "/dev/shm/slash64-test-XXXXXX");
	if (!mkdtemp(store_directory))
		return -1;
	error.text[0] = '\0';
	return store_open(&store, store_directory, &error) ||
	       (store_is_new(store) && store_complete(store, &error));
}

static int store_tear_down(void **state)
{
	char command[128];

	(void)state;
	store_close(store);
	store = NULL;
	snprintf(command, sizeof(command), "rm -r %s", store_directory);
	return system(command);
}

/* Reopens it, as after a restart. */
static __attribute__((unused)) void store_again(void)
{
	store_close(store);
	done(store_open(&store, store_directory, &error));
}

static __attribute__((unused)) struct prefix prefix_of(const char *text)
{
	struct prefix prefix;

	if (prefix_parse_whole(text, &prefix, NULL))
		fail_msg("'%s' is no prefix", text);
	return prefix;
}

static __attribute__((unused)) struct store_block row_of(const char *prefix, const char *origin)
{
	return (struct store_block){.prefix = prefix_of(prefix),
				    .origin = origin,
				    .start_ms = clock_wall_ms()};
}

/* "PREFIX[=SAID]@ORIGIN " for each row. */
static __attribute__((unused)) char rows[8192];

static __attribute__((unused)) bool add_row(const struct store_block *row, void *data)
{
	char prefix[PREFIX_TEXT_MAX], said[PREFIX_TEXT_MAX];
	size_t n = strlen(rows);

	(void)data;
	snprintf(rows + n, sizeof(rows) - n, "%s%s%s@%s ", prefix_format(&row->prefix, prefix),
		 row->said.length ? "=" : "",
		 row->said.length ? prefix_format(&row->said, said) : "", row->origin);
	return true;
}

#endif
