// SPDX-License-Identifier: GPL-2.0-only
#include "memory_pieces.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "changes.h"

#define LARGE_BYTES (1U << 20)
#define PIECE_BYTES (256U << 10) /* takes some 50 us */

/* malloc() raises its mmap threshold up to 32 MB when a large block is freed, and then copies
 * blocks that grow below that.
 */
void memory_pieces_begin(void)
{
	mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
	/* small pieces that were freed would be merged later, hundreds of thousands at once */
	mallopt(M_MXFAST, 0);
}

/* Whole pages within it; malloc()'s own data is before them. */
void memory_pieces_free(void *memory, size_t bytes, struct changes *changes)
{
	uintptr_t page = sysconf(_SC_PAGESIZE);
	uintptr_t at = ((uintptr_t)memory + page - 1) / page * page;
	uintptr_t end = memory ? ((uintptr_t)memory + bytes) / page * page : 0;

	for (; bytes > PIECE_BYTES && at < end; at += PIECE_BYTES) {
		madvise((void *)at, end - at < PIECE_BYTES ? end - at : PIECE_BYTES, MADV_DONTNEED);
		changes_breathe_long(changes);
	}
	free(memory);
}
