// SPDX-License-Identifier: GPL-2.0-only
/* Lists of blocks, filtered and sorted by sqlite, including hits, and of allowed prefixes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_internal.h"
#include "base/time.h"

#define SQL_MAX 2048

const char *const store_sort_names[] = {"prefix", "origin", "reason",	"ticket", "start",
					"until",  "hits",   "last_hit", NULL};

/* Entries without an end come last; the remaining columns make the order total. */
static const char *const orders[] = {
	[SORT_PREFIX] = "address %s, length %s, origin %s",
	[SORT_ORIGIN] = "origin %s, address %s, length %s",
	[SORT_REASON] = "coalesce(reason, '') %s, address %s, length %s",
	[SORT_TICKET] = "coalesce(ticket, '') %s, address %s, length %s",
	[SORT_START] = "start_ms %s, address %s, length %s",
	[SORT_UNTIL] =
		"CASE until_ms WHEN 0 THEN 9223372036854775807 ELSE until_ms END %s, address %s, length %s",
	[SORT_HITS] = "hits(address, length) %s, address %s, length %s",
	[SORT_LAST_HIT] = "last_hit(address, length) %s, address %s, length %s",
};

struct store_list {
	struct store reader;		  /* of the reader, its connection and the path */
	sqlite3_stmt *allowlist, *blocks; /* NULL if there are none, or no more */
	bool at_allow;
	struct store_filter filter;
};

static bool argument_prefix(sqlite3_value **argument, struct prefix *prefix)
{
	int length = sqlite3_value_int(argument[1]);

	if (sqlite3_value_bytes(argument[0]) != sizeof(prefix->address) || length < 0 ||
	    length > 128)
		return false;
	memcpy(&prefix->address, sqlite3_value_blob(argument[0]), sizeof(prefix->address));
	prefix->length = length;
	return true;
}

static void sql_hits(sqlite3_context *context, int count, sqlite3_value **argument)
{
	const struct store_list *list = sqlite3_user_data(context);
	struct prefix prefix;
	uint64_t hits = 0;
	uint32_t last = 0;

	(void)count;
	if (argument_prefix(argument, &prefix))
		list->filter.hits(&prefix, &hits, &last, list->filter.data);
	sqlite3_result_int64(context, hits);
}

static void sql_last_hit(sqlite3_context *context, int count, sqlite3_value **argument)
{
	const struct store_list *list = sqlite3_user_data(context);
	struct prefix prefix;
	uint64_t hits = 0;
	uint32_t last = 0;

	(void)count;
	if (argument_prefix(argument, &prefix))
		list->filter.hits(&prefix, &hits, &last, list->filter.data);
	sqlite3_result_int64(context, last);
}

/* Everything an origin lists of a prefix and of addresses in it, as one row: the strictest, and of
 * equals the one that ends last. sqlite takes all columns from that row, because max() is the only
 * aggregate. 42 bits hold milliseconds until 2109; rates above a million packets per second compare
 * as equal, and the burst is left out: net/action_rank.h has it in full.
 */
#define STRICTNESS "((CASE kind WHEN 0 THEN 2097151 ELSE 1048576 - min(rate, 1048576) END) << 42)"
#define END	   "(CASE until_ms WHEN 0 THEN 4398046511103 ELSE min(until_ms, 4398046511102) END)"
#define IN_FORCE   "(until_ms = 0 OR until_ms > :now)"
#define PLAIN_ROWS "SELECT " BLOCK_COLUMNS ", 0 FROM block WHERE " IN_FORCE "%s%s%s"
#define MERGED_ROWS                                                                                    \
	"SELECT address, length, origin, reason, ticket, start_ms, until_ms, kind, rate, burst, x'', " \
	"sum(said <> x''), max(" STRICTNESS " + " END ") FROM block WHERE " IN_FORCE                   \
	"%s%s GROUP BY address, length, origin "                                                       \
	"HAVING 1%s"

/* While nothing is listed by address, every row stands for itself, and needs no grouping. */
static void write_query(const struct store_filter *filter, bool merged, char sql[SQL_MAX])
{
	const char *way = filter->reverse ? "DESC" : "ASC";
	char wanted[SQL_MAX / 2];
	int n;

	snprintf(wanted, sizeof(wanted), "%s%s%s%s%s%s%s",
		 filter->reason ? " AND instr(lower(coalesce(reason, '')), lower(:reason))" : "",
		 filter->ticket ? " AND ticket = :ticket" : "",
		 filter->kind >= 0 ? " AND kind = :kind" : "",
		 filter->hits_min > 0 ? " AND hits(address, length) >= :hits_min" : "",
		 filter->hit_since > 0 ? " AND last_hit(address, length) >= :hit_since" : "",
		 filter->start_since > 0 ? " AND start_ms >= :start_since" : "",
		 filter->until_before > 0 ? " AND until_ms BETWEEN 1 AND :until_before" : "");
	n = snprintf(sql, SQL_MAX, merged ? MERGED_ROWS : PLAIN_ROWS,
		     filter->has_within ?
			     " AND address BETWEEN :first AND :last AND length >= :length" :
			     "",
		     filter->origin ? " AND origin = :origin" : "", wanted);
	n += snprintf(sql + n, SQL_MAX - n, " ORDER BY ");
	n += snprintf(sql + n, SQL_MAX - n, orders[filter->sort], way, way, way);
	if (!merged)
		n += snprintf(sql + n, SQL_MAX - n, ", said %s", way);
	snprintf(sql + n, SQL_MAX - n, " LIMIT :limit OFFSET :offset");
}

static void bind_integer(sqlite3_stmt *statement, const char *name, int64_t value)
{
	int at = sqlite3_bind_parameter_index(statement, name);

	if (at)
		sqlite3_bind_int64(statement, at, value);
}

static void bind_text(sqlite3_stmt *statement, const char *name, const char *text)
{
	int at = sqlite3_bind_parameter_index(statement, name);

	if (at)
		sqlite3_bind_text(statement, at, text, -1, SQLITE_TRANSIENT);
}

static void bind_filter(sqlite3_stmt *statement, const struct store_filter *filter)
{
	struct in6_addr last = filter->within.address;

	for (int bit = filter->within.length; bit < 128; bit++)
		last.s6_addr[bit / 8] |= 0x80 >> bit % 8;
	if (filter->has_within) {
		sqlite3_bind_blob(statement, sqlite3_bind_parameter_index(statement, ":first"),
				  &filter->within.address, sizeof(last), SQLITE_TRANSIENT);
		sqlite3_bind_blob(statement, sqlite3_bind_parameter_index(statement, ":last"),
				  &last, sizeof(last), SQLITE_TRANSIENT);
		bind_integer(statement, ":length", filter->within.length);
	}
	/* an expired block may stay in the store for a while, but no longer counts */
	bind_integer(statement, ":now", clock_wall_ms());
	bind_text(statement, ":origin", filter->origin);
	bind_text(statement, ":reason", filter->reason);
	bind_text(statement, ":ticket", filter->ticket);
	bind_integer(statement, ":kind", filter->kind);
	bind_integer(statement, ":hits_min", filter->hits_min);
	bind_integer(statement, ":hit_since", filter->hit_since);
	bind_integer(statement, ":start_since", filter->start_since * 1000);
	bind_integer(statement, ":until_before", filter->until_before * 1000);
	bind_integer(statement, ":limit", filter->limit);
	bind_integer(statement, ":offset", filter->offset);
}

/* At one moment: the second statement sees what the first one saw. */
static int prepare(struct store_list *list, bool merged, struct error *error)
{
	enum store_listed what = list->filter.what;
	sqlite3 *db = list->reader.db;
	char sql[SQL_MAX];

	write_query(&list->filter, merged, sql);
	if (sqlite3_create_function(db, "hits", 2, SQLITE_UTF8, list, sql_hits, NULL, NULL) ||
	    sqlite3_create_function(db, "last_hit", 2, SQLITE_UTF8, list, sql_last_hit, NULL,
				    NULL) ||
	    sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) ||
	    (what != STORE_LIST_BLOCKS &&
	     sqlite3_prepare_v2(db, STORE_ALLOWLIST, -1, &list->allowlist, NULL)) ||
	    (what != STORE_LIST_ALLOWLIST && sqlite3_prepare_v2(db, sql, -1, &list->blocks, NULL)))
		return store_error(&list->reader, error, "read");
	if (list->blocks)
		bind_filter(list->blocks, &list->filter);
	return 0;
}

int store_list_open(struct store *store, const struct store_filter *filter, struct store_list **out,
		    struct error *error)
{
	struct store_list *list = calloc(1, sizeof(*list));
	int err;

	if (!list)
		return error_set(error, -ENOMEM, "out of memory");
	list->filter = *filter;
	err = store_reader_open(store, &list->reader, error);
	if (!err)
		err = prepare(list, !filter->addresses && store->has_said, error);
	if (err) {
		store_list_close(list);
		return err;
	}
	*out = list;
	return 0;
}

void store_list_pace(struct store_list *list, struct task *task)
{
	store_reader_pace(&list->reader, task);
}

static int next_row(struct store_list *list, sqlite3_stmt *statement, struct store_block *block,
		    struct error *error)
{
	int step;

	while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
		if (store_row_to_block(&list->reader, statement, block, error))
			continue; /* it is not in force, and a start reports it */
		block->addresses =
			list->at_allow ? 0 : sqlite3_column_int(statement, BLOCK_COLUMN_COUNT);
		return 1;
	}
	return step == SQLITE_DONE ? 0 : store_error(&list->reader, error, "read");
}

int store_list_next(struct store_list *list, struct store_block *block, struct error *error)
{
	list->at_allow = list->allowlist != NULL;
	if (list->allowlist) {
		int more = next_row(list, list->allowlist, block, error);

		if (more)
			return more;
		sqlite3_finalize(list->allowlist);
		list->allowlist = NULL;
		list->at_allow = false;
	}
	return list->blocks ? next_row(list, list->blocks, block, error) : 0;
}

bool store_list_at_allow(const struct store_list *list)
{
	return list->at_allow;
}

void store_list_close(struct store_list *list)
{
	if (!list)
		return;
	sqlite3_finalize(list->allowlist);
	sqlite3_finalize(list->blocks);
	sqlite3_close(list->reader.db);
	free(list);
}
