/* SPDX-License-Identifier: GPL-2.0-only */
/* The files of a connection, as sqlite calls for them: those of the system, but that what takes long there, copying pages and
 * writing them to the disk, is told of page by page, so that others can be served in between. Who pauses there is in the
 * middle of a call of sqlite, and nobody may use that connection until it goes on.
 */
#ifndef SLASH64_DAEMON_STORE_FILES_H
#define SLASH64_DAEMON_STORE_FILES_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct store_files;

/* What sqlite calls for one file: the system's methods, but for those that take long. */
struct store_file {
	sqlite3_io_methods methods; /* first: the file points here */
	const sqlite3_io_methods *real;
	struct store_files *files;
	int fd;		    /* a second one; -1: none */
	int64_t first, end; /* what was written since it was synced last */
	int64_t begun;	    /* up to here it is on its way to the disk */
};

struct store_files {
	sqlite3_vfs vfs, *real;
	char name[32];
	/* at_once: however little was done since; NULL: nobody waits */
	void (*breathe)(void *data, bool at_once);
	void *data;
	bool copies; /* pages come into the database on this connection */
	struct store_file database, log;
};

/* Registers it under its name, for sqlite3_open_v2(). */
int store_files_begin(struct store_files *files);
/* When its connection is closed. */
void store_files_end(struct store_files *files);

#endif
