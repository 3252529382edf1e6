// SPDX-License-Identifier: GPL-2.0-only
/* The disk as sqlite sees it (sqlite3_vfs). */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk_internal.h"

#define SHM_LOCKS    8 /* SQLITE_SHM_NLOCK */
#define SHM_REGIONS  64
#define SHM_WRITER   0 /* WAL_WRITE_LOCK of sqlite's wal.c */
#define PATHNAME_MAX 512

struct handle {
	sqlite3_file file; /* sqlite's; first */
	struct disk_file *on;
	int lock;			/* SQLITE_LOCK_* */
	unsigned int shared, exclusive; /* of the shared memory, a bit for each lock */
	bool has_shm, goes_with_close;
	struct handle *next;
};

static struct handle *handles; /* of this process */
static void *region[SHM_REGIONS];

/* --- files --- */

static int on_close(sqlite3_file *file)
{
	struct handle *handle = (struct handle *)file, **at = &handles;

	while (*at && *at != handle)
		at = &(*at)->next;
	if (*at)
		*at = handle->next;
	if (handle->goes_with_close)
		disk_file_clear(handle->on);
	return SQLITE_OK;
}

static int on_read(sqlite3_file *file, void *out, int amount, sqlite3_int64 offset)
{
	struct disk_file *on = ((struct handle *)file)->on;
	int64_t left = on->size - offset;
	int there = left <= 0 ? 0 : left < amount ? (int)left : amount;

	memcpy(out, disk_bytes(on) + offset, there);
	memset((char *)out + there, 0, amount - there);
	return there == amount ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int code_of(int err, int other)
{
	return err == -ENOSPC ? SQLITE_FULL : other;
}

static int on_write(sqlite3_file *file, const void *from, int amount, sqlite3_int64 offset)
{
	struct disk_file *on = ((struct handle *)file)->on;
	int err;

	if (offset + amount > DISK_FILE_MAX)
		return SQLITE_FULL;
	/* a full disk refuses to extend a file */
	if (world->fault == FAULT_FULL && offset + amount <= on->size)
		err = 0;
	else
		err = world_at(PLACE_WRITE);
	if (err)
		return code_of(err, SQLITE_IOERR_WRITE);
	memcpy(disk_bytes(on) + offset, from, amount);
	disk_mark(on, offset, amount);
	if (offset + amount > on->size)
		on->size = offset + amount;
	return SQLITE_OK;
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct disk_file *on = ((struct handle *)file)->on;
	int err = world_at(PLACE_TRUNCATE);

	if (err)
		return SQLITE_IOERR_TRUNCATE;
	if (size < on->size) {
		memset(disk_bytes(on) + size, 0, on->size - size);
		disk_mark(on, size, on->size - size);
	}
	on->size = size;
	return SQLITE_OK;
}

static int on_sync(sqlite3_file *file, int flags)
{
	int err = world_at(PLACE_SYNC);

	(void)flags;
	if (err)
		return SQLITE_IOERR_FSYNC;
	disk_sync(((struct handle *)file)->on);
	/* the first sync of a journal has synced its directory */
	for (int i = 0; i < DISK_FILES; i++)
		world->disk[i].was_there = world->disk[i].is_there;
	return SQLITE_OK;
}

static int on_size(sqlite3_file *file, sqlite3_int64 *size)
{
	*size = ((struct handle *)file)->on->size;
	return SQLITE_OK;
}

/* --- locks --- */

static int highest_of_others(const struct handle *handle)
{
	int highest = SQLITE_LOCK_NONE;

	for (const struct handle *other = handles; other; other = other->next)
		if (other != handle && other->on == handle->on && other->lock > highest)
			highest = other->lock;
	return highest;
}

static int on_lock(sqlite3_file *file, int lock)
{
	struct handle *handle = (struct handle *)file;
	int others = highest_of_others(handle);

	if (lock <= handle->lock)
		return SQLITE_OK;
	if ((lock == SQLITE_LOCK_SHARED && others >= SQLITE_LOCK_PENDING) ||
	    (lock == SQLITE_LOCK_RESERVED && others >= SQLITE_LOCK_RESERVED) ||
	    (lock == SQLITE_LOCK_EXCLUSIVE && others >= SQLITE_LOCK_SHARED))
		return SQLITE_BUSY;
	handle->lock = lock;
	return SQLITE_OK;
}

static int on_unlock(sqlite3_file *file, int lock)
{
	((struct handle *)file)->lock = lock;
	return SQLITE_OK;
}

static int on_is_reserved(sqlite3_file *file, int *out)
{
	const struct handle *handle = (struct handle *)file;

	*out = handle->lock >= SQLITE_LOCK_RESERVED ||
	       highest_of_others(handle) >= SQLITE_LOCK_RESERVED;
	return SQLITE_OK;
}

static int on_control(sqlite3_file *file, int what, void *data)
{
	(void)file;
	(void)what;
	(void)data;
	return SQLITE_NOTFOUND;
}

static int on_sector(sqlite3_file *file)
{
	(void)file;
	return 4096;
}

static int on_device(sqlite3_file *file)
{
	(void)file;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* --- the write-ahead log's index, which a process keeps in memory --- */

static int shm_map(sqlite3_file *file, int at, int bytes, int extend, void volatile **out)
{
	*out = NULL;
	if (at >= SHM_REGIONS)
		return SQLITE_IOERR_SHMMAP;
	((struct handle *)file)->has_shm = true;
	if (!region[at] && extend)
		region[at] = calloc(1, bytes);
	*out = region[at];
	return SQLITE_OK;
}

static int shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	struct handle *handle = (struct handle *)file;
	unsigned int mask = ((1U << n) - 1) << offset, shared = 0, exclusive = 0;

	if (flags & SQLITE_SHM_UNLOCK) {
		if (flags & SQLITE_SHM_SHARED)
			handle->shared &= ~mask;
		else
			handle->exclusive &= ~mask;
		return SQLITE_OK;
	}
	for (const struct handle *other = handles; other; other = other->next)
		if (other != handle && other->on == handle->on) {
			shared |= other->shared;
			exclusive |= other->exclusive;
		}
	if (exclusive & mask || (flags & SQLITE_SHM_EXCLUSIVE && shared & mask))
		return SQLITE_BUSY;
	if (flags & SQLITE_SHM_EXCLUSIVE && mask >> SHM_WRITER & 1 && world_is_held())
		return SQLITE_BUSY;
	if (flags & SQLITE_SHM_SHARED)
		handle->shared |= mask;
	else
		handle->exclusive |= mask;
	return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *file)
{
	(void)file;
}

static int shm_unmap(sqlite3_file *file, int gone)
{
	struct handle *handle = (struct handle *)file;

	(void)gone;
	handle->has_shm = false;
	handle->shared = handle->exclusive = 0;
	for (const struct handle *other = handles; other; other = other->next)
		if (other->has_shm)
			return SQLITE_OK;
	for (int i = 0; i < SHM_REGIONS; i++) {
		free(region[i]);
		region[i] = NULL;
	}
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = on_close,
	.xRead = on_read,
	.xWrite = on_write,
	.xTruncate = on_truncate,
	.xSync = on_sync,
	.xFileSize = on_size,
	.xLock = on_lock,
	.xUnlock = on_unlock,
	.xCheckReservedLock = on_is_reserved,
	.xFileControl = on_control,
	.xSectorSize = on_sector,
	.xDeviceCharacteristics = on_device,
	.xShmMap = shm_map,
	.xShmLock = shm_lock,
	.xShmBarrier = shm_barrier,
	.xShmUnmap = shm_unmap,
};

/* --- the file system --- */

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
		    int *out_flags)
{
	static unsigned int temporary;
	struct handle *handle = (struct handle *)file;
	char name[DISK_NAME_MAX];

	(void)vfs;
	memset(handle, 0, sizeof(*handle));
	if (path)
		snprintf(name, sizeof(name), "%s", path);
	else
		snprintf(name, sizeof(name), "temporary-%u", temporary++);
	handle->on = disk_find(name);
	if (!handle->on && !(flags & SQLITE_OPEN_CREATE))
		return SQLITE_CANTOPEN;
	if (!handle->on)
		handle->on = disk_new(name);
	if (!handle->on)
		return SQLITE_CANTOPEN;
	if (!handle->on->is_there && !(flags & SQLITE_OPEN_CREATE))
		return SQLITE_CANTOPEN;
	handle->on->is_there = true;
	handle->goes_with_close = flags & SQLITE_OPEN_DELETEONCLOSE;
	handle->next = handles;
	handles = handle;
	file->pMethods = &methods;
	if (out_flags)
		*out_flags = flags;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_directory)
{
	struct disk_file *file = disk_find(path);
	int err;

	(void)vfs;
	if (!file || !file->is_there)
		return SQLITE_IOERR_DELETE_NOENT;
	err = world_at(PLACE_DELETE);
	if (err)
		return SQLITE_IOERR_DELETE;
	if (sync_directory) {
		disk_file_clear(file);
	} else {
		file->is_there = false;
		file->size = 0;
	}
	return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
	const struct disk_file *file = disk_find(path);

	(void)vfs;
	(void)flags;
	*out = file && file->is_there && (flags != SQLITE_ACCESS_EXISTS || file->size);
	return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int bytes, char *out)
{
	(void)vfs;
	snprintf(out, bytes, "%s", path);
	return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *vfs, int bytes, char *out)
{
	(void)vfs;
	for (int i = 0; i < bytes; i++)
		out[i] = chance_draw(&world->chance);
	return bytes;
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	world->wall_ns += us * 1000LL;
	world->monotonic_ns += us * 1000LL;
	return us;
}

static int vfs_time(sqlite3_vfs *vfs, double *out)
{
	(void)vfs;
	*out = 2440587.5 + world->wall_ns / 86400e9;
	return SQLITE_OK;
}

static int vfs_time64(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
	(void)vfs;
	*out = 210866760000000LL + world->wall_ns / 1000000;
	return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int bytes, char *out)
{
	(void)vfs;
	if (bytes)
		out[0] = '\0';
	return 0;
}

void disk_register(void)
{
	static sqlite3_vfs vfs = {
		.iVersion = 2,
		.szOsFile = sizeof(struct handle),
		.mxPathname = PATHNAME_MAX,
		.zName = "model",
		.xOpen = vfs_open,
		.xDelete = vfs_delete,
		.xAccess = vfs_access,
		.xFullPathname = vfs_full_path,
		.xRandomness = vfs_randomness,
		.xSleep = vfs_sleep,
		.xCurrentTime = vfs_time,
		.xGetLastError = vfs_last_error,
		.xCurrentTimeInt64 = vfs_time64,
	};

	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_vfs_register(&vfs, 1);
}
