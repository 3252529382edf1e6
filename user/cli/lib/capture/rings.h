/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads the rings of a capture, one for each CPU, and sorts what it finds by time. The rings were
 * filled by the datapath; what is in them is checked all the same, as this program may be older.
 */
#ifndef SLASH64_CLI_LIB_CAPTURE_RINGS_H
#define SLASH64_CLI_LIB_CAPTURE_RINGS_H

#include <slash64/capture.h>
#include <stddef.h>

#include "base/error.h"

struct rings;

/* The descriptors stay the caller's. */
int rings_open(const int *fd, size_t count, struct rings **out, struct error *error);
void rings_close(struct rings *rings);

/* Takes what is there, and frees its room. Returns the number of packets, or -errno. */
int rings_collect(struct rings *rings);

/* Calls `each` for what was taken, in order of time as far as it was there. Stops if `each` returns
 * other than 0, and returns that; what was not passed on is lost.
 */
typedef int (*rings_each_t)(const struct s64_capture_record *record, void *data);
int rings_pass(struct rings *rings, rings_each_t each, void *data);

/* A record of the ring, if its parts make sense. NULL if not. */
const struct s64_capture_record *rings_check(const void *data, size_t bytes);

#endif
