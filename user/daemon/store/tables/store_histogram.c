// SPDX-License-Identifier: GPL-2.0-only
#include "store_histogram.h"

#include "daemon/store/store_internal.h"

int store_histogram_put(struct store *store, const struct store_histogram *row, struct error *error)
{
	sqlite3_stmt *statement = store->statement[HISTOGRAM_PUT];

	sqlite3_bind_int64(statement, 1, row->day);
	store_bind_text(statement, 2, row->class);
	sqlite3_bind_int64(statement, 3, row->rate);
	sqlite3_bind_int64(statement, 4, row->seconds);
	sqlite3_bind_blob(statement, 5, row->sketch, STORE_HISTOGRAM_SKETCH, SQLITE_STATIC);
	return store_run(store, HISTOGRAM_PUT, "write the rates of sources", error);
}

int store_histograms(struct store *store, store_histogram_each_t each, void *data,
		     struct error *error)
{
	sqlite3_stmt *statement = store->statement[HISTOGRAM_ALL];
	int step;

	while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
		int64_t rate = sqlite3_column_int64(statement, 2);
		struct store_histogram row = {
			.day = sqlite3_column_int64(statement, 0),
			.class = (const char *)sqlite3_column_text(statement, 1),
			.rate = rate,
			.seconds = sqlite3_column_int64(statement, 3),
			.sketch = sqlite3_column_blob(statement, 4),
		};

		if (row.class && row.sketch && rate >= 0 && rate < STORE_HISTOGRAM_RATES &&
		    sqlite3_column_bytes(statement, 4) == STORE_HISTOGRAM_SKETCH)
			each(&row, data);
	}
	step = step == SQLITE_DONE ? 0 : store_error(store, error, "read");
	store_statement_done(statement);
	return step;
}

int store_histogram_day_put(struct store *store, int64_t day, uint64_t seconds, int64_t since_s,
			    struct error *error)
{
	sqlite3_stmt *statement = store->statement[HISTOGRAM_DAY_PUT];

	sqlite3_bind_int64(statement, 1, day);
	sqlite3_bind_int64(statement, 2, seconds);
	sqlite3_bind_int64(statement, 3, since_s);
	return store_run(store, HISTOGRAM_DAY_PUT, "write the rates of sources", error);
}

int store_histogram_days(struct store *store, store_histogram_day_each_t each, void *data,
			 struct error *error)
{
	sqlite3_stmt *statement = store->statement[HISTOGRAM_DAYS_ALL];
	int step;

	while ((step = sqlite3_step(statement)) == SQLITE_ROW)
		if (sqlite3_column_int64(statement, 1) > 0)
			each(sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1),
			     sqlite3_column_int64(statement, 2), data);
	step = step == SQLITE_DONE ? 0 : store_error(store, error, "read");
	store_statement_done(statement);
	return step;
}

int store_histogram_prune(struct store *store, int64_t before_day, int64_t after_day,
			  struct error *error)
{
	int err;

	sqlite3_bind_int64(store->statement[HISTOGRAM_PRUNE], 1, before_day);
	sqlite3_bind_int64(store->statement[HISTOGRAM_PRUNE], 2, after_day);
	err = store_run(store, HISTOGRAM_PRUNE, "forget the rates of sources", error);
	if (err)
		return err;
	if (sqlite3_changes(store->db))
		return 1;
	sqlite3_bind_int64(store->statement[HISTOGRAM_DAYS_PRUNE], 1, before_day);
	sqlite3_bind_int64(store->statement[HISTOGRAM_DAYS_PRUNE], 2, after_day);
	return store_run(store, HISTOGRAM_DAYS_PRUNE, "forget the rates of sources", error);
}
