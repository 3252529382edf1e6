// SPDX-License-Identifier: GPL-2.0-only
/* flowspec: the rules that slash64-flowspec was announced, executed or refused and why. It reads the
 * file that slash64-flowspec(8) writes.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "cli/command.h"
#include "cli/lib/output/print.h"
#include "cli/lib/output/table.h"
#include "cli/lib/output/terminal.h"
#include "client/client.h"
#include "base/text/language.h"

#define FILE_DEFAULT   "/run/slash64-flowspec/rules" /* FLOWSPEC_RULES_DEFAULT */
#define STALE_S	       15			     /* it is touched every five seconds */
#define WHY_MAX	       6144
#define LINE_MAX_BYTES 65536
#define FILE_MAX_BYTES (256 << 20)
#define MS_PER_SECOND  1000

static const struct table_column columns[] = {
	{"STATE", false, 0, false},   {"ACTION", false, 0, false}, {"RULE", false, 0, false},
	{"NEIGHBOR", true, 1, false}, {"WHY", false, 2, true},	   {},
};

struct reading {
	const struct context *context;
	struct table *table;
	bool refused_only;
	uint64_t executed, refused, waits, lost;
};

static void add_row(struct reading *reading, const json_t *rule)
{
	bool is_up = json_is_true(json_object_get(rule, "session_up"));
	char neighbor[PRINT_MAX * 2], why[WHY_MAX] = "";
	const char *const cells[] = {member_text(rule, "state"), member_text(rule, "action"),
				     member_text(rule, "rule"), neighbor, why};

	snprintf(neighbor, sizeof(neighbor), "%s%s", member_text(rule, "neighbor"),
		 is_up ? "" : _(" (session lost)"));
	if (!member_is_null(rule, "why"))
		snprintf(why, sizeof(why), "%s: %s", member_text(rule, "why"),
			 member_text(rule, "text"));
	else if (!member_is_null(rule, "text"))
		snprintf(why, sizeof(why), "%s", member_text(rule, "text"));
	if (!reading->table) {
		terminal_page(reading->context);
		reading->table = table_new(columns);
	}
	if (reading->table)
		table_row(reading->table, cells);
}

static int take_line(struct reading *reading, char *line)
{
	json_t *rule;
	const char *state;

	line[strcspn(line, "\n")] = '\0';
	rule = client_decode(line);
	if (!rule)
		return -EPROTO;
	state = member_text(rule, "state");
	reading->executed += !strcmp(state, "executed");
	reading->refused += !strcmp(state, "refused");
	reading->waits += !strcmp(state, "waits");
	reading->lost += json_is_false(json_object_get(rule, "session_up"));
	if (!reading->refused_only || !strcmp(state, "refused")) {
		if (reading->context->json)
			puts(line);
		else
			add_row(reading, rule);
	}
	json_decref(rule);
	return 0;
}

/* Others of the group slash64 can make files in the directory, and it may be replaced or grow while it
 * is read: everything is asked of what was opened, and bounded.
 */
static int read_rules(FILE *file, const char *path, struct reading *reading, struct error *error)
{
	char *line = malloc(LINE_MAX_BYTES);
	size_t bytes = 0;
	int err = line ? 0 : -ENOMEM;

	while (!err && fgets(line, LINE_MAX_BYTES, file)) {
		size_t n = strlen(line);

		bytes += n;
		/* too long, or with a NUL in it */
		err = bytes > FILE_MAX_BYTES || !n || line[n - 1] != '\n' ?
			      -EFBIG :
			      take_line(reading, line);
	}
	free(line);
	if (err == -ENOMEM)
		return error_set(error, err, "out of memory");
	if (!err && ferror(file))
		return error_set(error, -EIO, "cannot read %s: %s", path, strerror(errno));
	return err ? error_set(error, err, "%s is no file of slash64-flowspec of this version",
			       path) :
		     0;
}

/* --- opening it --- */

/* Its directory says who may write it: the directory's owner, or, if new files get its group, a member
 * of that. A file of somebody else was put there.
 */
static bool is_of_writer(const char *path, const struct stat *file)
{
	char *copy = strdup(path);
	struct stat directory;
	bool is = file->st_uid == 0 || file->st_uid == geteuid();

	if (!is && copy && !stat(dirname(copy), &directory))
		is = file->st_uid == directory.st_uid ||
		     (directory.st_mode & S_ISGID && file->st_gid == directory.st_gid);
	free(copy);
	return is;
}

static int refuse_file(const char *path, const struct stat *status, struct error *error)
{
	if (!S_ISREG(status->st_mode))
		return error_set(error, -EINVAL,
				 "%s is not a regular file; remove it, and see who made it", path);
	if (status->st_size > FILE_MAX_BYTES)
		return error_set(
			error, -EFBIG,
			"%s is too large: slash64-flowspec writes at most 256 MiB; see who "
			"made it",
			path);
	if (!is_of_writer(path, status))
		return error_set(
			error, -EPERM,
			"%s belongs to user %u, who does not run slash64-flowspec; see who "
			"made it",
			path, status->st_uid);
	return 0;
}

/* NULL with *error set. It never waits: a FIFO would. */
static FILE *open_rules(const char *path, struct stat *status, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	FILE *file = NULL;

	if (fd < 0 && errno == ELOOP) {
		error_set(error, -ELOOP, "%s is a symbolic link; name the file it leads to", path);
	} else if (fd < 0 || fstat(fd, status)) {
		error_set(
			error, -errno,
			"cannot read %s: %s; slash64-flowspec(8) writes it, as a process of ExaBGP",
			path, strerror(errno));
	} else if (!refuse_file(path, status, error)) {
		file = fdopen(fd, "r");
		if (!file)
			error_set(error, -ENOMEM, "out of memory");
	}
	if (!file && fd >= 0)
		close(fd);
	return file;
}

static void print_sum(const struct reading *reading)
{
	char executed[PRINT_MAX], refused_count[PRINT_MAX], more[PRINT_MAX];

	if (!reading->executed && !reading->refused && !reading->waits) {
		printf(_("no rules\n"));
		return;
	}
	printf(_("%s executed, %s refused"), print_count(reading->executed, executed),
	       print_count(reading->refused, refused_count));
	if (reading->waits)
		printf(_(", %s waiting for slash64d"), print_count(reading->waits, more));
	if (reading->lost)
		printf(_("; %s of lost sessions end after the hold"),
		       print_count(reading->lost, more));
	printf("\n");
}

/* Nobody writes it any more: what it says may be over. */
static int tell_age(const struct stat *status, const char *path)
{
	int64_t age_s = clock_wall_ms() / MS_PER_SECOND - status->st_mtime;
	struct error error;
	char ago[PRINT_MAX];

	if (age_s <= STALE_S)
		return EXIT_DONE;
	error_set(&error, -ESTALE,
		  "slash64-flowspec does not run: %s was last written %s; what it has blocked ends "
		  "with its lease",
		  path, print_distance(-age_s, ago));
	return refused(&error);
}

int command_flowspec(struct context *context)
{
	struct reading reading = {.context = context};
	const char *path = FILE_DEFAULT;
	const struct option_spec specs[] = {{"refused", NULL, &reading.refused_only},
					    {"file", &path, NULL},
					    {NULL, NULL, NULL}};
	int code = take_options(context, specs, 0, 0), err;
	struct stat status;
	struct error error;
	FILE *file;

	if (code >= 0)
		return code;
	file = open_rules(path, &status, &error);
	if (!file)
		return refused(&error);
	err = read_rules(file, path, &reading, &error);
	fclose(file);
	table_end(reading.table);
	if (err)
		return refused(&error);
	if (!context->json)
		print_sum(&reading);
	return tell_age(&status, path);
}
