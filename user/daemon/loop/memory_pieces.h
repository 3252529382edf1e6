/* SPDX-License-Identifier: GPL-2.0-only */
/* Frees the memory of a million entries in pieces of a turn: unmapping 100 MB takes some 10 ms. */
#ifndef SLASH64_DAEMON_LOOP_MEMORY_PIECES_H
#define SLASH64_DAEMON_LOOP_MEMORY_PIECES_H

#include <stddef.h>

struct changes;

/* From now on large blocks are mapped separately: they grow without being copied. And small ones are
 * merged when they are freed: malloc() would merge all of them at once, with a later call.
 */
void memory_pieces_begin(void);

/* free(), with pauses: `memory` has that many bytes, and nobody else uses it. */
void memory_pieces_free(void *memory, size_t bytes, struct changes *changes);

#endif
