/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of /proc and /sys, below a root: that of a test, or none. */
#ifndef SLASH64_CLI_LIB_DOCTOR_SYSFILE_H
#define SLASH64_CLI_LIB_DOCTOR_SYSFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The path in a buffer of PATH_MAX. Returns buf. */
const char *sysfile_path(const char *root, char *buf, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The first line, without its end. -errno, with an empty line. */
int sysfile_line(const char *path, char *line, size_t bytes);

/* The number that is all of the first line. -errno; -EINVAL if it is none. */
int sysfile_number(const char *path, int64_t *number);

bool sysfile_exists(const char *path);

/* How many entries of a directory begin so. */
unsigned int sysfile_count(const char *directory, const char *prefix);

#endif
