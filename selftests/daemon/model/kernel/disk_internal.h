/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of the disk, for code that has them open (disk_vfs.c). */
#ifndef SLASH64_MODEL_DISK_INTERNAL_H
#define SLASH64_MODEL_DISK_INTERNAL_H

#include "../world.h"

/* NULL if it does not exist; a new one has no content, and NULL means that there are too many. */
struct disk_file *disk_find(const char *name);
struct disk_file *disk_new(const char *name);
/* Its present content, of DISK_FILE_MAX bytes. */
uint8_t *disk_bytes(const struct disk_file *file);
/* Some of these were written. */
void disk_mark(struct disk_file *file, uint64_t offset, uint64_t bytes);
void disk_sync(struct disk_file *file);
void disk_file_clear(struct disk_file *file);

#endif
