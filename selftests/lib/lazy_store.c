// SPDX-License-Identifier: GPL-2.0-only
/* Preloaded into slash64d by a test. Switches durability off: everything to be committed stays in
 * one transaction that never ends. The test has to notice.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#define NOTHING "SELECT 1 WHERE 0"

struct sqlite3;
struct sqlite3_stmt;

int sqlite3_exec(struct sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **),
		 void *data, char **error);

int sqlite3_prepare_v3(struct sqlite3 *db, const char *sql, int bytes, unsigned int flags,
		       struct sqlite3_stmt **statement, const char **tail)
{
	static int (*real)(struct sqlite3 *, const char *, int, unsigned int,
			   struct sqlite3_stmt **, const char **);

	if (!real)
		real = (int (*)(struct sqlite3 *, const char *, int, unsigned int,
				struct sqlite3_stmt **, const char **))dlsym(RTLD_NEXT,
									     "sqlite3_prepare_v3");
	if (!strcmp(sql, "COMMIT") || !strcmp(sql, "ROLLBACK"))
		sql = NOTHING;
	if (!strcmp(sql, "BEGIN IMMEDIATE") || !strcmp(sql, "BEGIN")) {
		sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
		sql = NOTHING;
	}
	return real(db, sql, bytes, flags, statement, tail);
}
