// SPDX-License-Identifier: GPL-2.0-only
/* restore: takes a backup of export as it is. It may open what is blocked, and attach interfaces,
 * so it says what it is going to do, and asks.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/lib/ask.h"
#include "client/client.h"
#include "import.h"
#include "cli/lib/output/print.h"
#include "base/text/language.h"

/* The contents of the backup. */
struct contents {
	uint64_t lines, blocks, allowlist;
	json_t *ifaces;
};

/* Most lines are blocks, and a million of them need not be parsed; an escape may hide the kind of a
 * line.
 */
static void look_at(const char *line, struct contents *contents)
{
	/* invalid lines are reported by slash64d */
	bool is_object = line[strspn(line, " \t\r\n")] == '{';
	bool plain = !is_object ||
		     (!strstr(line, "interface") && !strstr(line, "allow") && !strchr(line, '\\'));
	json_t *object = plain ? NULL : client_decode(line);
	/* 0.1.0 wrote "type" */
	const char *kind = member_text(object, member_is_null(object, "kind") ? "type" : "kind");

	contents->lines++;
	if (object && !strcmp(kind, "interface"))
		json_array_append(contents->ifaces, object);
	else if (object && !strcmp(kind, "allow"))
		contents->allowlist++;
	else if (is_object)
		contents->blocks++;
	json_decref(object);
}

static int look_into(const char *file, struct contents *contents, struct error *error)
{
	FILE *in = fopen(file, "re");
	struct stat status;
	char *line = NULL;
	size_t room = 0;
	int err = 0;

	if (!in || fstat(fileno(in), &status)) {
		err = error_set(error, -errno, "cannot read %.256s: %s", file, strerror(errno));
		if (in)
			fclose(in);
		return err;
	}
	if (!S_ISREG(status.st_mode)) {
		fclose(in);
		return error_set(error, -EINVAL,
				 "%.256s is not a regular file, and restore reads it twice; "
				 "write the backup into a file",
				 file);
	}
	while (getline(&line, &room, in) >= 0)
		look_at(line, contents);
	if (ferror(in))
		err = error_set(error, -EIO, "cannot read %.256s: %s", file, strerror(errno));
	free(line);
	fclose(in);
	return err;
}

/* On standard error: the answer goes to standard output. */
static void tell(const char *file, const struct contents *contents)
{
	char blocks[PRINT_MAX], allowlist[PRINT_MAX];
	json_t *iface;
	size_t i;

	fprintf(stderr,
		P_("%s has %s block and throttles", "%s has %s blocks and throttles",
		   contents->blocks),
		file, print_count(contents->blocks, blocks));
	fprintf(stderr,
		P_(", and %s allowed prefix, which stays open whatever is blocked\n",
		   ", and %s allowed prefixes, which stay open whatever is blocked\n",
		   contents->allowlist),
		print_count(contents->allowlist, allowlist));
	json_array_foreach (contents->ifaces, i, iface)
		fprintf(stderr,
			_("it attaches %s (mode %s, filter %s), unless the configuration has it\n"),
			member_text(iface, "name"), member_text(iface, "mode"),
			member_is_null(iface, "filter") ? _("as the policy says") :
							  member_text(iface, "filter"));
}

/* An exit code, or -1 to go on. */
static int confirm(const struct import_order *order, bool yes)
{
	struct contents contents = {.ifaces = json_array()};
	struct error error;
	int code = -1;

	if (look_into(order->file, &contents, &error)) {
		code = refused(&error);
		goto out;
	}
	if (contents.lines && !contents.blocks && !contents.allowlist &&
	    !json_array_size(contents.ifaces)) {
		error_set(&error, 0,
			  "%.256s is no backup: it has no line of 'slash64 export'; 'slash64 "
			  "import' reads lists",
			  order->file);
		code = refused(&error);
		goto out;
	}
	tell(order->file, &contents);
	if (!order->dry_run)
		code = ask_first(_("restore it?"), yes, "restore", _("use --yes"));
out:
	json_decref(contents.ifaces);
	return code;
}

int command_restore(struct context *context)
{
	struct import_order order = {.format = "slash64", .restore = true};
	bool yes = false;
	const struct option_spec specs[] = {
		{"yes", NULL, &yes},
		{"strict", NULL, &order.strict},
		{"dry-run", NULL, &order.dry_run},
		{NULL, NULL, NULL},
	};
	int code = take_options(context, specs, 1, 1);

	if (code >= 0)
		return code;
	order.file = context->argv[0];
	if (!strcmp(order.file, "-"))
		return usage_error(
			context, "restore reads the backup twice, and cannot from standard input: "
				 "write it into a file");
	code = confirm(&order, yes);
	return code < 0 ? import_run(context, &order) : code;
}
