/* SPDX-License-Identifier: GPL-2.0-only */
/* The file methods that sqlite calls for a connection: the system's, except that long ones, which
 * copy pages and write them to the disk, offer a pause at every page so that others can be served.
 * A pause is in the middle of a call of sqlite: nobody may use that connection until it continues.
 */
#ifndef SLASH64_DAEMON_STORE_STORE_FILES_H
#define SLASH64_DAEMON_STORE_STORE_FILES_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct store_files;

/* sqlite's view of one file: the system's methods, except for the long ones. */
struct store_file {
	sqlite3_io_methods methods; /* must be first: the file points here */
	const sqlite3_io_methods *real;
	struct store_files *files;
	int fd;		    /* a second descriptor; -1: none */
	int64_t first, end; /* written since the last sync */
	int64_t begun;	    /* up to here, writing to the disk has started */
};

struct store_files {
	sqlite3_vfs vfs, *real;
	char name[32];
	/* at_once: pause however little was done since; NULL: never pause */
	void (*breathe)(void *data, bool at_once);
	void *data;
	bool copies; /* pages are copied into the database on this connection */
	bool failed; /* the disk failed to read, which sqlite may call damage */
	struct store_file database, log;
};

/* Registers it under its name, for sqlite3_open_v2(). */
int store_files_begin(struct store_files *files);
/* After its connection was closed. */
void store_files_end(struct store_files *files);

/* Was the write-ahead log deleted? The connection still has it, but nobody can open it again. */
bool store_files_log_is_lost(const struct store_files *files);

#endif
