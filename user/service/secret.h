/* SPDX-License-Identifier: GPL-2.0-only */
/* A file with a password, a token or a key: its first line. */
#ifndef SLASH64_SERVICE_SECRET_H
#define SLASH64_SERVICE_SECRET_H

#include <stddef.h>

#include "base/error.h"

int secret_read(const char *path, char *out, size_t bytes, struct error *error);

#endif
