// SPDX-License-Identifier: GPL-2.0-only
#include "tail.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/log.h"

#define PIECE_BYTES (64 << 10)
#define PATH_BYTES  4096

struct place {
	uint64_t inode;
	int64_t offset;	   /* behind the last whole line */
	uint64_t head;	   /* hash of the first bytes */
	size_t head_bytes; /* how many */
};

struct tail {
	char *file, *cursor;
	struct tail_callbacks callbacks;
	int fd; /* -1: none */
	struct place place, kept;
	bool has_place;
	int64_t at;    /* how far the open file was read */
	char *partial; /* a line without its end */
	size_t bytes, room;
	bool skips; /* the rest of a line that is too long */
	uint64_t skipped, lost;
};

/* --- the place --- */

static uint64_t hash_of(const char *p, size_t bytes)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < bytes; i++)
		hash = (hash ^ (unsigned char)p[i]) * 0x100000001b3ULL;
	return hash;
}

/* The hash of that many bytes at the start; false if there are fewer. */
static bool head_of(int fd, size_t bytes, uint64_t *hash)
{
	char head[TAIL_HEAD_MAX];

	if (pread(fd, head, bytes, 0) != (ssize_t)bytes)
		return false;
	*hash = hash_of(head, bytes);
	return true;
}

/* Is the open file the one of that place, and not shorter? */
static bool is_at(int fd, const struct place *place)
{
	struct stat status;
	uint64_t head;

	return !fstat(fd, &status) && status.st_ino == place->inode &&
	       status.st_size >= place->offset && head_of(fd, place->head_bytes, &head) &&
	       head == place->head;
}

static bool read_place(struct tail *tail)
{
	FILE *file = fopen(tail->cursor, "re");
	struct place *place = &tail->place;
	bool is_read;

	if (!file)
		return false;
	is_read = fscanf(file, "inode %" SCNu64 " offset %" SCNd64 " head %zu %" SCNx64,
			 &place->inode, &place->offset, &place->head_bytes, &place->head) == 4 &&
		  place->offset >= 0 && place->head_bytes <= TAIL_HEAD_MAX;
	fclose(file);
	return is_read;
}

int tail_keep(struct tail *tail, struct error *error)
{
	char path[PATH_BYTES];
	FILE *file;
	bool failed;

	if (!tail->has_place || !memcmp(&tail->place, &tail->kept, sizeof(tail->place)))
		return 0;
	snprintf(path, sizeof(path), "%s.new", tail->cursor);
	file = fopen(path, "we");
	if (!file)
		return error_set(error, -errno, "cannot write %s: %s", path, strerror(errno));
	failed = fprintf(file, "inode %" PRIu64 " offset %" PRId64 " head %zu %" PRIx64 "\n",
			 tail->place.inode, tail->place.offset, tail->place.head_bytes,
			 tail->place.head) < 0;
	failed |= fclose(file) != 0;
	if (failed || rename(path, tail->cursor))
		return error_set(error, -errno, "cannot write %s: %s", tail->cursor,
				 strerror(errno));
	tail->kept = tail->place;
	return 0;
}

/* --- files --- */

int tail_open(struct tail **out, const char *file, const char *cursor,
	      const struct tail_callbacks *callbacks, struct error *error)
{
	struct tail *tail = calloc(1, sizeof(*tail));

	if (!tail)
		return error_set(error, -ENOMEM, "out of memory");
	tail->callbacks = *callbacks;
	tail->fd = -1;
	tail->file = strdup(file);
	tail->cursor = strdup(cursor);
	if (!tail->file || !tail->cursor) {
		tail_close(tail);
		return error_set(error, -ENOMEM, "out of memory");
	}
	tail->has_place = read_place(tail);
	tail->kept = tail->place;
	*out = tail;
	return 0;
}

void tail_close(struct tail *tail)
{
	if (!tail)
		return;
	if (tail->fd >= 0)
		close(tail->fd);
	free(tail->file);
	free(tail->cursor);
	free(tail->partial);
	free(tail);
}

static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;

	if (fd >= 0 && (fstat(fd, &status) || !S_ISREG(status.st_mode))) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

/* The file of the place, under the name that it was given since: in the same directory, and beginning
 * with the same name. *is_exact: it goes on at the place; or it was truncated meanwhile.
 */
static int find_renamed(const struct tail *tail, bool *is_exact)
{
	const char *slash = strrchr(tail->file, '/'), *name = slash ? slash + 1 : tail->file;
	char directory[PATH_BYTES], path[2 * PATH_BYTES];
	struct dirent *entry;
	int fd = -1;
	DIR *dir;

	snprintf(directory, sizeof(directory), "%.*s", slash ? (int)(name - tail->file) : 2,
		 slash ? tail->file : "./");
	dir = opendir(directory);
	while (dir && fd < 0 && (entry = readdir(dir))) {
		if (entry->d_ino != tail->place.inode || !strcmp(entry->d_name, name) ||
		    strncmp(entry->d_name, name, strlen(name)))
			continue;
		snprintf(path, sizeof(path), "%s%s", directory, entry->d_name);
		fd = open_file(path);
	}
	if (dir)
		closedir(dir);
	*is_exact = fd >= 0 && is_at(fd, &tail->place);
	return fd;
}

static void take_head(struct tail *tail)
{
	struct place *place = &tail->place;

	place->head_bytes = place->offset < TAIL_HEAD_MAX ? place->offset : TAIL_HEAD_MAX;
	if (!head_of(tail->fd, place->head_bytes, &place->head))
		place->head_bytes = 0;
}

static void begin_at(struct tail *tail, int fd, int64_t offset)
{
	struct stat status;

	tail->fd = fd;
	tail->at = offset;
	tail->bytes = 0;
	tail->skips = false;
	tail->place = (struct place){.offset = offset};
	if (!fstat(fd, &status))
		tail->place.inode = status.st_ino;
	take_head(tail);
	tail->has_place = true;
	tail->callbacks.begins(tail->callbacks.data);
}

/* The header of a file with columns is needed, wherever we go on. */
static void pass_header(struct tail *tail)
{
	char line[TAIL_LINE_MAX / 16];
	int copy = dup(tail->fd);
	FILE *file = copy < 0 ? NULL : fdopen(copy, "r");

	if (!file) {
		if (copy >= 0)
			close(copy);
		return;
	}
	rewind(file);
	while (fgets(line, sizeof(line), file) && line[0] == '#')
		tail->callbacks.line(line, strcspn(line, "\n"), tail->callbacks.data);
	fclose(file);
}

static void go_on_at(struct tail *tail, int fd)
{
	const struct place place = tail->place;

	begin_at(tail, fd, place.offset);
	tail->place = place;
	pass_header(tail);
}

static void begin_at_start(struct tail *tail, int fd)
{
	tail->lost++;
	log_warning("%s was truncated or replaced: what was in it since may be lost", tail->file);
	begin_at(tail, fd, 0);
}

/* The file that was followed before, which is another one by now; -1 if it is gone. */
static int open_renamed(struct tail *tail)
{
	bool is_exact;
	int fd = find_renamed(tail, &is_exact);

	if (fd < 0)
		return -1;
	if (is_exact)
		go_on_at(tail, fd);
	else
		begin_at_start(tail, fd);
	return 0;
}

/* The first file of this run. */
static int open_first(struct tail *tail)
{
	int fd = open_file(tail->file);
	struct stat status;

	if (tail->has_place && (fd < 0 || !is_at(fd, &tail->place)) && !open_renamed(tail)) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	if (fd < 0)
		return -1;
	if (!tail->has_place) {
		begin_at(tail, fd, fstat(fd, &status) ? 0 : status.st_size);
		pass_header(tail);
	} else if (is_at(fd, &tail->place)) {
		go_on_at(tail, fd);
	} else {
		begin_at_start(tail, fd);
	}
	return 0;
}

/* --- lines --- */

static int take_bytes(struct tail *tail, const char *p, size_t bytes)
{
	while (bytes) {
		const char *end = memchr(p, '\n', bytes);
		size_t n = end ? (size_t)(end - p) : bytes;

		if (!tail->skips && tail->bytes + n > TAIL_LINE_MAX) {
			tail->skips = true;
			tail->skipped++;
			tail->bytes = 0;
		}
		if (!tail->skips) {
			if (array_reserve(&tail->partial, &tail->room, tail->bytes + n + 1, 1))
				return -ENOMEM;
			memcpy(tail->partial + tail->bytes, p, n);
			tail->bytes += n;
		}
		if (end && !tail->skips)
			tail->callbacks.line(tail->partial, tail->bytes, tail->callbacks.data);
		if (end) {
			tail->bytes = 0;
			tail->skips = false;
		}
		n += end != NULL;
		p += n;
		bytes -= n;
	}
	return 0;
}

/* The place is behind the last whole line; of a line that is skipped, wherever we are. */
static void move_place(struct tail *tail)
{
	tail->place.offset = tail->skips ? tail->at : tail->at - (int64_t)tail->bytes;
	if (tail->place.head_bytes < TAIL_HEAD_MAX)
		take_head(tail);
}

/* Returns the number of bytes that were read, or -errno. */
static ssize_t read_piece(struct tail *tail)
{
	char buf[PIECE_BYTES];
	ssize_t n = pread(tail->fd, buf, sizeof(buf), tail->at);
	int err;

	if (n <= 0)
		return n < 0 ? -errno : 0;
	err = take_bytes(tail, buf, n);
	if (err)
		return err;
	tail->at += n;
	move_place(tail);
	return n;
}

/* At the end of a file: was it replaced? Then its last line may lack an end for ever. */
static bool was_replaced(struct tail *tail, int *next)
{
	struct stat status;

	*next = open_file(tail->file);
	if (*next < 0)
		return false; /* it is about to come */
	if (!fstat(*next, &status) && status.st_ino == tail->place.inode) {
		close(*next);
		return false;
	}
	return true;
}

static bool was_truncated(const struct tail *tail)
{
	struct stat status;
	uint64_t head;

	return !fstat(tail->fd, &status) &&
	       (status.st_size < tail->at || !head_of(tail->fd, tail->place.head_bytes, &head) ||
		head != tail->place.head);
}

int tail_read(struct tail *tail, size_t bytes_max, struct error *error)
{
	size_t bytes = 0;
	ssize_t n = 1;
	int next;

	if (tail->fd < 0 && open_first(tail))
		return errno == ENOENT ? 0 :
					 error_set(error, -errno, "cannot read %s: %s", tail->file,
						   strerror(errno));
	if (was_truncated(tail))
		begin_at(tail, tail->fd, 0);
	for (; n > 0 && bytes<bytes_max; bytes += n> 0 ? n : 0)
		n = read_piece(tail);
	if (n < 0)
		return error_set(error, n, "cannot read %s: %s", tail->file, strerror(-n));
	if (n > 0)
		return 1;
	if (!was_replaced(tail, &next))
		return 0;
	/* the writer may have gone on until now */
	n = read_piece(tail);
	if (n) {
		close(next);
		return n < 0 ? error_set(error, n, "cannot read %s: %s", tail->file, strerror(-n)) :
			       1;
	}
	close(tail->fd);
	begin_at(tail, next, 0);
	return 1;
}

uint64_t tail_skipped(const struct tail *tail)
{
	return tail->skipped;
}

uint64_t tail_lost(const struct tail *tail)
{
	return tail->lost;
}
