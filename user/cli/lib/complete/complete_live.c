// SPDX-License-Identifier: GPL-2.0-only
/* Values that slash64d knows. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "cli/lib/output/print.h"
#include "client/client.h"
#include "complete.h"
#include "net/prefix.h"

#define LIVE_MAX_MS	 250 /* a person at a key waits no longer */
#define LIVE_MAX_MS_MOST 60000
#define TEXT_MAX	 160

static void on_alarm(int signal)
{
	(void)signal;
	_exit(0);
}

/* From here on there is not for ever. What was written so far is out. */
static void hurry(void)
{
	const char *given = getenv("SLASH64_COMPLETE_MS");
	long ms = given ? strtol(given, NULL, 10) : LIVE_MAX_MS;
	struct itimerval soon = {};

	if (ms < 1 || ms > LIVE_MAX_MS_MOST)
		ms = LIVE_MAX_MS;
	soon.it_value.tv_sec = ms / 1000;
	soon.it_value.tv_usec = ms % 1000 * 1000;
	fflush(stdout);
	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &soon, NULL);
}

/* --- a row of each list --- */

static void put_block(struct candidates *candidates, const json_t *row)
{
	char text[TEXT_MAX];

	snprintf(text, sizeof(text), "%s, %s: %s", member_text(row, "kind"),
		 member_text(row, "origin"), member_text(row, "reason"));
	candidates_put(candidates, member_text(row, "prefix"), text);
}

static void put_allowed(struct candidates *candidates, const json_t *row)
{
	candidates_put(candidates, member_text(row, "prefix"),
		       member_is_null(row, "reason") ? NULL : member_text(row, "reason"));
}

static void put_loud(struct candidates *candidates, const json_t *row, const char *key)
{
	char text[TEXT_MAX], rate[PRINT_MAX];

	snprintf(text, sizeof(text), "%s packets/s, %s, %s",
		 print_rate(member_number(row, "packets_per_second"), rate),
		 member_text(row, "class"), member_text(row, "reason"));
	candidates_put(candidates, member_text(row, key), text);
}

static void put_source(struct candidates *candidates, const json_t *row)
{
	put_loud(candidates, row, "source");
}

static void put_destination(struct candidates *candidates, const json_t *row)
{
	put_loud(candidates, row, "destination");
}

static void put_origin(struct candidates *candidates, const json_t *row)
{
	candidates_put(candidates, member_text(row, "origin"), NULL);
}

static void put_ticket(struct candidates *candidates, const json_t *row)
{
	if (!member_is_null(row, "ticket"))
		candidates_put(candidates, member_text(row, "ticket"), NULL);
}

static void put_proposal(struct candidates *candidates, const json_t *row)
{
	char id[PRINT_MAX], text[TEXT_MAX];

	snprintf(id, sizeof(id), "%lld", (long long)member_integer(row, "id"));
	snprintf(text, sizeof(text), "%s %s: %s", member_text(row, "action"),
		 member_text(row, "prefix"), member_text(row, "rule"));
	candidates_put(candidates, id, text);
}

static const struct live {
	const char *path;
	void (*put)(struct candidates *candidates, const json_t *row);
} lives[] = {
	[LIVE_BLOCKS] = {"/v1/blocks", put_block},
	[LIVE_ALLOWED] = {"/v1/allowlist", put_allowed},
	[LIVE_LOUD] = {"/v1/top", put_source},
	[LIVE_LOUD_TO] = {"/v1/top?by=destination", put_destination},
	[LIVE_ORIGINS] = {"/v1/blocks", put_origin},
	[LIVE_TICKETS] = {"/v1/blocks", put_ticket},
	[LIVE_PROPOSALS] = {"/v1/proposals", put_proposal},
};

/* --- asking --- */

struct asking {
	struct candidates *candidates;
	const struct live *live;
	unsigned int rows;
};

static int take_row(const char *line, void *data)
{
	struct asking *asking = data;
	json_t *row = client_decode(line);

	if (!row || json_object_get(row, "error") || ++asking->rows > COMPLETE_MANY) {
		json_decref(row);
		return -1;
	}
	asking->live->put(asking->candidates, row);
	json_decref(row);
	return 0;
}

/* The prefix that all candidates are in, if whole groups were typed ("2001:db8:b"), so that those of a
 * long list are found. To be freed.
 */
static char *add_within(char *path, const char *typed)
{
	char text[PREFIX_TEXT_MAX + 8];
	struct prefix prefix;
	size_t groups = 0, n = 0;

	for (size_t i = 0; typed[i]; i++)
		if (typed[i] == ':') {
			groups++;
			n = i + 1;
		}
	if (!groups || groups > 7 || n > INET6_ADDRSTRLEN || strstr(typed, "::"))
		return path;
	snprintf(text, sizeof(text), "%.*s:/%zu", (int)n, typed, groups * 16);
	if (groups == 7)
		snprintf(text, sizeof(text), "%.*s0/112", (int)n, typed);
	return prefix_parse_whole(text, &prefix, NULL) ? path :
							 client_path_add(path, "within", text);
}

static void ask_list(const struct complete_values *values, enum complete_live what)
{
	struct asking asking = {values->candidates, &lives[what], 0};
	char *path = client_path(lives[what].path), limit[24];
	struct error error;

	snprintf(limit, sizeof(limit), "%d", COMPLETE_MANY);
	if (!strcmp(lives[what].path, "/v1/blocks"))
		path = client_path_add(path, "limit", limit);
	if (what == LIVE_BLOCKS)
		path = add_within(path, values->candidates->typed);
	client_request(values->socket, path, take_row, &asking, &error);
	free(path);
}

static void ask_interfaces(const struct complete_values *values)
{
	struct error error;
	json_t *status =
		client_object(values->socket, "GET", "/v1/status", NULL, "interfaces", &error);
	json_t *row;
	size_t i;

	json_array_foreach (json_object_get(status, "interfaces"), i, row)
		candidates_put(values->candidates, member_text(row, "name"),
			       member_text(row, "state"));
	json_decref(status);
}

void complete_live(const struct complete_values *values, enum complete_live what)
{
	if (!values->socket)
		return;
	hurry();
	if (what == LIVE_INTERFACES)
		ask_interfaces(values);
	else
		ask_list(values, what);
}
