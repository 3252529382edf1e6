/* SPDX-License-Identifier: GPL-2.0-only */
/* Keeps output for a reader that is slow, such as a person at a pager, so that the writer need not wait. */
#ifndef SLASH64_CLI_LIB_OUTPUT_SPOOL_H
#define SLASH64_CLI_LIB_OUTPUT_SPOOL_H

/* Copies `from`, as fast as it comes, to `to`, as fast as that takes it; what is in between is in `file`, which is empty.
 * If that cannot grow, the writer waits for the reader. Returns when all of it is written, or when nobody reads `to` any
 * more. Changes whether `to` blocks.
 */
void spool(int file, int from, int to);

#endif
