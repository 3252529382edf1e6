/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory of fixed size, all of it taken at once: the process does not grow as traffic comes. */
#ifndef SLASH64_DETECT_MEMORY_H
#define SLASH64_DETECT_MEMORY_H

#include <stddef.h>
#include <sys/mman.h>

/* Zeroed; NULL if there is not so much. */
static inline void *detect_memory_open(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static inline void detect_memory_close(void *memory, size_t bytes)
{
	if (memory)
		munmap(memory, bytes);
}

#endif
