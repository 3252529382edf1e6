// SPDX-License-Identifier: GPL-2.0-only
/* export: everything as a feed, to standard output or to a file that is never half written. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/client.h"
#include "cli/command.h"
#include "cli/lib/signals.h"
#include "cli/lib/output/list_output.h"
#include "cli/lib/output/print.h"

struct exporting {
	FILE *file;
	const char *name; /* NULL: standard output */
	bool is_new;	  /* there was no such file */
	uint64_t lines;
	struct error *error;
};

static int cannot_write(const struct exporting *exporting)
{
	if (!exporting->name)
		return error_set(exporting->error, -EIO, "cannot write the output: %s",
				 strerror(errno));
	return error_set(exporting->error, -EIO, "cannot write %s: %s; %s", exporting->name,
			 strerror(errno),
			 exporting->is_new ? "nothing was written" : "it was not changed");
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

/* The final name of the file. If it is a link, its target is replaced; anything but a file, such as
 * /dev/null, must not be.
 */
static int find_target(const char *output, char target[PATH_MAX], bool *is_new, struct error *error)
{
	struct stat status;
	int n;

	if (!realpath(output, target)) {
		n = snprintf(target, PATH_MAX, "%s", output);
		if (errno != ENOENT || n >= PATH_MAX)
			return error_set(error, -EINVAL, "cannot write %.256s: %s", output,
					 n >= PATH_MAX ? "the name is too long" : strerror(errno));
		*is_new = true;
		return 0;
	}
	if (stat(target, &status) || !S_ISREG(status.st_mode))
		return error_set(error, -EINVAL,
				 "%.256s is not a regular file; without --output the "
				 "backup goes to standard output",
				 output);
	return 0;
}

/* Mode 0600: it tells who is blocked, and why. */
static int export_to_file(const struct context *context, const char *output,
			  struct exporting *exporting, struct interrupt *interrupt)
{
	char target[PATH_MAX], temporary[PATH_MAX + 8];
	int fd, err = find_target(output, target, &exporting->is_new, exporting->error);

	if (err)
		return err;
	exporting->name = output;
	snprintf(temporary, sizeof(temporary), "%s.XXXXXX", target);
	fd = mkostemp(temporary, O_CLOEXEC);
	exporting->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!exporting->file) {
		err = cannot_write(exporting);
		if (fd < 0)
			return err;
		close(fd);
		goto out;
	}
	err = request(context, exporting, interrupt);
	if (!err && (fflush(exporting->file) || fsync(fd)))
		err = cannot_write(exporting);
	if (fclose(exporting->file) && !err)
		err = cannot_write(exporting);
	if (!err && rename(temporary, target))
		err = cannot_write(exporting);
out:
	if (err)
		unlink(temporary);
	return err;
}

static void print_exported(const struct context *context, const struct exporting *exporting)
{
	char count[PRINT_MAX];
	json_t *object;

	if (!context->json) {
		printf("exported %s entr%s to %s\n", print_count(exporting->lines, count),
		       exporting->lines == 1 ? "y" : "ies", exporting->name);
		return;
	}
	object = json_pack("{s:o*, s:I}", "output", json_string(exporting->name), "entries",
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
		print_exported(context, exporting);
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
