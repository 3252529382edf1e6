// SPDX-License-Identifier: GPL-2.0-only
/* list: slash64d searches and sorts, because there may be a million. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/client.h"
#include "base/text/duration.h"
#include "cli/lib/output/list_output.h"
#include "cli/lib/output/table_rows.h"
#include "cli/lib/output/terminal.h"
#include "cli/lib/args.h"
#include "base/text/language.h"

static const char *const kinds[] = {"block", "throttle", NULL};
static const char *const keys[] = {"prefix", "origin", "reason",   "ticket", "start",
				   "until",  "hits",   "last_hit", NULL};

struct filter {
	const char *within, *origin, *reason, *ticket, *kind, *sort;
	const char *hits, *hit_within, *started_within, *ends_within, *limit, *offset;
	bool reverse, addresses, all;
};

/* An exit code, or -1 to go on. */
static int check(const struct context *context, const struct filter *f)
{
	int64_t value;
	int code = words_prefix(context, f->within);

	if (code < 0)
		code = words_text(context, "origin", f->origin);
	if (code < 0)
		code = words_text(context, "reason", f->reason);
	if (code < 0)
		code = words_text(context, "ticket", f->ticket);
	if (code < 0)
		code = words_choice(context, "kind", f->kind, kinds);
	if (code < 0)
		code = words_choice(context, "sort", f->sort, keys);
	if (code < 0)
		code = words_whole(context, "hits", f->hits, 1, &value);
	if (code < 0)
		code = words_whole(context, "limit", f->limit, 1, &value);
	if (code < 0)
		code = words_whole(context, "offset", f->offset, 0, &value);
	if (code < 0)
		code = words_duration(context, "hit-within", f->hit_within, &value);
	if (code < 0)
		code = words_duration(context, "started-within", f->started_within, &value);
	if (code < 0)
		code = words_duration(context, "ends-within", f->ends_within, &value);
	return code;
}

/* A duration from now on, or until now, as the time when it ends or starts. */
static char *add_time(char *path, const char *name, const char *span, int sign)
{
	char text[24];
	int64_t ms;

	if (!span || duration_parse(span, &ms))
		return path;
	snprintf(text, sizeof(text), "%" PRId64, (int64_t)time(NULL) + sign * ((ms + 999) / 1000));
	return client_path_add(path, name, text);
}

static char *make_path(const struct filter *f, const struct list_table *how)
{
	char number[LIST_NUMBER_MAX];
	char *path = client_path("/v1/blocks");

	path = client_path_add(path, "within", f->within);
	path = client_path_add(path, "origin", f->origin);
	path = client_path_add(path, "reason", f->reason);
	path = client_path_add(path, "ticket", f->ticket);
	path = client_path_add(path, "kind", f->kind);
	path = client_path_add(path, "hits_min", f->hits);
	path = add_time(path, "hit_since", f->hit_within, -1);
	path = add_time(path, "start_since", f->started_within, -1);
	path = add_time(path, "until_before", f->ends_within, 1);
	path = client_path_add(path, "sort", f->sort);
	path = client_path_add(path, "reverse", f->reverse ? "1" : NULL);
	path = client_path_add(path, "addresses", f->addresses ? "1" : NULL);
	path = client_path_add(path, "limit", list_limit(how, f->limit, number));
	return client_path_add(path, "offset", f->offset);
}

static bool is_filtered(const struct filter *f)
{
	return f->within || f->origin || f->reason || f->ticket || f->kind || f->hits ||
	       f->hit_within || f->started_within || f->ends_within;
}

static int count_line(const char *line, void *data)
{
	++*(unsigned int *)data;
	return 0;
}

/* To sort a million, slash64d reads them all, and does nothing else for half a second: nobody
 * should ask for that unknowingly. A failure here will also fail the list, and be reported there.
 */
static bool are_few(const struct context *context)
{
	char offset[LIST_NUMBER_MAX];
	unsigned int more = 0;
	struct error ignored;
	char *path;

	snprintf(offset, sizeof(offset), "%d", LIST_SORTED_MAX);
	path = client_path_add(client_path_add(client_path("/v1/blocks"), "limit", "1"), "offset",
			       offset);
	client_request(context->socket, path, count_line, &more, &ignored);
	free(path);
	return !more;
}

/* If nothing is blocked within a prefix: the prefix around it that blocks it nevertheless. */
static void print_around(const struct context *context, const char *within)
{
	size_t bare = strcspn(within, "/");
	char address[INET6_ADDRSTRLEN + 1];
	struct error ignored;
	json_t *who, *blocks;
	char *path;

	if (bare >= sizeof(address))
		return;
	snprintf(address, sizeof(address), "%.*s", (int)bare, within);
	path = client_path_add(client_path("/v1/lookup"), "address", address);
	who = client_object(context->socket, "GET", path, NULL, "verdict", &ignored);
	blocks = json_object_get(who, "blocks");
	if (json_array_size(blocks)) {
		printf(_("blocked by a containing prefix (slash64 lookup %s):\n"), address);
		rows_print(blocks, rows_block_columns, rows_block);
	}
	json_decref(who);
	free(path);
}

/* None within a prefix, as far as known. */
static bool is_empty(const struct context *context, const char *within)
{
	struct error ignored;
	unsigned int found = 0;
	char *path = client_path_add(client_path_add(client_path("/v1/blocks"), "within", within),
				     "limit", "1");
	int err = client_request(context->socket, path, count_line, &found, &ignored);

	free(path);
	return !err && !found;
}

int command_list(struct context *context)
{
	struct filter f = {};
	const struct option_spec specs[] = {
		{"origin", &f.origin, NULL},
		{"reason", &f.reason, NULL},
		{"ticket", &f.ticket, NULL},
		{"kind", &f.kind, NULL},
		{"hits", &f.hits, NULL},
		{"hit-within", &f.hit_within, NULL},
		{"started-within", &f.started_within, NULL},
		{"ends-within", &f.ends_within, NULL},
		{"sort", &f.sort, NULL},
		{"reverse", NULL, &f.reverse},
		{"addresses", NULL, &f.addresses},
		{"all", NULL, &f.all},
		{"limit", &f.limit, NULL},
		{"offset", &f.offset, NULL},
		{NULL, NULL, NULL},
	};
	struct list_table how = {.columns = rows_block_columns,
				 .row = rows_block,
				 .empty = N_("no blocks"),
				 .rest = N_("--all lists them; 'slash64 list --help' has filters")};
	int code = take_options(context, specs, 0, 1);

	if (code < 0 && context->argc)
		f.within = context->argv[0];
	if (code < 0)
		code = check(context, &f);
	if (code >= 0)
		return code;
	if (f.offset)
		how.empty = N_("no matching blocks, or --offset skips all of them");
	else if (is_filtered(&f))
		how.empty = N_("no matching blocks");
	how.rows_max = list_rows_max(context, f.all || f.limit);
	/* a person wants the latest; all of them come in the order that is cheap for slash64d */
	if (!f.sort && (how.rows_max || (terminal_is_read() && !context->json && !f.all))) {
		if (are_few(context)) {
			f.sort = "start";
			f.reverse = !f.reverse;
		} else {
			how.rest = "sorted by prefix, as there are many: --sort "
				   "start --reverse shows the newest first, "
				   "--all all of them";
		}
	}
	code = list_print(context, make_path(&f, &how), &how);
	if (code == EXIT_DONE && f.within && !context->json && is_empty(context, f.within))
		print_around(context, f.within);
	return code;
}
