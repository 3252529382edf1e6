// SPDX-License-Identifier: GPL-2.0-only
#include "list_output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "base/text/language.h"
#include "print.h"
#include "terminal.h"

struct listing {
	const struct context *context;
	const struct list_table *how;
	struct table *table;
	uint64_t rows;
	struct error *error;
};

int list_failure(const json_t *object, struct error *error)
{
	return client_failure(object, error) ? -EREMOTEIO : 0;
}

/* A row of the table; rows beyond those shown are only counted. */
static int add_row(struct listing *listing, const json_t *object)
{
	if (listing->how->rows_max && listing->rows >= listing->how->rows_max)
		return 0;
	if (!listing->table) {
		terminal_page(listing->context);
		listing->table = table_new(listing->how->columns);
	}
	if (!listing->table)
		return error_set(listing->error, -ENOMEM, "out of memory; try again");
	listing->how->row(object, listing->table);
	return 0;
}

static int list_line(const char *line, void *data)
{
	struct listing *listing = data;
	json_t *object = client_decode(line);
	int err;

	if (!object)
		return -EPROTO;
	err = list_failure(object, listing->error);
	if (!err && listing->context->json)
		puts(line);
	else if (!err)
		err = add_row(listing, object);
	listing->rows++;
	json_decref(object);
	if (!err && ferror(stdout))
		err = error_set(listing->error, -EIO, "cannot write the output: %s",
				strerror(errno));
	return err;
}

/* "and 9,950 more: --all lists them" */
static void print_rest(const struct listing *listing)
{
	uint64_t more = listing->how->rows_max && listing->rows > listing->how->rows_max ?
				listing->rows - listing->how->rows_max :
				0;
	char count[PRINT_MAX];

	if (more)
		printf(more > LIST_ROWS_COUNTED ? _("and more than %s more: %s\n") :
						  _("and %s more: %s\n"),
		       print_count(more > LIST_ROWS_COUNTED ? LIST_ROWS_COUNTED : more, count),
		       _(listing->how->rest));
}

int list_print(const struct context *context, char *path, const struct list_table *how)
{
	struct error error;
	struct listing listing = {.context = context, .how = how, .error = &error};
	int err = client_request(context->socket, path, list_line, &listing, &error);

	free(path);
	table_end(listing.table);
	if (err)
		return refused(&error);
	if (!context->json)
		print_rest(&listing);
	if (!listing.rows && !context->json)
		printf("%s\n", _(how->empty));
	return EXIT_DONE;
}

unsigned int list_rows_max(const struct context *context, bool all)
{
	return terminal_is_read() && !context->json && !all ? LIST_ROWS_SHOWN : 0;
}

const char *list_limit(const struct list_table *how, const char *limit, char buf[LIST_NUMBER_MAX])
{
	if (!how->rows_max)
		return limit;
	snprintf(buf, LIST_NUMBER_MAX, "%u", how->rows_max + LIST_ROWS_COUNTED + 1);
	return buf;
}
