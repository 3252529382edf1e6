// SPDX-License-Identifier: GPL-2.0-only
#include "secret.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int secret_read(const char *path, char *out, size_t bytes, struct error *error)
{
	FILE *file = fopen(path, "re");
	bool is_read;

	if (!file)
		return error_set(error, -errno, "cannot read %s: %s", path, strerror(errno));
	is_read = fgets(out, bytes, file);
	fclose(file);
	if (!is_read)
		return error_set(error, -ENODATA, "%s is empty", path);
	out[strcspn(out, "\r\n")] = '\0';
	return 0;
}
