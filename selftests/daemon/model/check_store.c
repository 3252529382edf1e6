// SPDX-License-Identifier: GPL-2.0-only
/* Compares the store and the log of its changes with the reference. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define ENDS_SOON_MS 1

static sqlite3 *db;
static sqlite3_stmt *fillers, *blocks, *allowlist, *hands, *changes, *last_change, *ended, *noted,
	*decided;
static char said[1024];

#define SAY(...) (snprintf(said, sizeof(said), __VA_ARGS__), said)

static void prepare(const char *sql, sqlite3_stmt **statement)
{
	if (sqlite3_prepare_v2(db, sql, -1, statement, NULL))
		world_fail("model", "cannot read the store: %s", sqlite3_errmsg(db));
}

void check_open(void)
{
	char path[PATHS_MAX + 32];

	snprintf(path, sizeof(path), "%s/state/slash64.db", world->directory);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL))
		world_fail("model", "cannot open the store: %s", sqlite3_errmsg(db));
	prepare("SELECT address, length, origin, said, reason, ticket, start_ms, until_ms, kind, rate, burst FROM block"
		" WHERE origin <> 'filler'",
		&blocks);
	prepare("SELECT address, length FROM block WHERE origin = 'filler'", &fillers);
	prepare("SELECT address, length, origin, reason FROM allow", &allowlist);
	prepare("SELECT name, filter FROM interface", &hands);
	prepare("SELECT number, action, address, length, origin FROM change WHERE number > ? AND origin IS NOT 'filler' ORDER BY number",
		&changes);
	prepare("SELECT max(number) FROM change", &last_change);
	prepare("SELECT 1 FROM seen_interface WHERE name = ?", &noted);
	prepare("SELECT applied FROM proposal WHERE id = ?", &decided);
	prepare("SELECT count(*) FROM block WHERE until_ms > 0 AND until_ms <= ?", &ended);
}

void check_close(void)
{
	sqlite3_finalize(blocks);
	sqlite3_finalize(fillers);
	sqlite3_finalize(allowlist);
	sqlite3_finalize(hands);
	sqlite3_finalize(changes);
	sqlite3_finalize(last_change);
	sqlite3_finalize(ended);
	sqlite3_finalize(noted);
	sqlite3_finalize(decided);
	sqlite3_close(db);
	db = NULL;
}

bool check_has_ended(int64_t at_ms)
{
	bool any;

	sqlite3_bind_int64(ended, 1, at_ms);
	any = sqlite3_step(ended) == SQLITE_ROW && sqlite3_column_int(ended, 0);
	sqlite3_reset(ended);
	return any;
}

bool check_is_noted(const char *name)
{
	bool is_noted;

	sqlite3_bind_text(noted, 1, name, -1, SQLITE_STATIC);
	is_noted = sqlite3_step(noted) == SQLITE_ROW;
	sqlite3_reset(noted);
	return is_noted;
}

int check_decision(uint64_t id)
{
	int is_applied;

	sqlite3_bind_int64(decided, 1, id);
	is_applied = sqlite3_step(decided) == SQLITE_ROW ? sqlite3_column_int(decided, 0) : -1;
	sqlite3_reset(decided);
	return is_applied;
}

/* --- the store --- */

static void take_prefix(sqlite3_stmt *row, int column, struct prefix *prefix)
{
	*prefix = (struct prefix){};
	if (sqlite3_column_bytes(row, column) != sizeof(prefix->address))
		return;
	memcpy(&prefix->address, sqlite3_column_blob(row, column), sizeof(prefix->address));
	prefix->length = sqlite3_column_int(row, column + 1);
}

static const char *column_text(sqlite3_stmt *row, int column)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	return text ? text : "";
}

static bool same_time(struct ref_row *row, int64_t start_ms, int64_t until_ms, bool binds)
{
	int64_t from_ms = row->start_from_ms;

	if (row->start_ms >= 0)
		return row->start_ms == start_ms && row->until_ms == until_ms;
	if (start_ms < row->start_from_ms || start_ms > row->start_to_ms)
		return false;
	if (row->is_changed)
		from_ms = row->from_ms;
	if (row->span_ms && (until_ms < from_ms + row->span_ms ||
			     until_ms > row->start_to_ms + row->span_ms + row->slack_ms))
		return false;
	if (!row->span_ms && until_ms != row->until_ms)
		return false;
	if (binds) {
		row->start_ms = start_ms;
		row->until_ms = until_ms;
	}
	return true;
}

static const char *check_row(sqlite3_stmt *row, struct ref_row *expected, bool binds)
{
	bool throttle = sqlite3_column_int(row, 8);

	if (throttle != expected->throttle ||
	    (throttle && (sqlite3_column_int64(row, 9) != expected->rate ||
			  sqlite3_column_int64(row, 10) != expected->burst)))
		return SAY(
			"%s of %s is a %s (%lld, %lld) in the store, and should be a %s (%u, %u)",
			text_of(&expected->prefix), expected->origin,
			throttle ? "throttle" : "block", sqlite3_column_int64(row, 9),
			sqlite3_column_int64(row, 10), expected->throttle ? "throttle" : "block",
			expected->rate, expected->burst);
	if (!expected->any_reason && (strcmp(column_text(row, 4), expected->reason) ||
				      strcmp(column_text(row, 5), expected->ticket)))
		return SAY(
			"%s of %s has the reason '%s', ticket '%s' in the store, and should have '%s', '%s'",
			text_of(&expected->prefix), expected->origin, column_text(row, 4),
			column_text(row, 5), expected->reason, expected->ticket);
	if (!same_time(expected, sqlite3_column_int64(row, 6), sqlite3_column_int64(row, 7), binds))
		return SAY(
			"%s of %s is from %lld until %lld in the store, and should be from %lld (%lld to %lld) until %lld (or for %lld ms)",
			text_of(&expected->prefix), expected->origin, sqlite3_column_int64(row, 6),
			sqlite3_column_int64(row, 7), (long long)expected->start_ms,
			(long long)expected->start_from_ms, (long long)expected->start_to_ms,
			(long long)expected->until_ms, (long long)expected->span_ms);
	return NULL;
}

static bool found[ROWS_MAX];

static const char *check_blocks(struct ref_state *state, bool binds)
{
	const char *why = NULL;

	memset(found, 0, state->rows);
	while (!why && sqlite3_step(blocks) == SQLITE_ROW) {
		struct prefix prefix, of = {};
		struct ref_row *row;
		int64_t until_ms = sqlite3_column_int64(blocks, 7);

		take_prefix(blocks, 0, &prefix);
		if (sqlite3_column_bytes(blocks, 3) == sizeof(of.address) + 1)
			memcpy(&of, sqlite3_column_blob(blocks, 3), sizeof(of.address) + 1);
		row = ref_find(state, &prefix, column_text(blocks, 2), &of);
		if (!row && until_ms && until_ms <= now_ms() + ENDS_SOON_MS)
			continue; /* expired rows may remain for a while */
		if (!row) {
			why = SAY("%s of %s%s%s is in the store, and should not be",
				  text_of(&prefix), column_text(blocks, 2),
				  of.length ? ", said of " : "", of.length ? text_of(&of) : "");
			break;
		}
		found[row - state->row] = true;
		why = check_row(blocks, row, binds);
	}
	sqlite3_reset(blocks);
	for (unsigned int i = 0; i < state->rows && !why; i++) {
		int64_t until_ms = ref_until(&state->row[i]);

		if (!found[i] && !(until_ms && until_ms <= now_ms() + ENDS_SOON_MS))
			why = SAY("%s of %s%s%s is not in the store, and should be",
				  text_of(&state->row[i].prefix), state->row[i].origin,
				  state->row[i].said.length ? ", said of " : "",
				  state->row[i].said.length ? text_of(&state->row[i].said) : "");
	}
	return why;
}

static const char *check_allowlist(struct ref_state *state)
{
	unsigned int count = 0;
	const char *why = NULL;

	while (!why && sqlite3_step(allowlist) == SQLITE_ROW) {
		const struct ref_allow *allow;
		struct prefix prefix;

		take_prefix(allowlist, 0, &prefix);
		allow = ref_allow_find(state, &prefix, column_text(allowlist, 2));
		if (!allow)
			why = SAY("%s is allowed by %s in the store, and should not be",
				  text_of(&prefix), column_text(allowlist, 2));
		else if (strcmp(allow->reason, column_text(allowlist, 3)))
			why = SAY(
				"%s is allowed by %s for '%s' in the store, and should be for '%s'",
				text_of(&prefix), column_text(allowlist, 2),
				column_text(allowlist, 3), allow->reason);
		count++;
	}
	sqlite3_reset(allowlist);
	if (!why && count != state->allowlist)
		why = SAY("%u prefixes are allowed in the store, and should be %u", count,
			  state->allowlist);
	return why;
}

static const char *check_hands(const struct ref_state *state)
{
	unsigned int count = 0;
	const char *why = NULL;

	while (!why && sqlite3_step(hands) == SQLITE_ROW) {
		const char *name = column_text(hands, 0);
		unsigned int at;

		for (at = 0; at < state->hands && strcmp(state->hand[at].name, name); at++)
			;
		if (at == state->hands)
			why = SAY("%s is attached by hand in the store, and should not be", name);
		else if (state->hand[at].filter != sqlite3_column_int(hands, 1))
			why = SAY(
				"%s is attached by hand in the store with the filter %d, and should be with %d",
				name, sqlite3_column_int(hands, 1), state->hand[at].filter);
		count++;
	}
	sqlite3_reset(hands);
	if (!why && count != state->hands)
		why = SAY("%u interfaces are attached by hand in the store, and should be %u",
			  count, state->hands);
	return why;
}

void check_read_filler(unsigned char filler[FILLER_MAX / 8])
{
	memset(filler, 0, FILLER_MAX / 8);
	while (sqlite3_step(fillers) == SQLITE_ROW) {
		struct prefix prefix;
		int number;

		take_prefix(fillers, 0, &prefix);
		number = filler_number(&prefix);
		if (number < 0)
			world_fail("store", "%s of filler is in the store, and should not be",
				   text_of(&prefix));
		filler[number / 8] |= 1 << number % 8;
	}
	sqlite3_reset(fillers);
}

static const char *check_filler(const struct ref_state *state)
{
	unsigned char filler[FILLER_MAX / 8];

	check_read_filler(filler);
	return memcmp(filler, state->filler, sizeof(filler)) ?
		       SAY("of the list of many, others are in the store") :
		       NULL;
}

const char *check_store(const struct ref_state *state, bool binds)
{
	const char *why = check_blocks((struct ref_state *)state, binds);

	if (!why)
		why = check_allowlist((struct ref_state *)state);
	if (!why)
		why = check_hands(state);
	return why ? why : check_filler(state);
}

/* --- the log: every change has its row, and no row is without its change --- */

struct logged {
	struct prefix prefix;
	char action[16], origin[ORIGIN_MAX];
	bool used;
};

static struct logged *logged;
static unsigned int logged_count, logged_room;

static void read_log(void)
{
	logged_count = 0;
	sqlite3_bind_int64(changes, 1, model->log_seen);
	while (sqlite3_step(changes) == SQLITE_ROW) {
		if (logged_count == logged_room) {
			logged_room = logged_room ? logged_room * 2 : 64;
			logged = realloc(logged, logged_room * sizeof(*logged));
		}
		snprintf(logged[logged_count].action, sizeof(logged->action), "%s",
			 column_text(changes, 1));
		snprintf(logged[logged_count].origin, ORIGIN_MAX, "%s", column_text(changes, 4));
		logged[logged_count].used = false;
		take_prefix(changes, 2, &logged[logged_count++].prefix);
	}
	sqlite3_reset(changes);
}

/* Rows of the log about prefixes; interfaces have rows for more reasons than steps. */
static bool is_of_prefixes(const char *action)
{
	static const char *const actions[] = {"block", "throttle", "unblock", "end",
					      "allow", "disallow", "edit",    "undo",
					      "apply", "dismiss"};

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (!strcmp(action, actions[i]))
			return true;
	return false;
}

static unsigned int use_logged(const char *action, const struct prefix *prefix, const char *origin)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < logged_count; i++) {
		if (strcmp(logged[i].action, action) || prefix_compare(&logged[i].prefix, prefix) ||
		    (logged[i].origin[0] && strcmp(logged[i].origin, origin)))
			continue;
		logged[i].used = true;
		count++;
	}
	return count;
}

/* Entries of the configuration that a start puts are not part of the step it resumes. */
static bool put_is_logged(const struct ref_state *state, const struct ref_row *row)
{
	bool is_config = !strcmp(row->origin, "config");

	if (state->action && use_logged(state->action, &row->prefix, row->origin))
		return true;
	return (!state->action || is_config) &&
	       use_logged(row->throttle ? "throttle" : "block", &row->prefix, row->origin);
}

static const char *check_put_rows(const struct ref_state *state)
{
	for (unsigned int i = 0; i < state->rows; i++) {
		const struct ref_row *row = &state->row[i];

		if (row->stamp == state->stamp && !put_is_logged(state, row) && !row->any_reason &&
		    !row->maybe)
			return SAY("that %s of %s was put has no row in the log",
				   text_of(&row->prefix), row->origin);
	}
	for (unsigned int i = 0; i < state->allowlist; i++) {
		const struct ref_allow *allow = &state->allow[i];

		if (allow->stamp == state->stamp &&
		    !use_logged("allow", &allow->prefix, allow->origin) && !allow->maybe)
			return SAY("that %s was allowed by %s has no row in the log",
				   text_of(&allow->prefix), allow->origin);
	}
	return NULL;
}

const char *check_log(const struct ref_state *state)
{
	const char *why = NULL;

	read_log();
	if (state) {
		why = check_put_rows(state);
		for (unsigned int i = 0; i < state->gones && !why; i++) {
			const struct ref_gone *gone = &state->gone[i];

			if (!use_logged(gone->action, &gone->prefix, gone->origin))
				why = SAY("that %s of %s went (%s) has no row in the log",
					  text_of(&gone->prefix), gone->origin, gone->action);
		}
	}
	for (unsigned int i = 0; i < logged_count && !why; i++)
		if (!logged[i].used && is_of_prefixes(logged[i].action) &&
		    strcmp(logged[i].action, "end"))
			why = SAY("the log has a row '%s %s' of %s, and nothing like it was done",
				  logged[i].action, text_of(&logged[i].prefix), logged[i].origin);
	return why;
}

void check_log_seen(void)
{
	if (sqlite3_step(last_change) == SQLITE_ROW)
		model->log_seen = sqlite3_column_int64(last_change, 0);
	sqlite3_reset(last_change);
}
