// SPDX-License-Identifier: GPL-2.0-only
#include "hosts_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

#define BLANKS " \t\r\n"

static int add(struct hosts *hosts, const char *host, const char *where, struct error *error)
{
	struct error why;
	char *entry;

	if (remote_check(host, &why))
		return error_set(error, -EINVAL, "%s: %s", where, why.text);
	for (size_t i = 0; i < hosts->count; i++)
		if (!strcmp(hosts->host[i], host))
			return error_set(error, -EINVAL, "%s: duplicate host '%s'", where, host);
	if (hosts->count == HOSTS_MAX)
		return error_set(error, -E2BIG, "%s: more than %d hosts", where, HOSTS_MAX);
	entry = array_add(&hosts->host, &hosts->count, sizeof(hosts->host[0]));
	if (!entry)
		return error_set(error, -ENOMEM, "out of memory");
	strcpy(entry, host);
	return 0;
}

/* A line without its blanks and its comment. */
static char *trim(char *line)
{
	char *end;

	line[strcspn(line, "#")] = '\0';
	line += strspn(line, BLANKS);
	end = line + strlen(line);
	while (end > line && strchr(BLANKS, end[-1]))
		*--end = '\0';
	return line;
}

int hosts_read(struct hosts *hosts, const char *file, struct error *error)
{
	FILE *in = fopen(file, "re");
	unsigned int number = 0;
	char *line = NULL;
	size_t room = 0;
	int err = 0;

	*hosts = (struct hosts){};
	if (!in)
		return error_set(error, -errno, "cannot read %s: %s", file, strerror(errno));
	while (!err && getline(&line, &room, in) >= 0) {
		const char *host = trim(line);
		char where[ERROR_TEXT_MAX];

		number++;
		snprintf(where, sizeof(where), "%.300s line %u", file, number);
		if (*host)
			err = add(hosts, host, where, error);
	}
	if (!err && ferror(in))
		err = error_set(error, -EIO, "cannot read %s: %s", file, strerror(errno));
	if (!err && !hosts->count)
		err = error_set(error, -EINVAL, "%s names no host; list one a line", file);
	free(line);
	fclose(in);
	if (err)
		hosts_free(hosts);
	return err;
}

void hosts_free(struct hosts *hosts)
{
	free(hosts->host);
	*hosts = (struct hosts){};
}
