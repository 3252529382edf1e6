/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory of a million entries, given back in pieces of a turn: to unmap 100 MB takes some 10 ms. */
#ifndef SLASH64_DAEMON_MEMORY_PIECES_H
#define SLASH64_DAEMON_MEMORY_PIECES_H

#include <stddef.h>

struct changes;

/* From now on what is large lies by itself: it grows without being copied. */
void memory_pieces_begin(void);

/* free(), with others served in between: `memory` has that many bytes, and is the caller's alone. */
void memory_pieces_free(void *memory, size_t bytes, struct changes *changes);

#endif
