// SPDX-License-Identifier: GPL-2.0-only
#include "list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

struct listing {
	const struct context *context;
	const struct list_table *table;
	bool any;
	struct error *error;
};

int list_failure(const json_t *object, struct error *error)
{
	const char *text = json_string_value(json_object_get(object, "error"));

	return text ? error_set(error, -EREMOTEIO, "%s", text) : 0;
}

static int list_line(const char *line, void *data)
{
	struct listing *listing = data;
	json_t *object = client_decode(line);
	int err;

	if (!object)
		return -EPROTO;
	err = list_failure(object, listing->error);
	if (!err && listing->context->json) {
		puts(line);
	} else if (!err) {
		if (!listing->any)
			listing->table->header();
		listing->table->row(object);
	}
	listing->any = true;
	json_decref(object);
	if (!err && ferror(stdout))
		err = error_set(listing->error, -EIO, "cannot write the output: %s",
				strerror(errno));
	return err;
}

int list_print(const struct context *context, char *path, const struct list_table *table)
{
	struct error error;
	struct listing listing = {context, table, false, &error};
	int err = client_request(context->socket, path, list_line, &listing, &error);

	free(path);
	if (err)
		return refused(&error);
	if (!listing.any && !context->json)
		printf("%s\n", table->empty);
	return EXIT_DONE;
}
