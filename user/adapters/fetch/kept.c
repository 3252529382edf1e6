// SPDX-License-Identifier: GPL-2.0-only
#include "kept.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 8192
#define MODE	   0644 /* slash64d reads the lists */

static void make_path(char path[PATH_BYTES], const char *directory, const char *name)
{
	snprintf(path, PATH_BYTES, "%s/%s.state", directory, name);
}

static void take_text(char out[KEPT_TEXT_MAX], const char *text)
{
	snprintf(out, KEPT_TEXT_MAX, "%.*s", (int)strcspn(text, "\r\n"), text);
}

void kept_read(struct kept *kept, const char *directory, const char *name)
{
	char path[PATH_BYTES], line[KEPT_TEXT_MAX + 32];
	FILE *file;

	*kept = (struct kept){};
	make_path(path, directory, name);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "etag ", 5))
			take_text(kept->etag, line + 5);
		else if (!strncmp(line, "modified ", 9))
			take_text(kept->modified, line + 9);
		else if (sscanf(line, "next %" SCNd64, &kept->next_s) != 1 &&
			 sscanf(line, "success %" SCNd64, &kept->success_s) != 1 &&
			 sscanf(line, "failures %" SCNd64, &kept->failures) != 1)
			sscanf(line, "entries %" SCNd64, &kept->entries);
	}
	if (file)
		fclose(file);
}

static int write_all(int fd, const char *text, size_t bytes)
{
	while (bytes) {
		ssize_t n = write(fd, text, bytes);

		if (n < 0 && errno != EINTR)
			return -errno;
		text += n > 0 ? n : 0;
		bytes -= n > 0 ? n : 0;
	}
	return 0;
}

int kept_replace(const char *path, const char *text, size_t bytes, struct error *error)
{
	char part[PATH_BYTES];
	int fd, err;

	snprintf(part, sizeof(part), "%s.part", path);
	fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, MODE);
	if (fd < 0)
		return error_set(error, -errno, "cannot write %s: %s", part, strerror(errno));
	err = write_all(fd, text, bytes);
	if (!err && (fchmod(fd, MODE) || fsync(fd)))
		err = -errno;
	close(fd);
	if (!err && rename(part, path))
		err = -errno;
	if (!err)
		return 0;
	unlink(part);
	return error_set(error, err, "cannot write %s: %s", path, strerror(-err));
}

int kept_write(const struct kept *kept, const char *directory, const char *name,
	       struct error *error)
{
	char path[PATH_BYTES], text[2 * KEPT_TEXT_MAX + 256];
	int n = snprintf(text, sizeof(text),
			 "next %" PRId64 "\nsuccess %" PRId64 "\nfailures %" PRId64
			 "\nentries %" PRId64 "\netag %s\nmodified %s\n",
			 kept->next_s, kept->success_s, kept->failures, kept->entries, kept->etag,
			 kept->modified);

	make_path(path, directory, name);
	return kept_replace(path, text, n, error);
}

void kept_succeed(struct kept *kept, int64_t now_s, int64_t every_s)
{
	kept->next_s = now_s + every_s;
	kept->success_s = now_s;
	kept->failures = 0;
}

void kept_fail(struct kept *kept, int64_t now_s, int64_t every_s, int64_t retry_s)
{
	int64_t wait_s = every_s < KEPT_RETRY_S ? every_s : KEPT_RETRY_S;

	if (retry_s > wait_s)
		wait_s = retry_s < every_s ? retry_s : every_s;
	kept->next_s = now_s + wait_s;
	kept->failures++;
}
