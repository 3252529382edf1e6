// SPDX-License-Identifier: GPL-2.0-only
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "cli/lib/output/list_output.h"
#include "cli/lib/output/print.h"
#include "cli/lib/signals.h"
#include "base/text/language.h"

#define RETRY_MS    300
#define NUMBER_MAX  24
#define FOLLOW_PATH "/v1/log?follow=1"

struct follow {
	const struct context *context;
	struct client *client;
	const char *prefix;
	struct interrupt interrupt;
	struct error error;
	int64_t after; /* the last change that was received */
	bool prints, unwritten;
};

static void print_row(const json_t *change)
{
	struct log_row row;

	log_row_write(change, &row);
	printf("%s  %-8s  %-8s  %-24s  ", row.cells[0], row.cells[1], row.cells[2], row.cells[3]);
	if (*row.cells[6])
		printf("%s  ", row.cells[6]);
	printf("(%s%s%s)\n", row.cells[4], strcmp(row.cells[4], "-") ? "; " : "", row.cells[5]);
}

/* The log is shortened at its old end, which may overtake whoever was away for long. */
static void print_lost(const json_t *lost)
{
	char count[PRINT_MAX];

	fprintf(stderr, _("slash64: %s changes were removed from the log before they were read\n"),
		print_count(json_integer_value(lost), count));
}

static int take_object(struct follow *follow, const char *line, const json_t *object)
{
	const json_t *lost = json_object_get(object, "lost");
	int err = list_failure(object, &follow->error);

	if (err)
		return err;
	if (json_is_integer(json_object_get(object, "number")))
		follow->after = member_integer(object, "number");
	if (!follow->prints)
		return 0;
	if (follow->context->json)
		puts(line);
	else if (lost)
		print_lost(lost);
	else
		print_row(object);
	fflush(stdout);
	follow->unwritten = ferror(stdout);
	return follow->unwritten ? error_set(&follow->error, -EIO, "cannot write the output: %s",
					     strerror(errno)) :
				   0;
}

static int take_line(const char *line, void *data)
{
	struct follow *follow = data;
	json_t *object;
	int err;

	if (!*line)
		return 0; /* nothing has happened for a while */
	object = client_decode(line);
	err = object ? take_object(follow, line, object) : -EPROTO;
	json_decref(object);
	return err;
}

static int get(struct follow *follow, const char *path)
{
	return client_list(follow->client, path, take_line, follow, &follow->error);
}

/* What is printed first ends where what follows begins. */
static int begin(struct follow *follow, const char *earlier)
{
	int64_t last;
	int err = get(follow, "/v1/log?reverse=1&limit=1");

	last = follow->after;
	follow->prints = true;
	if (!err && earlier)
		err = get(follow, earlier);
	if (follow->after < last)
		follow->after = last;
	return err;
}

static int follow_once(struct follow *follow)
{
	char number[NUMBER_MAX];
	char *path;
	int err;

	snprintf(number, sizeof(number), "%" PRId64, follow->after);
	path = client_path_add(client_path(FOLLOW_PATH), "after", number);
	path = client_path_add(path, "prefix", follow->prefix);
	err = path ? get(follow, path) :
		     error_set(&follow->error, -ENOMEM, "out of memory; try again");
	free(path);
	return err;
}

/* slash64d has ended, or is not there yet. */
static bool may_return(const struct follow *follow, int err)
{
	return !follow->unwritten &&
	       (!err || err == -EIO || err == -ENOTCONN || err == -ETIMEDOUT || err == -EACCES);
}

static bool wait_a_moment(struct follow *follow)
{
	struct pollfd signals = {.fd = follow->interrupt.fd, .events = POLLIN};

	poll(&signals, 1, RETRY_MS);
	return !interrupt_came(&follow->interrupt) && !reader_is_gone(NULL);
}

static int follow_on(struct follow *follow)
{
	bool told = false;
	int err;

	do {
		int64_t before = follow->after;

		err = follow_once(follow);
		if (err == -EINTR || !may_return(follow, err))
			return err;
		if (!told || follow->after > before)
			fprintf(stderr, _("slash64: slash64d has gone away; waiting for it\n"));
		told = true;
	} while (wait_a_moment(follow));
	return -EINTR;
}

static bool is_over(void *interrupt)
{
	return interrupt_came(interrupt) || reader_is_gone(NULL);
}

int log_follow(struct context *context, const char *earlier, const char *prefix)
{
	struct follow follow = {.context = context, .prefix = prefix};
	int err = output_check(&follow.error);

	if (!err)
		err = client_open(&follow.client, context->socket, &follow.error);
	if (err)
		return refused(&follow.error);
	err = interrupt_open(&follow.interrupt, &follow.error);
	if (!err) {
		client_stop_at(follow.client, is_over, &follow.interrupt);
		client_tell_waiting(follow.client);
		err = begin(&follow, earlier);
		if (!err)
			err = follow_on(&follow);
		interrupt_close(&follow.interrupt);
	}
	client_close(follow.client);
	return err == -EINTR ? EXIT_DONE : refused(&follow.error);
}
