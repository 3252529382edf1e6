// SPDX-License-Identifier: GPL-2.0-only
#include "store_files.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* of a long log: start writing them to the disk while it is still being filled */
#define BEGIN_BYTES (1 << 20)
#define SYNC_BYTES  (1 << 18) /* wait for this much at once */
/* freeing 100 MB of a file takes several milliseconds, or some 30 if the file system is busy */
#define TRUNCATE_BYTES (2 << 20)

static struct store_file *file_of(sqlite3_file *file)
{
	return (struct store_file *)file->pMethods;
}

static void breathe(const struct store_file *at, bool at_once)
{
	if (at->files->breathe)
		at->files->breathe(at->files->data, at_once);
}

static int file_read(sqlite3_file *file, void *bytes, int n, sqlite3_int64 at)
{
	const struct store_file *own = file_of(file);
	int code = own->real->xRead(file, bytes, n, at);

	if ((code & 0xff) == SQLITE_IOERR && code != SQLITE_IOERR_SHORT_READ)
		own->files->failed = true;
	breathe(own, false);
	return code;
}

static void note_written(struct store_file *own, int64_t at, int n)
{
	if (own->first == own->end)
		own->first = own->end = own->begun = at;
	if (at < own->first)
		own->first = at;
	if (at + n > own->end)
		own->end = at + n;
	if (own->fd < 0 || own->end - own->begun < BEGIN_BYTES)
		return;
	sync_file_range(own->fd, own->begun, own->end - own->begun, SYNC_FILE_RANGE_WRITE);
	own->begun = own->end;
}

static int file_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
	struct store_file *own = file_of(file);
	int code = own->real->xWrite(file, bytes, n, at);

	note_written(own, at, n);
	breathe(own, false);
	return code;
}

/* Writes a piece at a time first, so that the sync itself, which cannot pause, has little left to
 * do. Only the sync counts.
 */
static int file_sync(sqlite3_file *file, int flags)
{
	struct store_file *own = file_of(file);

	while (own->fd >= 0 && own->end - own->first > SYNC_BYTES) {
		sync_file_range(own->fd, own->first, SYNC_BYTES,
				SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
					SYNC_FILE_RANGE_WAIT_AFTER);
		own->first += SYNC_BYTES;
		breathe(own, true);
	}
	own->first = own->end = 0;
	return own->real->xSync(file, flags);
}

/* A log that was long is shortened when it starts over, within the commit of whoever writes next.
 * That is only to save space: its length means nothing to sqlite, so a part is enough each time.
 */
static int log_truncate(sqlite3_file *file, sqlite3_int64 bytes)
{
	const struct store_file *own = file_of(file);
	sqlite3_int64 had = 0;

	if (own->real->xFileSize(file, &had) == SQLITE_OK && had - bytes > TRUNCATE_BYTES)
		bytes = had - TRUNCATE_BYTES;
	return own->real->xTruncate(file, bytes);
}

static int file_close(sqlite3_file *file)
{
	struct store_file *own = file_of(file);
	int code = own->real->xClose(file);

	/* Closing any descriptor of a database drops all locks of this process on it. The
	 * connection that had them is closed by now, or about to be.
	 */
	if (own->fd >= 0)
		close(own->fd);
	own->fd = -1;
	return code;
}

/* Without a second descriptor it is not written in pieces. */
static void take_file(struct store_files *files, struct store_file *own, int fd, sqlite3_file *file)
{
	*own = (struct store_file){
		.methods = *file->pMethods,
		.real = file->pMethods,
		.files = files,
		.fd = fd,
	};
	own->methods.xRead = file_read;
	own->methods.xWrite = file_write;
	own->methods.xSync = file_sync;
	own->methods.xClose = file_close;
	file->pMethods = &own->methods;
}

static void take_log(struct store_files *files, const char *path, sqlite3_file *file)
{
	take_file(files, &files->log, open(path, O_RDONLY | O_CLOEXEC), file);
	files->log.methods.xTruncate = log_truncate;
}

static int open_file(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
		     int *out_flags)
{
	struct store_files *files =
		(struct store_files *)((char *)vfs - offsetof(struct store_files, vfs));
	int code = files->real->xOpen(files->real, path, file, flags, out_flags);

	if (code == SQLITE_OK && flags & SQLITE_OPEN_MAIN_DB)
		take_file(files, &files->database,
			  files->copies ? open(path, O_RDONLY | O_CLOEXEC) : -1, file);
	else if (code == SQLITE_OK && flags & SQLITE_OPEN_WAL)
		take_log(files, path, file);
	return code;
}

bool store_files_log_is_lost(const struct store_files *files)
{
	struct stat log;

	return files->log.real && files->log.fd >= 0 && !fstat(files->log.fd, &log) &&
	       !log.st_nlink;
}

int store_files_begin(struct store_files *files)
{
	files->real = sqlite3_vfs_find(NULL);
	if (!files->real)
		return SQLITE_ERROR;
	snprintf(files->name, sizeof(files->name), "slash64-%p", (void *)files);
	files->vfs = *files->real;
	files->vfs.pNext = NULL;
	files->vfs.zName = files->name;
	files->vfs.xOpen = open_file;
	return sqlite3_vfs_register(&files->vfs, 0);
}

void store_files_end(struct store_files *files)
{
	if (files->real)
		sqlite3_vfs_unregister(&files->vfs);
	files->real = NULL;
}
