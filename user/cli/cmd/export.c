// SPDX-License-Identifier: GPL-2.0-only
/* export: everything as a feed, to standard output or to a file that is never half written. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client/client.h"
#include "cli/command.h"
#include "cli/lib/replace_file.h"
#include "cli/lib/signals.h"
#include "cli/lib/output/list_output.h"
#include "cli/lib/output/print.h"
#include "base/text/language.h"

struct exporting {
	FILE *file;
	struct replace_file *replace; /* NULL: standard output */
	uint64_t lines;
	struct error *error;
};

static int cannot_write(const struct exporting *exporting)
{
	if (exporting->replace)
		return replace_file_failed(exporting->replace, exporting->error);
	return error_set(exporting->error, -EIO, "cannot write the output: %s", strerror(errno));
}

static int export_line(const char *line, void *data)
{
	struct exporting *exporting = data;
	json_t *object = client_decode(line);
	int err;

	if (!object)
		return -EPROTO;
	err = list_failure(object, exporting->error);
	json_decref(object);
	if (!err && (fputs(line, exporting->file) < 0 || putc('\n', exporting->file) < 0))
		err = cannot_write(exporting);
	exporting->lines++;
	return err;
}

/* `interrupt` is NULL if there is nothing to clean up. */
static int request(const struct context *context, struct exporting *exporting,
		   struct interrupt *interrupt)
{
	struct client *client;
	int err = client_open(&client, context->socket, exporting->error);

	if (err)
		return err;
	client_tell_waiting(client);
	if (interrupt)
		client_stop_at(client, interrupt_came, interrupt);
	err = client_list(client, "/v1/export", export_line, exporting, exporting->error);
	client_close(client);
	return err;
}

/* Mode 0600: it tells who is blocked, and why. */
static int export_to_file(const struct context *context, const char *output,
			  struct exporting *exporting, struct interrupt *interrupt)
{
	struct replace_file replace;
	int err = replace_file_open(&replace, output,
				    "without --output the backup goes to standard output",
				    exporting->error);

	if (err)
		return err;
	exporting->replace = &replace;
	exporting->file = replace.file;
	err = request(context, exporting, interrupt);
	err = replace_file_end(&replace, err, exporting->error);
	exporting->replace = NULL;
	return err;
}

static void print_exported(const struct context *context, const char *output,
			   const struct exporting *exporting)
{
	char count[PRINT_MAX];
	json_t *object;

	if (!context->json) {
		printf(P_("exported %s entry to %s\n", "exported %s entries to %s\n",
			  exporting->lines),
		       print_count(exporting->lines, count), output);
		return;
	}
	object = json_pack("{s:o*, s:I}", "output", json_string(output), "entries",
			   (json_int_t)exporting->lines);
	print_json(object);
	json_decref(object);
}

static int export_interruptibly(const struct context *context, const char *output,
				struct exporting *exporting)
{
	struct interrupt interrupt;
	int err = interrupt_open(&interrupt, exporting->error);

	if (err)
		return refused(exporting->error);
	err = export_to_file(context, output, exporting, &interrupt);
	if (err)
		refused(exporting->error);
	else
		print_exported(context, output, exporting);
	interrupt_close(&interrupt);
	return err ? EXIT_REFUSED : EXIT_DONE;
}

int command_export(struct context *context)
{
	const char *output = NULL;
	const struct option_spec specs[] = {{"output", &output, NULL}, {NULL, NULL, NULL}};
	struct error error;
	struct exporting exporting = {.file = stdout, .error = &error};
	int code = take_options(context, specs, 0, 0);

	if (code >= 0)
		return code;
	if (output)
		return export_interruptibly(context, output, &exporting);
	return request(context, &exporting, NULL) ? refused(&error) : EXIT_DONE;
}
