// SPDX-License-Identifier: GPL-2.0-only
#include "replace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int replace_file_failed(const struct replace_file *replace, struct error *error)
{
	return error_set(error, -EIO, "cannot write %s: %s; %s", replace->name, strerror(errno),
			 replace->is_new ? "nothing was written" : "it was not changed");
}

/* The final name. */
static int find_target(struct replace_file *replace, const char *instead, struct error *error)
{
	struct stat status;
	int n;

	if (!realpath(replace->name, replace->target)) {
		n = snprintf(replace->target, PATH_MAX, "%s", replace->name);
		if (errno != ENOENT || n >= PATH_MAX)
			return error_set(error, -EINVAL, "cannot write %.256s: %s", replace->name,
					 n >= PATH_MAX ? "the name is too long" : strerror(errno));
		replace->is_new = true;
		return 0;
	}
	if (stat(replace->target, &status) || !S_ISREG(status.st_mode))
		return error_set(error, -EINVAL, "%.256s is not a regular file; %s", replace->name,
				 instead);
	return 0;
}

int replace_file_open(struct replace_file *replace, const char *name, const char *instead,
		      struct error *error)
{
	int fd, err;

	replace->name = name;
	replace->is_new = false;
	err = find_target(replace, instead, error);
	if (err)
		return err;
	snprintf(replace->temporary, sizeof(replace->temporary), "%s.XXXXXX", replace->target);
	fd = mkostemp(replace->temporary, O_CLOEXEC);
	replace->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (replace->file)
		return 0;
	err = replace_file_failed(replace, error);
	if (fd >= 0) {
		close(fd);
		unlink(replace->temporary);
	}
	return err;
}

int replace_file_end(struct replace_file *replace, int err, struct error *error)
{
	if (!err && (fflush(replace->file) || fsync(fileno(replace->file))))
		err = replace_file_failed(replace, error);
	if (fclose(replace->file) && !err)
		err = replace_file_failed(replace, error);
	if (!err && rename(replace->temporary, replace->target))
		err = replace_file_failed(replace, error);
	if (err)
		unlink(replace->temporary);
	return err;
}
