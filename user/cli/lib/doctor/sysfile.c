// SPDX-License-Identifier: GPL-2.0-only
#include "sysfile.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *sysfile_path(const char *root, char *buf, const char *format, ...)
{
	size_t n = snprintf(buf, PATH_MAX, "%s", root);
	va_list args;

	va_start(args, format);
	if (n < PATH_MAX)
		vsnprintf(buf + n, PATH_MAX - n, format, args);
	va_end(args);
	return buf;
}

int sysfile_line(const char *path, char *line, size_t bytes)
{
	FILE *file = fopen(path, "re");
	int err = file ? 0 : -errno;

	line[0] = '\0';
	if (file && !fgets(line, bytes, file))
		err = ferror(file) ? -EIO : 0;
	if (file)
		fclose(file);
	line[strcspn(line, "\n")] = '\0';
	return err;
}

int sysfile_number(const char *path, int64_t *number)
{
	char line[64], *end;
	int err = sysfile_line(path, line, sizeof(line));
	int64_t value;

	if (err)
		return err;
	value = strtoll(line, &end, 10);
	if (end == line || *end)
		return -EINVAL;
	*number = value;
	return 0;
}

bool sysfile_exists(const char *path)
{
	return !access(path, F_OK);
}

unsigned int sysfile_count(const char *directory, const char *prefix)
{
	DIR *open_directory = opendir(directory);
	struct dirent *entry;
	unsigned int count = 0;

	while (open_directory && (entry = readdir(open_directory)))
		count += entry->d_name[0] != '.' && !strncmp(entry->d_name, prefix, strlen(prefix));
	if (open_directory)
		closedir(open_directory);
	return count;
}
