// SPDX-License-Identifier: GPL-2.0-only
#include "queue.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_NAME      "queue.db"
#define BUSY_MS	       5000
#define TOLD_KEEP_S    (30 * 86400) /* the longest incident that is remembered */
#define PATH_BYTES_MAX 4200

enum statement {
	GET_POSITION,
	SET_POSITION,
	MOVE_POSITION,
	COUNT_CHANGES,
	ADD_CHANGE,
	MAKE_GAP,
	GET_GAP,
	GAP_DONE,
	NEXT_CHANGE,
	SET_DONE,
	FORGET_CHANGES,
	COUNT_WAITING,
	ADD_RECEIVER,
	LIST_RECEIVERS,
	DROP_RECEIVER,
	FIND_TOLD,
	FIND_THREAD,
	ADD_TOLD,
	FORGET_TOLD,
	STATEMENT_COUNT
};

static const char *const texts[STATEMENT_COUNT] = {
	[GET_POSITION] = "SELECT number, log FROM position",
	[SET_POSITION] = "INSERT INTO position (only_one, number, log) VALUES (1, ?1, ?2)"
			 " ON CONFLICT (only_one) DO UPDATE SET number = ?1, log = ?2",
	[MOVE_POSITION] = "INSERT INTO position (only_one, number, log) VALUES (1, ?1, '')"
			  " ON CONFLICT (only_one) DO UPDATE SET number = ?1",
	/* places have no gaps: changes are removed from the front */
	[COUNT_CHANGES] = "SELECT coalesce((SELECT max(place) FROM changes) -"
			  " (SELECT min(place) FROM changes) + 1, 0)",
	[ADD_CHANGE] = "INSERT INTO changes (change, number) VALUES (?1, ?2)",
	/* receivers that have all of the queue before them, if others have not; numbers that have
	 * no hole, in a log that is the same as that of the gap they have
	 */
	[MAKE_GAP] =
		"UPDATE receivers SET"
		" gap_from = CASE WHEN gap_to THEN gap_from ELSE"
		"  (SELECT min(number) FROM changes WHERE number) - 1 END,"
		" gap_to = (SELECT max(number) FROM changes),"
		" gap_log = (SELECT log FROM position),"
		" done = (SELECT max(place) FROM changes)"
		" WHERE done = (SELECT min(done) FROM receivers)"
		" AND done < (SELECT max(done) FROM receivers)"
		" AND (SELECT max(number) - min(number) + 1 = count(*) FROM changes WHERE number)"
		" AND (NOT gap_to OR (gap_log = (SELECT log FROM position)"
		"  AND gap_to + 1 = (SELECT min(number) FROM changes WHERE number)))",
	[GET_GAP] = "SELECT gap_from, gap_to, gap_log FROM receivers WHERE name = ?1 AND gap_to",
	[GAP_DONE] = "UPDATE receivers SET gap_from = max(gap_from, ?2),"
		     " gap_to = CASE WHEN ?2 >= gap_to THEN 0 ELSE gap_to END"
		     " WHERE name = ?1 AND gap_to",
	[NEXT_CHANGE] = "SELECT place, change FROM changes WHERE place >"
			" (SELECT done FROM receivers WHERE name = ?1) ORDER BY place LIMIT 1",
	/* it may have become a gap while it was on its way */
	[SET_DONE] = "UPDATE receivers SET done = max(done, ?2) WHERE name = ?1",
	[FORGET_CHANGES] = "DELETE FROM changes WHERE place <= (SELECT min(done) FROM receivers)",
	[COUNT_WAITING] = "SELECT coalesce((SELECT max(place) FROM changes) -"
			  " (SELECT done FROM receivers WHERE name = ?1), 0)"
			  " + coalesce((SELECT gap_to - gap_from FROM receivers"
			  " WHERE name = ?1 AND gap_to), 0)",
	[ADD_RECEIVER] = "INSERT INTO receivers (name, done) VALUES (?1, coalesce("
			 "(SELECT seq FROM sqlite_sequence WHERE name = 'changes'), 0))"
			 " ON CONFLICT (name) DO NOTHING",
	[LIST_RECEIVERS] = "SELECT name FROM receivers",
	[DROP_RECEIVER] = "DELETE FROM receivers WHERE name = ?1",
	[FIND_TOLD] = "SELECT what = ?3 FROM told WHERE receiver = ?1 AND prefix = ?2"
		      " AND time >= ?4 ORDER BY time DESC, rowid DESC LIMIT 1",
	[FIND_THREAD] = "SELECT key FROM told WHERE receiver = ?1 AND prefix = ?2 AND time >= ?3"
			" ORDER BY time, rowid LIMIT 1",
	[ADD_TOLD] =
		"INSERT INTO told (receiver, prefix, what, key, time) VALUES (?1, ?2, ?3, ?4, ?5)",
	[FORGET_TOLD] = "DELETE FROM told WHERE time < ?1",
};

static const char schema[] =
	"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
	"BEGIN;"
	"CREATE TABLE IF NOT EXISTS position (only_one INTEGER PRIMARY KEY, number INTEGER NOT NULL,"
	" log TEXT NOT NULL);"
	"CREATE TABLE IF NOT EXISTS changes (place INTEGER PRIMARY KEY AUTOINCREMENT,"
	" change TEXT NOT NULL, number INTEGER NOT NULL);"
	"CREATE TABLE IF NOT EXISTS receivers (name TEXT PRIMARY KEY, done INTEGER NOT NULL,"
	" gap_from INTEGER NOT NULL DEFAULT 0, gap_to INTEGER NOT NULL DEFAULT 0,"
	" gap_log TEXT NOT NULL DEFAULT '');"
	"CREATE TABLE IF NOT EXISTS told (receiver TEXT NOT NULL, prefix TEXT NOT NULL,"
	" what TEXT NOT NULL, key TEXT NOT NULL, time INTEGER NOT NULL);"
	"CREATE INDEX IF NOT EXISTS told_by_prefix ON told (receiver, prefix, time);"
	"COMMIT;";

struct queue {
	pthread_mutex_t mutex;
	sqlite3 *db;
	sqlite3_stmt *statement[STATEMENT_COUNT];
	uint32_t changes_max;
	char path[PATH_BYTES_MAX];
};

/* --- sqlite --- */

static int failed(const struct queue *queue, struct error *error)
{
	int code = sqlite3_errcode(queue->db);

	return error_set(error, code == SQLITE_FULL ? -ENOSPC : -EIO,
			 "the queue %s: %s; nothing is lost, it is tried again", queue->path,
			 sqlite3_errmsg(queue->db));
}

static sqlite3_stmt *statement(struct queue *queue, enum statement which)
{
	sqlite3_reset(queue->statement[which]);
	sqlite3_clear_bindings(queue->statement[which]);
	return queue->statement[which];
}

/* One that returns no row. */
static int run(struct queue *queue, enum statement which, struct error *error)
{
	int code = sqlite3_step(queue->statement[which]);

	sqlite3_reset(queue->statement[which]);
	return code == SQLITE_DONE ? 0 : failed(queue, error);
}

static int bind_text(sqlite3_stmt *to, int at, const char *text)
{
	return sqlite3_bind_text(to, at, text, -1, SQLITE_STATIC);
}

static int execute(struct queue *queue, const char *text, struct error *error)
{
	return sqlite3_exec(queue->db, text, NULL, NULL, NULL) == SQLITE_OK ? 0 :
									      failed(queue, error);
}

/* --- opening --- */

static int prepare(struct queue *queue, struct error *error)
{
	int err = execute(queue, schema, error);

	for (int i = 0; i < STATEMENT_COUNT && !err; i++)
		if (sqlite3_prepare_v3(queue->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
				       &queue->statement[i], NULL) != SQLITE_OK)
			err = failed(queue, error);
	return err;
}

int queue_open(struct queue **out, const char *directory, uint32_t changes_max, struct error *error)
{
	struct queue *queue = calloc(1, sizeof(*queue));
	int err = 0;

	if (!queue)
		return error_set(error, -ENOMEM, "out of memory");
	pthread_mutex_init(&queue->mutex, NULL);
	queue->changes_max = changes_max;
	snprintf(queue->path, sizeof(queue->path), "%s/" FILE_NAME, directory);
	if (sqlite3_open_v2(queue->path, &queue->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			    NULL) != SQLITE_OK)
		err = error_set(error, -EIO,
				"cannot open the queue %s: %s; its directory is 'state' "
				"in the configuration",
				queue->path, sqlite3_errmsg(queue->db));
	if (!err) {
		sqlite3_busy_timeout(queue->db, BUSY_MS);
		err = prepare(queue, error);
	}
	if (err) {
		queue_close(queue);
		return err;
	}
	*out = queue;
	return 0;
}

void queue_close(struct queue *queue)
{
	if (!queue)
		return;
	for (int i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(queue->statement[i]);
	sqlite3_close(queue->db);
	pthread_mutex_destroy(&queue->mutex);
	free(queue);
}

static bool is_listed(const char *const *names, const char *name)
{
	while (*names && strcmp(*names, name))
		names++;
	return *names;
}

static int drop_others(struct queue *queue, const char *const *names, struct error *error)
{
	sqlite3_stmt *list = statement(queue, LIST_RECEIVERS);
	int code, err = 0;

	while (!err && (code = sqlite3_step(list)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(list, 0);

		if (is_listed(names, name))
			continue;
		bind_text(statement(queue, DROP_RECEIVER), 1, name);
		err = run(queue, DROP_RECEIVER, error);
	}
	sqlite3_reset(list);
	return err;
}

int queue_set_receivers(struct queue *queue, const char *const *names, struct error *error)
{
	int err;

	pthread_mutex_lock(&queue->mutex);
	err = drop_others(queue, names, error);
	for (; *names && !err; names++) {
		bind_text(statement(queue, ADD_RECEIVER), 1, *names);
		err = run(queue, ADD_RECEIVER, error);
	}
	if (!err) {
		statement(queue, FORGET_CHANGES);
		err = run(queue, FORGET_CHANGES, error);
	}
	pthread_mutex_unlock(&queue->mutex);
	return err;
}

/* --- reading the log --- */

/* The number in the only column of the only row; `none` without a row. */
static int number_of(struct queue *queue, enum statement which, int64_t none, int64_t *number,
		     struct error *error)
{
	int code = sqlite3_step(queue->statement[which]);

	if (code == SQLITE_ROW)
		*number = sqlite3_column_int64(queue->statement[which], 0);
	else if (code == SQLITE_DONE)
		*number = none;
	sqlite3_reset(queue->statement[which]);
	return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : failed(queue, error);
}

int queue_position(struct queue *queue, int64_t *number, char log[QUEUE_LOG_MAX],
		   struct error *error)
{
	sqlite3_stmt *get;
	int code;

	pthread_mutex_lock(&queue->mutex);
	get = statement(queue, GET_POSITION);
	code = sqlite3_step(get);
	*number = code == SQLITE_ROW ? sqlite3_column_int64(get, 0) : -1;
	snprintf(log, QUEUE_LOG_MAX, "%s",
		 code == SQLITE_ROW ? (const char *)sqlite3_column_text(get, 1) : "");
	code = code == SQLITE_ROW || code == SQLITE_DONE ? 0 : failed(queue, error);
	sqlite3_reset(get);
	pthread_mutex_unlock(&queue->mutex);
	return code;
}

int queue_set_position(struct queue *queue, int64_t number, const char *log, struct error *error)
{
	sqlite3_stmt *set;
	int err;

	pthread_mutex_lock(&queue->mutex);
	set = statement(queue, SET_POSITION);
	sqlite3_bind_int64(set, 1, number);
	bind_text(set, 2, log);
	err = run(queue, SET_POSITION, error);
	pthread_mutex_unlock(&queue->mutex);
	return err;
}

static int count_changes(struct queue *queue, int64_t *count, struct error *error)
{
	statement(queue, COUNT_CHANGES);
	return number_of(queue, COUNT_CHANGES, 0, count, error);
}

/* Those that take nothing do not keep others from being told. */
static int make_room(struct queue *queue, struct error *error)
{
	int64_t count = 0;
	int err = count_changes(queue, &count, error);

	if (err || count < queue->changes_max)
		return err;
	statement(queue, MAKE_GAP);
	err = run(queue, MAKE_GAP, error);
	if (!err) {
		statement(queue, FORGET_CHANGES);
		err = run(queue, FORGET_CHANGES, error);
	}
	if (!err)
		err = count_changes(queue, &count, error);
	return err || count < queue->changes_max ?
		       err :
		       error_set(error, -ENOSPC, "the queue %s is full", queue->path);
}

static int add_change(struct queue *queue, int64_t number, const char *change, struct error *error)
{
	sqlite3_stmt *add = statement(queue, ADD_CHANGE), *move;
	int64_t before = 0;
	int err;

	statement(queue, GET_POSITION);
	err = number_of(queue, GET_POSITION, 0, &before, error);
	if (err)
		return err;
	bind_text(add, 1, change);
	sqlite3_bind_int64(add, 2, number > before ? number : 0);
	err = run(queue, ADD_CHANGE, error);
	if (err)
		return err;
	move = statement(queue, MOVE_POSITION);
	sqlite3_bind_int64(move, 1, number);
	return run(queue, MOVE_POSITION, error);
}

static int add(struct queue *queue, int64_t number, const char *change, struct error *error)
{
	int err = execute(queue, "BEGIN", error);

	if (err)
		return err;
	err = make_room(queue, error);
	if (!err)
		err = add_change(queue, number, change, error);
	if (!err)
		err = execute(queue, "COMMIT", error);
	if (err)
		sqlite3_exec(queue->db, "ROLLBACK", NULL, NULL, NULL);
	return err;
}

int queue_add(struct queue *queue, int64_t number, const char *change, struct error *error)
{
	int err;

	pthread_mutex_lock(&queue->mutex);
	err = add(queue, number, change, error);
	pthread_mutex_unlock(&queue->mutex);
	return err;
}

/* --- delivering --- */

static int next(struct queue *queue, const char *receiver, int64_t *place, char **change,
		struct error *error)
{
	sqlite3_stmt *of = statement(queue, NEXT_CHANGE);
	int code, err = 0;

	bind_text(of, 1, receiver);
	code = sqlite3_step(of);
	if (code == SQLITE_ROW) {
		*place = sqlite3_column_int64(of, 0);
		*change = strdup((const char *)sqlite3_column_text(of, 1));
		if (!*change)
			err = error_set(error, -ENOMEM, "out of memory");
	} else {
		err = code == SQLITE_DONE ? 1 : failed(queue, error);
	}
	sqlite3_reset(of);
	return err;
}

int queue_next(struct queue *queue, const char *receiver, int64_t *place, char **change,
	       struct error *error)
{
	int err;

	pthread_mutex_lock(&queue->mutex);
	err = next(queue, receiver, place, change, error);
	pthread_mutex_unlock(&queue->mutex);
	return err;
}

static int gap_done(struct queue *queue, const char *receiver, int64_t number, struct error *error)
{
	sqlite3_stmt *done = statement(queue, GAP_DONE);

	bind_text(done, 1, receiver);
	sqlite3_bind_int64(done, 2, number);
	return run(queue, GAP_DONE, error);
}

static int gap_of(struct queue *queue, const char *receiver, struct queue_gap *gap,
		  struct error *error)
{
	sqlite3_stmt *get = statement(queue, GET_GAP);
	int code;

	bind_text(get, 1, receiver);
	code = sqlite3_step(get);
	if (code == SQLITE_ROW) {
		gap->from = sqlite3_column_int64(get, 0);
		gap->to = sqlite3_column_int64(get, 1);
		snprintf(gap->log, sizeof(gap->log), "%s",
			 (const char *)sqlite3_column_text(get, 2));
	}
	sqlite3_reset(get);
	return code == SQLITE_ROW ? 0 : code == SQLITE_DONE ? 1 : failed(queue, error);
}

int queue_gap(struct queue *queue, const char *receiver, struct queue_gap *gap, struct error *error)
{
	int err;

	pthread_mutex_lock(&queue->mutex);
	err = gap_of(queue, receiver, gap, error);
	pthread_mutex_unlock(&queue->mutex);
	return err;
}

int queue_gap_done(struct queue *queue, const char *receiver, int64_t number, struct error *error)
{
	int err;

	pthread_mutex_lock(&queue->mutex);
	err = gap_done(queue, receiver, number, error);
	pthread_mutex_unlock(&queue->mutex);
	return err;
}

static int done_with(struct queue *queue, const char *receiver, int64_t place, int64_t number,
		     struct error *error)
{
	sqlite3_stmt *done = statement(queue, SET_DONE);
	struct queue_gap gap;
	int err;

	bind_text(done, 1, receiver);
	sqlite3_bind_int64(done, 2, place);
	err = run(queue, SET_DONE, error);
	/* it has become the first of the gap while it was on its way */
	if (!err && number && !gap_of(queue, receiver, &gap, error) && number == gap.from + 1)
		err = gap_done(queue, receiver, number, error);
	if (err)
		return err;
	statement(queue, FORGET_CHANGES);
	return run(queue, FORGET_CHANGES, error);
}

int queue_done(struct queue *queue, const char *receiver, int64_t place, int64_t number,
	       struct error *error)
{
	int err;

	pthread_mutex_lock(&queue->mutex);
	err = done_with(queue, receiver, place, number, error);
	pthread_mutex_unlock(&queue->mutex);
	return err;
}

int64_t queue_waiting(struct queue *queue, const char *receiver)
{
	struct error ignored;
	int64_t count = 0;

	pthread_mutex_lock(&queue->mutex);
	bind_text(statement(queue, COUNT_WAITING), 1, receiver);
	number_of(queue, COUNT_WAITING, 0, &count, &ignored);
	pthread_mutex_unlock(&queue->mutex);
	return count;
}

/* --- incidents --- */

static int find_told(struct queue *queue, const char *receiver, const char *prefix,
		     const char *what, int64_t since_s, char thread[QUEUE_KEY_MAX],
		     struct error *error)
{
	sqlite3_stmt *of = statement(queue, FIND_THREAD);
	int64_t told = 0;
	int err;

	bind_text(of, 1, receiver);
	bind_text(of, 2, prefix);
	sqlite3_bind_int64(of, 3, since_s);
	if (sqlite3_step(of) == SQLITE_ROW)
		snprintf(thread, QUEUE_KEY_MAX, "%s", sqlite3_column_text(of, 0));
	sqlite3_reset(of);
	of = statement(queue, FIND_TOLD);
	bind_text(of, 1, receiver);
	bind_text(of, 2, prefix);
	bind_text(of, 3, what);
	sqlite3_bind_int64(of, 4, since_s);
	err = number_of(queue, FIND_TOLD, 0, &told, error);
	return err ? err : !told;
}

int queue_was_told(struct queue *queue, const char *receiver, const char *prefix, const char *what,
		   int64_t since_s, char thread[QUEUE_KEY_MAX], struct error *error)
{
	int err;

	pthread_mutex_lock(&queue->mutex);
	err = find_told(queue, receiver, prefix, what, since_s, thread, error);
	pthread_mutex_unlock(&queue->mutex);
	return err;
}

int queue_told(struct queue *queue, const char *receiver, const char *prefix, const char *what,
	       const char *key, int64_t now_s, struct error *error)
{
	sqlite3_stmt *of;
	int err;

	pthread_mutex_lock(&queue->mutex);
	sqlite3_bind_int64(statement(queue, FORGET_TOLD), 1, now_s - TOLD_KEEP_S);
	err = run(queue, FORGET_TOLD, error);
	of = statement(queue, ADD_TOLD);
	bind_text(of, 1, receiver);
	bind_text(of, 2, prefix);
	bind_text(of, 3, what);
	bind_text(of, 4, key);
	sqlite3_bind_int64(of, 5, now_s);
	if (!err)
		err = run(queue, ADD_TOLD, error);
	pthread_mutex_unlock(&queue->mutex);
	return err;
}
