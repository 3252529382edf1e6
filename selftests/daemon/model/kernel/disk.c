// SPDX-License-Identifier: GPL-2.0-only
/* The disk: files in memory, as they are now and as they were last synced. After a power failure,
 * any sector that was not synced may or may not be there, as with a disk that tears nothing
 * smaller. If only the process is killed, everything written is there. sqlite accesses it through
 * disk_vfs.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "disk_internal.h"

static uint8_t *now_bytes, *synced_bytes; /* of all files */

static uint8_t *bytes_of(uint8_t *all, const struct disk_file *file)
{
	return all + (file - world->disk) * (size_t)DISK_FILE_MAX;
}

void disk_make(void)
{
	size_t bytes = (size_t)DISK_FILES * DISK_FILE_MAX;
	int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE;

	now_bytes = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
	synced_bytes = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (now_bytes == MAP_FAILED || synced_bytes == MAP_FAILED)
		abort();
}

void disk_file_clear(struct disk_file *file)
{
	size_t used = file->size > file->size_synced ? file->size : file->size_synced;

	/* content truncated since then may still be there */
	if (file->first_dirty <= file->last_dirty && (file->last_dirty + 1) * DISK_SECTOR > used)
		used = (file->last_dirty + 1) * DISK_SECTOR;
	memset(bytes_of(now_bytes, file), 0, used);
	memset(bytes_of(synced_bytes, file), 0, used);
	memset(file, 0, sizeof(*file));
	file->first_dirty = DISK_SECTORS;
}

void disk_begin(void)
{
	for (int i = 0; i < DISK_FILES; i++)
		disk_file_clear(&world->disk[i]);
}

void disk_lose(void)
{
	disk_begin();
}

/* --- dirty sectors --- */

void disk_mark(struct disk_file *file, uint64_t offset, uint64_t bytes)
{
	uint32_t first = offset / DISK_SECTOR, last = (offset + bytes - 1) / DISK_SECTOR;

	for (uint32_t i = first; i <= last; i++)
		file->dirty[i / 64] |= 1ULL << i % 64;
	if (file->first_dirty > file->last_dirty || first < file->first_dirty)
		file->first_dirty = first;
	if (last > file->last_dirty)
		file->last_dirty = last;
}

/* `keep` decides for each sector whether it is copied from the one to the other. */
static void settle(struct disk_file *file, uint8_t *to, const uint8_t *from, struct chance *chance)
{
	for (uint32_t i = file->first_dirty; i <= file->last_dirty && i < DISK_SECTORS; i++) {
		if (!(file->dirty[i / 64] >> i % 64 & 1))
			continue;
		if (!chance || chance_percent(chance, 50))
			memcpy(to + i * (size_t)DISK_SECTOR, from + i * (size_t)DISK_SECTOR,
			       DISK_SECTOR);
		file->dirty[i / 64] &= ~(1ULL << i % 64);
	}
	file->first_dirty = DISK_SECTORS;
	file->last_dirty = 0;
}

void disk_sync(struct disk_file *file)
{
	settle(file, bytes_of(synced_bytes, file), bytes_of(now_bytes, file), NULL);
	file->size_synced = file->size;
	file->was_there = file->is_there;
}

void disk_cut(struct chance *chance)
{
	for (int i = 0; i < DISK_FILES; i++) {
		struct disk_file *file = &world->disk[i];
		bool all = chance_percent(chance, 25), none = chance_percent(chance, 25);

		if (!file->name[0])
			continue;
		if (all)
			file->was_there = file->is_there;
		else if (chance_percent(chance, 50))
			file->is_there = file->was_there;
		file->was_there = file->is_there;
		if (!file->is_there) {
			disk_file_clear(file);
			continue;
		}
		if (all) {
			disk_sync(file);
			continue;
		}
		/* some later writes are on the disk as well, and may have made it longer or shorter
		 */
		if (none) {
			settle(file, bytes_of(now_bytes, file), bytes_of(synced_bytes, file), NULL);
			file->size = file->size_synced;
			continue;
		}
		if (chance_percent(chance, 50))
			file->size_synced = file->size;
		settle(file, bytes_of(now_bytes, file), bytes_of(synced_bytes, file), chance);
		file->size = file->size_synced;
		memcpy(bytes_of(synced_bytes, file), bytes_of(now_bytes, file), file->size);
	}
}

/* --- files --- */

struct disk_file *disk_find(const char *name)
{
	for (int i = 0; i < DISK_FILES; i++)
		if (!strcmp(world->disk[i].name, name))
			return &world->disk[i];
	return NULL;
}

struct disk_file *disk_new(const char *name)
{
	for (int i = 0; i < DISK_FILES; i++)
		if (!world->disk[i].name[0]) {
			snprintf(world->disk[i].name, DISK_NAME_MAX, "%s", name);
			return &world->disk[i];
		}
	return NULL;
}

uint8_t *disk_bytes(const struct disk_file *file)
{
	return bytes_of(now_bytes, file);
}
