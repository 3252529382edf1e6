// SPDX-License-Identifier: GPL-2.0-only
/* Store, log, tables, interfaces and answers, held against the reference. */
#include <net/if.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"
#include "datapath.h"
#include "model.h"

#define BURST_SLACK  1
#define RATE_SLACK   0.02
#define ENDS_SOON_MS 1
#define ROWS_CHECKED 6

static sqlite3 *db;
static sqlite3_stmt *blocks, *allows, *hands, *changes, *last_change, *ended;
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
	prepare("SELECT address, length, origin, said, reason, ticket, start_ms, until_ms, kind, rate, burst FROM block",
		&blocks);
	prepare("SELECT address, length, origin, reason FROM allow", &allows);
	prepare("SELECT name, filter FROM interface", &hands);
	prepare("SELECT number, action, address, length, origin FROM change WHERE number > ? ORDER BY number",
		&changes);
	prepare("SELECT max(number) FROM change", &last_change);
	prepare("SELECT count(*) FROM block WHERE until_ms > 0 AND until_ms <= ?", &ended);
}

void check_close(void)
{
	sqlite3_finalize(blocks);
	sqlite3_finalize(allows);
	sqlite3_finalize(hands);
	sqlite3_finalize(changes);
	sqlite3_finalize(last_change);
	sqlite3_finalize(ended);
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
	if (row->span_ms && (until_ms < from_ms + row->span_ms || until_ms > row->start_to_ms + row->span_ms))
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

	if (throttle != expected->throttle || (throttle && (sqlite3_column_int64(row, 9) != expected->rate ||
							    sqlite3_column_int64(row, 10) != expected->burst)))
		return SAY("%s of %s is a %s (%lld, %lld) in the store, and should be a %s (%u, %u)",
			   text_of(&expected->prefix), expected->origin, throttle ? "throttle" : "block",
			   sqlite3_column_int64(row, 9), sqlite3_column_int64(row, 10),
			   expected->throttle ? "throttle" : "block", expected->rate, expected->burst);
	if (!expected->any_reason &&
	    (strcmp(column_text(row, 4), expected->reason) || strcmp(column_text(row, 5), expected->ticket)))
		return SAY("%s of %s has the reason '%s', ticket '%s' in the store, and should have '%s', '%s'",
			   text_of(&expected->prefix), expected->origin, column_text(row, 4), column_text(row, 5),
			   expected->reason, expected->ticket);
	if (!same_time(expected, sqlite3_column_int64(row, 6), sqlite3_column_int64(row, 7), binds))
		return SAY(
			"%s of %s is from %lld until %lld in the store, and should be from %lld (%lld to %lld) until %lld (or for %lld ms)",
			text_of(&expected->prefix), expected->origin, sqlite3_column_int64(row, 6),
			sqlite3_column_int64(row, 7), (long long)expected->start_ms, (long long)expected->start_from_ms,
			(long long)expected->start_to_ms, (long long)expected->until_ms, (long long)expected->span_ms);
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
			continue; /* it is over, and may lie there for a while */
		if (!row) {
			why = SAY("%s of %s%s%s is in the store, and should not be", text_of(&prefix),
				  column_text(blocks, 2), of.length ? ", said of " : "", of.length ? text_of(&of) : "");
			break;
		}
		found[row - state->row] = true;
		why = check_row(blocks, row, binds);
	}
	sqlite3_reset(blocks);
	for (unsigned int i = 0; i < state->rows && !why; i++) {
		int64_t until_ms = ref_until(&state->row[i]);

		if (!found[i] && !(until_ms && until_ms <= now_ms() + ENDS_SOON_MS))
			why = SAY("%s of %s%s%s is not in the store, and should be", text_of(&state->row[i].prefix),
				  state->row[i].origin, state->row[i].said.length ? ", said of " : "",
				  state->row[i].said.length ? text_of(&state->row[i].said) : "");
	}
	return why;
}

static const char *check_allows(struct ref_state *state)
{
	unsigned int count = 0;
	const char *why = NULL;

	while (!why && sqlite3_step(allows) == SQLITE_ROW) {
		const struct ref_allow *allow;
		struct prefix prefix;

		take_prefix(allows, 0, &prefix);
		allow = ref_allow_find(state, &prefix, column_text(allows, 2));
		if (!allow)
			why = SAY("%s is allowed by %s in the store, and should not be", text_of(&prefix),
				  column_text(allows, 2));
		else if (strcmp(allow->reason, column_text(allows, 3)))
			why = SAY("%s is allowed by %s for '%s' in the store, and should be for '%s'", text_of(&prefix),
				  column_text(allows, 2), column_text(allows, 3), allow->reason);
		count++;
	}
	sqlite3_reset(allows);
	if (!why && count != state->allows)
		why = SAY("%u prefixes are allowed in the store, and should be %u", count, state->allows);
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
			why = SAY("%s is attached by hand in the store with the filter %d, and should be with %d", name,
				  sqlite3_column_int(hands, 1), state->hand[at].filter);
		count++;
	}
	sqlite3_reset(hands);
	if (!why && count != state->hands)
		why = SAY("%u interfaces are attached by hand in the store, and should be %u", count, state->hands);
	return why;
}

const char *check_store(const struct ref_state *state, bool binds)
{
	const char *why = check_blocks((struct ref_state *)state, binds);

	if (!why)
		why = check_allows((struct ref_state *)state);
	return why ? why : check_hands(state);
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
		snprintf(logged[logged_count].action, sizeof(logged->action), "%s", column_text(changes, 1));
		snprintf(logged[logged_count].origin, ORIGIN_MAX, "%s", column_text(changes, 4));
		logged[logged_count].used = false;
		take_prefix(changes, 2, &logged[logged_count++].prefix);
	}
	sqlite3_reset(changes);
}

/* Rows of the log of what becomes of prefixes; interfaces have theirs for more reasons than steps. */
static bool is_of_prefixes(const char *action)
{
	static const char *const actions[] = {"block", "throttle", "unblock", "end", "allow", "disallow", "edit"};

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

static const char *action_of(const struct ref_state *state, const struct ref_row *row)
{
	if (state->action && strcmp(row->origin, "config"))
		return state->action;
	return row->throttle ? "throttle" : "block";
}

static const char *check_put_rows(const struct ref_state *state)
{
	for (unsigned int i = 0; i < state->rows; i++) {
		const struct ref_row *row = &state->row[i];

		if (row->stamp == state->stamp && !use_logged(action_of(state, row), &row->prefix, row->origin) &&
		    !row->any_reason && !row->maybe)
			return SAY("that %s of %s was put has no row in the log", text_of(&row->prefix), row->origin);
	}
	for (unsigned int i = 0; i < state->allows; i++) {
		const struct ref_allow *allow = &state->allow[i];

		if (allow->stamp == state->stamp && !use_logged("allow", &allow->prefix, allow->origin) &&
		    !allow->maybe)
			return SAY("that %s was allowed by %s has no row in the log", text_of(&allow->prefix),
				   allow->origin);
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
				why = SAY("that %s of %s went (%s) has no row in the log", text_of(&gone->prefix),
					  gone->origin, gone->action);
		}
	}
	for (unsigned int i = 0; i < logged_count && !why; i++)
		if (!logged[i].used && is_of_prefixes(logged[i].action) && strcmp(logged[i].action, "end"))
			why = SAY("the log has a row '%s %s' of %s, and nothing like it was done", logged[i].action,
				  text_of(&logged[i].prefix), logged[i].origin);
	return why;
}

void check_log_seen(void)
{
	if (sqlite3_step(last_change) == SQLITE_ROW)
		model->log_seen = sqlite3_column_int64(last_change, 0);
	sqlite3_reset(last_change);
}

/* --- the tables --- */

static const char *const fates[] = {"open", "blocked", "throttled"};

static void check_source(const char *text, const struct in6_addr *address)
{
	struct ref_verdict expected = ref_judge(&model->now, address);
	struct datapath_verdict got = datapath_judge(&the_daemon->tables, address);

	if (expected.fate != got.fate)
		world_fail("tables", "%s is %s in the tables, and should be %s (%s%s of %s)", text, fates[got.fate],
			   expected.allowed ? "open, as it is allowed" : fates[expected.fate],
			   expected.why ? "by " : "nothing is said of it",
			   expected.why ? text_of(&expected.why->prefix) : "",
			   expected.why ? expected.why->origin : "nobody");
	if (expected.fate != REF_THROTTLED)
		return;
	if (got.rate < expected.rate * (1 - RATE_SLACK) || got.rate > expected.rate * (1 + RATE_SLACK) ||
	    got.burst + BURST_SLACK < expected.burst || got.burst > expected.burst + BURST_SLACK)
		world_fail("tables", "%s is held to %.1f packets per second, %u at once, and should be to %u, %u", text,
			   got.rate, got.burst, expected.rate, expected.burst);
}

/* Of what something is said, some. */
static void check_some_rows(struct chance *chance)
{
	for (unsigned int i = 0; i < ROWS_CHECKED && model->now.rows; i++) {
		const struct ref_row *row = &model->now.row[chance_below(chance, model->now.rows)];

		check_source(text_of(&row->prefix), &row->prefix.address);
	}
}

void check_lost(void)
{
	for (unsigned int i = 0; i < all_addresses_count; i++) {
		struct in6_addr address = address_of_text(all_addresses[i]);
		struct datapath_verdict got = datapath_judge(&the_daemon->tables, &address);

		if (got.fate == REF_OPEN && model->lost_fate[i] != REF_OPEN)
			world_fail("salvage", "the store was lost, and %s, which was %s, is %s", all_addresses[i],
				   fates[model->lost_fate[i]], fates[got.fate]);
	}
}

/* --- interfaces --- */

static void check_link(const struct model_link *link)
{
	struct ref_filtering expected = ref_filtering(&model->now, link);
	const struct model_program *program = kernel_program(link->program);
	const struct s64_iface_policy *policy;
	bool monitor;

	if (expected.wanted != (program != NULL))
		world_fail("interfaces", "%s (%u) is %s, and should be %s", link->name, link->ifindex,
			   program ? "filtered" : "open", expected.wanted ? "filtered" : "left alone");
	if (!program)
		return;
	if (program->maps != kernel_inode(the_daemon->tables.fd[TABLE_META]))
		world_fail("interfaces", "the program on %s goes by other maps than those in force", link->name);
	policy = &the_daemon->tables.policy[program->slot];
	monitor = policy->flags & S64_IFACE_MONITOR;
	if (monitor != expected.monitor)
		world_fail("interfaces", "%s %s, and should %s", link->name, monitor ? "only counts" : "drops",
			   expected.monitor ? "only count" : "drop");
	if (!!(policy->flags & S64_IFACE_BOGON_ENFORCE) != model->now.config.bogons)
		world_fail("interfaces", "%s %s bogons, and should%s", link->name,
			   policy->flags & S64_IFACE_BOGON_ENFORCE ? "drops" : "passes",
			   model->now.config.bogons ? "" : " not");
	if (!!(policy->flags & S64_IFACE_IPV4_ENFORCE) != expected.ipv4)
		world_fail("interfaces", "%s looks at IPv4 otherwise than it should", link->name);
}

static void check_programs(void)
{
	for (int i = 0; i < PROGRAMS_MAX; i++) {
		const struct model_program *program = &world->program[i];
		bool attached = false;

		for (int j = 0; j < LINKS_MAX; j++)
			attached |= world->link[j].ifindex && program->id && world->link[j].program == program->id;
		if (program->id && attached && !program->pinned)
			world_fail("interfaces", "program %u is attached, and not pinned", program->id);
		if (program->id && program->pinned && !attached)
			world_fail("interfaces", "program %u is pinned, and on no interface", program->id);
	}
}

/* --- answers --- */

/* Where no interface looks at IPv4, what is said of it comes to nothing. */
static bool is_unfiltered(const struct in6_addr *address)
{
	for (int i = 0; i < LINKS_MAX; i++) {
		struct ref_filtering filtering = {};

		if (world->link[i].ifindex)
			filtering = ref_filtering(&model->now, &world->link[i]);
		if (filtering.wanted && filtering.ipv4)
			return false;
	}
	return IN6_IS_ADDR_V4MAPPED(address);
}

static bool is_right(const char *verdict, const struct ref_verdict *expected, const struct in6_addr *address)
{
	if (expected->allowed)
		return !strcmp(verdict, "allowed");
	if (expected->fate != REF_OPEN && is_unfiltered(address))
		return !strcmp(verdict, "not-filtered");
	if (expected->fate == REF_OPEN)
		return strcmp(verdict, "blocked") && strcmp(verdict, "throttled") && strcmp(verdict, "allowed");
	return !strcmp(verdict, fates[expected->fate]);
}

static void check_who(const char *text)
{
	struct in6_addr address = address_of_text(text);
	struct ref_verdict expected = ref_judge(&model->now, &address);
	struct answer answer;
	const char *verdict;
	char uri[256];

	snprintf(uri, sizeof(uri), "/v1/who?address=%s", client_escape(text));
	client_ask("GET", uri, NULL, &answer);
	if (answer.code != 200)
		world_fail("answers", "who %s: %d, %s", text, answer.code, answer.error);
	verdict = json_string_value(json_object_get(answer.object, "verdict"));
	if (!verdict || !is_right(verdict, &expected, &address))
		world_fail("answers", "who says that %s is '%s', and it should be '%s'", text,
			   verdict ? verdict : "null", expected.allowed ? "allowed" : fates[expected.fate]);
	client_forget(&answer);
}

struct listing {
	unsigned int rows, in_force_wrong;
	char first_wrong[96];
};

static void list_row(const json_t *row, void *data)
{
	struct listing *listing = data;
	const char *text = json_string_value(json_object_get(row, "prefix"));
	const char *origin = json_string_value(json_object_get(row, "origin"));
	const char *address = json_string_value(json_object_get(row, "address"));
	struct prefix prefix, of = {};
	const struct ref_row *expected;

	listing->rows++;
	if (!text || prefix_parse_whole(text, &prefix, NULL))
		world_fail("answers", "list has a row without a prefix");
	if (address && prefix_parse_whole(address, &of, NULL))
		world_fail("answers", "list: '%s' is no address", address);
	expected = ref_find(&model->now, &prefix, origin, &of);
	if (!expected)
		world_fail("answers", "list has %s of %s, for %s, and should not", text, origin,
			   address ? address : "all");
	if (ref_until(expected) && llabs(client_time_s(json_object_get(row, "until")) - ref_until(expected) / 1000) > 1)
		world_fail("answers", "list says that %s ends at %lld, and it does at %lld ms", text,
			   (long long)client_time_s(json_object_get(row, "until")), (long long)ref_until(expected));
	if (json_is_true(json_object_get(row, "in_force")) != !ref_allowed_around(&model->now, &prefix))
		world_fail("answers", "list: is %s in force?", text);
}

static void check_list(void)
{
	struct listing listing = {};
	struct answer answer;

	client_ask("GET", "/v1/blocks?addresses=1", NULL, &answer);
	client_each_line(&answer, list_row, &listing);
	if (listing.rows != model->now.rows)
		world_fail("answers", "list has %u rows, and should have %u", listing.rows, model->now.rows);
	client_forget(&answer);
}

static void count_row(const json_t *row, void *data)
{
	(void)row;
	++*(unsigned int *)data;
}

static void check_allow_list(void)
{
	unsigned int count = 0;
	struct answer answer;

	client_ask("GET", "/v1/allows", NULL, &answer);
	client_each_line(&answer, count_row, &count);
	if (count != model->now.allows)
		world_fail("answers", "%u allowed prefixes are listed, and should be %u", count, model->now.allows);
	client_forget(&answer);
}

void check_all(struct chance *chance, bool thorough)
{
	unsigned int first = chance_below(chance, all_addresses_count);
	const char *why;

	model->checks++;
	/* what was put has its times from here on */
	why = check_store(&model->now, true);
	if (why)
		world_fail("store", "%s", why);
	for (unsigned int i = 0; i < (thorough ? all_addresses_count : 12); i++) {
		const char *text = all_addresses[(first + i) % all_addresses_count];
		struct in6_addr address = address_of_text(text);

		check_source(text, &address);
	}
	check_some_rows(chance);
	for (int i = 0; i < LINKS_MAX; i++)
		if (world->link[i].ifindex)
			check_link(&world->link[i]);
	check_programs();
	if (chance_percent(chance, thorough ? 30 : 5))
		check_who(all_addresses[first]);
	if (chance_percent(chance, thorough ? 20 : 1) && model->now.rows < 300) {
		check_list();
		check_allow_list();
	}
}
