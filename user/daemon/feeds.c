// SPDX-License-Identifier: GPL-2.0-only
#include "feeds.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

/* Whoever writes a file may do so in steps. */
#define SETTLE_MS   200
/* Where the directory itself comes and goes, or is on a network, nobody tells. */
#define POLL_S	    10
#define PIECE_BYTES (256 << 10)

struct watched {
	struct config_feed config;
	struct feed_state state;
	struct feeds *feeds;
	struct stat seen; /* the file as it was last read */
	struct event *settle, *step;
	struct import *import;
	int fd;
};

struct feeds {
	struct event_base *base;
	struct imports *imports;
	struct event *changed, *poll;
	int inotify;
	struct watched *entry[CONFIG_FEEDS_MAX];
	size_t count;
};

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void stop_reading(struct watched *watched)
{
	if (watched->fd >= 0)
		close(watched->fd);
	watched->fd = -1;
	import_close(watched->import);
	watched->import = NULL;
}

static void fail(struct watched *watched, const char *why)
{
	log_error("the feed %s (%s) is not taken up: %s; what it had stays in force",
		  watched->config.origin, watched->config.file, why);
	watched->state.failed = true;
	stop_reading(watched);
}

static void report_problems(const struct watched *watched)
{
	const struct import_problem *problem = NULL;
	size_t n = import_problems(watched->import, 0, &problem);

	for (size_t i = 0; i < n && i < 3; i++)
		log_warning("%s:%u: %s", watched->config.file, problem[i].line, problem[i].text);
	if (n > 3)
		log_warning("%s: and %zu problems more", watched->config.file, n - 3);
}

static void commit(struct watched *watched)
{
	struct import_result result;
	struct error error;
	int err;

	imports_set_actor(watched->feeds->imports, "feed ", watched->config.file);
	err = import_commit(watched->import, &result, &error);
	imports_set_actor(watched->feeds->imports, NULL, NULL);

	watched->state.entries = result.entries;
	watched->state.problems = result.problems;
	report_problems(watched);
	if (err) {
		fail(watched, error.text);
		return;
	}
	log_info("the feed %s: %" PRIu64 " entries, %" PRIu64 " added, %" PRIu64 " changed, %" PRIu64
		 " removed",
		 watched->config.origin, result.entries, result.added, result.changed, result.removed);
	watched->state.failed = false;
	watched->state.applied = time(NULL);
	stop_reading(watched);
}

/* A piece at a time, as others are served in between. */
static void on_step(evutil_socket_t fd, short what, void *data)
{
	static const struct timeval now = {0, 0};
	struct watched *watched = data;
	char *piece = malloc(PIECE_BYTES);
	struct error error;
	ssize_t n;

	(void)fd;
	(void)what;
	if (!piece) {
		fail(watched, "out of memory");
		return;
	}
	n = read(watched->fd, piece, PIECE_BYTES);
	if (n < 0)
		fail(watched, strerror(errno));
	else if (n == 0)
		commit(watched);
	else if (import_text(watched->import, piece, n, &error))
		fail(watched, error.text);
	else
		event_add(watched->step, &now);
	free(piece);
}

static void look_at(struct watched *watched)
{
	static const struct timeval span = {0, SETTLE_MS * 1000};

	event_add(watched->settle, &span);
}

static void start_reading(struct watched *watched)
{
	static const struct timeval now = {0, 0};
	struct import_options options = {.for_ms = watched->config.for_ms, .replace = true};
	struct error error;
	int err;

	stop_reading(watched);
	watched->fd = open(watched->config.file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (watched->fd < 0) {
		fail(watched, strerror(errno));
		return;
	}
	if (fstat(watched->fd, &watched->seen) || !S_ISREG(watched->seen.st_mode)) {
		fail(watched, "it is no regular file");
		return;
	}
	strcpy(options.origin, watched->config.origin);
	strcpy(options.reason, watched->config.reason);
	for (int i = 0; feed_format_names[i]; i++)
		if (!strcmp(feed_format_names[i], watched->config.format))
			options.format = i;
	err = import_open(watched->feeds->imports, &options, &watched->import, &error);
	if (err == -EBUSY) { /* others first */
		stop_reading(watched);
		memset(&watched->seen, 0, sizeof(watched->seen));
		look_at(watched);
	} else if (err) {
		fail(watched, error.text);
	} else {
		event_add(watched->step, &now);
	}
}

static void on_settle(evutil_socket_t fd, short what, void *data)
{
	struct watched *watched = data;
	struct stat now;

	(void)fd;
	(void)what;
	if (stat(watched->config.file, &now)) {
		if (watched->seen.st_ino || !watched->state.failed)
			fail(watched, strerror(errno));
		memset(&watched->seen, 0, sizeof(watched->seen));
		return;
	}
	if (!same_file(&now, &watched->seen))
		start_reading(watched);
}

static void on_poll(evutil_socket_t fd, short what, void *data)
{
	struct feeds *feeds = data;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < feeds->count; i++)
		on_settle(-1, 0, feeds->entry[i]);
}

/* Something happened in one of the directories: each file tells by itself whether it is another. */
static void on_changed(evutil_socket_t fd, short what, void *data)
{
	struct feeds *feeds = data;
	char buffer[4096];

	(void)what;
	while (read(fd, buffer, sizeof(buffer)) > 0)
		;
	for (size_t i = 0; i < feeds->count; i++)
		look_at(feeds->entry[i]);
}

static void watched_free(struct watched *watched)
{
	stop_reading(watched);
	if (watched->settle)
		event_free(watched->settle);
	if (watched->step)
		event_free(watched->step);
	free(watched);
}

static void watch_directory(const struct feeds *feeds, const char *file)
{
	char copy[sizeof(((struct config_feed *)NULL)->file)];

	strcpy(copy, file);
	/* where that fails, the poll is left */
	inotify_add_watch(feeds->inotify, dirname(copy), IN_CLOSE_WRITE | IN_MOVED_TO);
}

static struct watched *watched_new(struct feeds *feeds, const struct config_feed *config)
{
	struct watched *watched = calloc(1, sizeof(*watched));

	if (!watched)
		return NULL;
	watched->config = *config;
	watched->state.config = &watched->config;
	watched->feeds = feeds;
	watched->fd = -1;
	watched->settle = event_new(feeds->base, -1, 0, on_settle, watched);
	watched->step = event_new(feeds->base, -1, 0, on_step, watched);
	if (!watched->settle || !watched->step) {
		watched_free(watched);
		return NULL;
	}
	watch_directory(feeds, config->file);
	look_at(watched);
	return watched;
}

static bool same_config(const struct config_feed *a, const struct config_feed *b)
{
	return !strcmp(a->file, b->file) && !strcmp(a->origin, b->origin) &&
	       !strcmp(a->format, b->format) && !strcmp(a->reason, b->reason) && a->for_ms == b->for_ms;
}

static struct watched *take_old(struct watched **old, size_t count, const struct config_feed *config)
{
	for (size_t i = 0; i < count; i++)
		if (old[i] && same_config(&old[i]->config, config)) {
			struct watched *watched = old[i];

			old[i] = NULL;
			return watched;
		}
	return NULL;
}

void feeds_configure(struct feeds *feeds, const struct config *config)
{
	struct watched *old[CONFIG_FEEDS_MAX];
	size_t count = feeds->count;

	memcpy(old, feeds->entry, sizeof(old));
	feeds->count = 0;
	for (size_t i = 0; i < config->feed_count; i++) {
		struct watched *watched = take_old(old, count, &config->feed[i]);

		if (!watched)
			watched = watched_new(feeds, &config->feed[i]);
		if (watched)
			feeds->entry[feeds->count++] = watched;
		else
			log_error("the feed %s is not watched: out of memory", config->feed[i].origin);
	}
	for (size_t i = 0; i < count; i++)
		if (old[i])
			watched_free(old[i]);
}

size_t feeds_count(const struct feeds *feeds)
{
	return feeds->count;
}

const struct feed_state *feeds_state(const struct feeds *feeds, size_t i)
{
	return &feeds->entry[i]->state;
}

int feeds_start(struct feeds **out, struct event_base *base, struct imports *imports,
		const struct config *config, struct error *error)
{
	static const struct timeval span = {POLL_S, 0};
	struct feeds *feeds = calloc(1, sizeof(*feeds));

	if (!feeds)
		return error_set(error, -ENOMEM, "out of memory");
	feeds->base = base;
	feeds->imports = imports;
	feeds->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	feeds->changed = event_new(base, feeds->inotify, EV_READ | EV_PERSIST, on_changed, feeds);
	feeds->poll = event_new(base, -1, EV_PERSIST, on_poll, feeds);
	if (feeds->inotify < 0 || !feeds->changed || !feeds->poll || event_add(feeds->changed, NULL) ||
	    event_add(feeds->poll, &span)) {
		feeds_stop(feeds);
		return error_set(error, -ENOMEM, "cannot watch feeds: %s", strerror(errno));
	}
	feeds_configure(feeds, config);
	*out = feeds;
	return 0;
}

void feeds_stop(struct feeds *feeds)
{
	if (!feeds)
		return;
	for (size_t i = 0; i < feeds->count; i++)
		watched_free(feeds->entry[i]);
	if (feeds->changed)
		event_free(feeds->changed);
	if (feeds->poll)
		event_free(feeds->poll);
	if (feeds->inotify >= 0)
		close(feeds->inotify);
	free(feeds);
}
