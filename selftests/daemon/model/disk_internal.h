/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of the disk, for those who have them open (disk_vfs.c). */
#ifndef SLASH64_MODEL_DISK_INTERNAL_H
#define SLASH64_MODEL_DISK_INTERNAL_H

#include "world.h"

/* NULL where there is none; a new one has no content, and NULL says that there are too many. */
struct disk_file *disk_find(const char *name);
struct disk_file *disk_new(const char *name);
/* As it is now, of DISK_FILE_MAX bytes. */
uint8_t *disk_bytes(const struct disk_file *file);
/* Of those, some were written. */
void disk_mark(struct disk_file *file, uint64_t offset, uint64_t bytes);
void disk_sync(struct disk_file *file);
void disk_file_clear(struct disk_file *file);

#endif
