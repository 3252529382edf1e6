// SPDX-License-Identifier: GPL-2.0-only
#include "feed_watcher.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "feed_file.h"
#include "daemon/loop/turn.h"
#include "daemon/loop/turns.h"
#include "base/log.h"
#include "base/time.h"

/* Events at the same time are handled together. */
#define LOOK_MS 100
/* For directories that come and go themselves, or are on a network, there are no events. */
#define POLL_S 10
/* Entries refused for lack of room or by a guard rail may be possible now. */
#define RETRY_MS    300000
#define PIECE_BYTES (16 << 10) /* some 0.5 ms, or several of them in a turn */

struct watched {
	struct config_feed config;
	struct feed_state state;
	struct feeds *feeds;
	struct feed_file file;
	int64_t read_ms; /* CLOCK_MONOTONIC, when it was last read */
	uint64_t shrunk; /* the content that was refused for its size; 0: none */
	bool has_shrunk;
	struct event *debounce;
	struct turns_share step;
	struct import *import;
	int fd;
};

struct feeds {
	struct turns *turns;
	struct imports *imports;
	struct event *changed, *poll;
	int inotify;
	struct watched *entry[CONFIG_FEEDS_MAX];
	size_t count;
};

static void stop_reading(struct watched *watched)
{
	struct import *import = watched->import;

	if (watched->fd >= 0)
		close(watched->fd);
	watched->fd = -1;
	watched->import = NULL;
	turns_forget(&watched->step);
	import_close(import); /* others are served meanwhile */
}

/* The journal is read by people: it says what to type. */
static void log_what_to_type(const char *origin, enum error_code code)
{
	if (code == ERROR_LIST_SHRUNK)
		log_info("'slash64 import FILE --origin %s --replace' applies it", origin);
	else if (code == ERROR_LIST_INCOMPLETE || code == ERROR_LIST_EMPTY)
		log_info("'slash64 import FILE --origin %s --replace --force' applies it", origin);
}

static void fail(struct watched *watched, const struct error *why)
{
	log_error("feed %s (%s) failed: %s; its entries stay in force", watched->config.origin,
		  watched->config.file, why->text);
	log_what_to_type(watched->config.origin, why->code);
	watched->state.failed = true;
	watched->state.failed_ms = clock_wall_ms();
	watched->state.waiting = false;
	snprintf(watched->state.failure, sizeof(watched->state.failure), "%s", why->text);
	watched->state.code = why->code;
	stop_reading(watched);
}

static void report_problems(const struct watched *watched)
{
	const struct feed_state *state = &watched->state;

	if (state->problems)
		log_warning("feed %s (%s): %" PRIu64 " line%s not imported", watched->config.origin,
			    watched->config.file, state->problems,
			    state->problems == 1 ? " was" : "s were");
	for (size_t i = 0; i < state->problems_told; i++)
		log_warning("%s:%u: %s", watched->config.file, state->problem[i].line,
			    state->problem[i].text);
}

static void note_problems(struct feed_state *state, const struct import *import, uint64_t problems)
{
	const struct import_problem *problem = NULL;
	size_t n = import_problems(import, 0, &problem);

	state->problems = problems;
	state->problems_told = n < FEED_PROBLEMS_TOLD ? n : FEED_PROBLEMS_TOLD;
	if (n)
		memcpy(state->problem, problem, state->problems_told * sizeof(*problem));
}

static void note_result(struct watched *watched, const struct import_result *result)
{
	note_problems(&watched->state, watched->import, result->problems);
	watched->state.refused = result->refused;
	watched->has_shrunk = result->shrunk;
	watched->shrunk = import_digest(watched->import);
}

static void commit(struct watched *watched)
{
	const struct actor actor = actor_from(&actor_itself, "feed ", watched->config.file);
	struct import_result result;
	struct error error;
	int err;

	/* the same content, written a second time, is accepted */
	if (watched->has_shrunk && watched->shrunk == import_digest(watched->import))
		import_believe(watched->import);
	err = import_commit(watched->import, &actor, NULL, &result, &error);
	note_result(watched, &result);
	report_problems(watched);
	if (err) {
		fail(watched, &error);
		return;
	}
	log_info("feed %s: %" PRIu64 " entries, %" PRIu64 " added, %" PRIu64 " "
		 "changed, %" PRIu64 " removed, %" PRIu64 " refused",
		 watched->config.origin, result.entries, result.added, result.changed,
		 result.removed, result.refused);
	/* a refused one leaves the previous content in force */
	watched->state.entries = result.entries;
	watched->state.failed = watched->state.waiting = false;
	watched->state.failure[0] = '\0';
	watched->state.applied = time(NULL);
	watched->state.written = watched->file.seen.st_mtim.tv_sec;
	stop_reading(watched);
}

static void look_in(struct watched *watched, int64_t ms)
{
	struct timeval span = {ms / 1000, ms % 1000 * 1000};

	event_add(watched->debounce, &span);
}

/* If it was written on while it was read, it is read again later. */
static bool has_changed(const struct watched *watched)
{
	struct stat now;

	return !watched->file.grows &&
	       (fstat(watched->fd, &now) || !feed_file_is_same(&now, &watched->file.seen));
}

static void read_again(struct watched *watched)
{
	stop_reading(watched);
	memset(&watched->file.seen, 0, sizeof(watched->file.seen));
	look_in(watched, LOOK_MS);
}

/* The last piece of a change that may have waited. */
static void end_reading(void *data)
{
	struct watched *watched = data;

	if (has_changed(watched))
		read_again(watched);
	else
		commit(watched);
}

/* Reads and parses the next piece: 1 if there may be more, 0 at the end of the file. */
static int read_piece(struct watched *watched, struct error *error)
{
	char piece[PIECE_BYTES];
	ssize_t n = read(watched->fd, piece, sizeof(piece));
	int err;

	if (n < 0)
		return error_set(error, -errno, "%s", strerror(errno));
	err = n ? import_text(watched->import, piece, n, error) : 0;
	return err ? err : n > 0;
}

/* As many pieces as fit in a turn, with others served in between. */
static void on_step(void *data)
{
	struct turn turn = turn_begin();
	struct watched *watched = data;
	struct error error;
	int more;

	do
		more = read_piece(watched, &error);
	while (more > 0 && !turn_is_over(&turn));
	if (more < 0)
		fail(watched, &error);
	else if (more)
		turns_ask(watched->feeds->turns, &watched->step);
	else
		changes_run(imports_changes(watched->feeds->imports), end_reading, watched);
}

/* The system's message for an unreadable file is no help if the sandbox is the reason. */
static void explain(const char *path, int err, struct error *error)
{
	char target[PATH_MAX];

	if (err != EACCES || geteuid())
		error_set(error, -err, "%s", strerror(err));
	else if (realpath(path, target) && strcmp(target, path))
		error_set(
			error, -err,
			"it leads to %.256s, in a directory that slash64d may not read: it reads those that feeds were in when it started; restart slash64d, and filtering goes on meanwhile",
			target);
	else
		error_set(
			error, -err,
			"slash64d may not read its directory, which is a new one: it reads those that feeds were in when it started; restart slash64d, and filtering goes on meanwhile; see feeds in slash64.yaml(5)");
}

int feeds_check(const struct config_feed *config, struct error *error)
{
	int fd = open(config->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err = errno;

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	explain(config->file, err, error);
	return -err;
}

static void start_reading(struct watched *watched)
{
	struct import_options options = {
		.for_ms = watched->config.for_ms,
		.replace = true,
		.feed = true,
		.shrink = watched->config.shrink,
	};
	struct error error;
	int err;

	stop_reading(watched);
	watched->fd = open(watched->config.file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	watched->read_ms = clock_monotonic_ms();
	if (watched->fd < 0) {
		/* unreadable, and unchanged: reported once */
		watched->file.seen = watched->file.candidate;
		explain(watched->config.file, errno, &error);
		fail(watched, &error);
		return;
	}
	if (fstat(watched->fd, &watched->file.seen) || !S_ISREG(watched->file.seen.st_mode)) {
		error_set(&error, -EINVAL, "not a regular file");
		fail(watched, &error);
		return;
	}
	strcpy(options.origin, watched->config.origin);
	strcpy(options.reason, watched->config.reason);
	for (int i = 0; feed_format_names[i]; i++)
		if (!strcmp(feed_format_names[i], watched->config.format))
			options.format = i;
	err = import_open(watched->feeds->imports, &options, &watched->import, &error);
	if (err == -EBUSY) { /* others first */
		read_again(watched);
	} else if (err) {
		fail(watched, &error);
	} else {
		turns_ask(watched->feeds->turns, &watched->step);
	}
}

static void cannot_look(struct watched *watched, int err)
{
	struct error error;

	explain(watched->config.file, err, &error);
	if (!watched->state.failed || strcmp(watched->state.failure, error.text))
		fail(watched, &error);
	memset(&watched->file.seen, 0, sizeof(watched->file.seen));
}

static void on_debounce(evutil_socket_t fd, short what, void *data)
{
	struct watched *watched = data;
	int64_t wait_ms = 0;
	int found;

	(void)fd;
	(void)what;
	if (watched->fd >= 0)
		return; /* being read; examined again at the end */
	found = feed_file_look(&watched->file, &wait_ms);
	watched->state.waiting = found == FEED_FILE_WAIT;
	if (found < 0)
		cannot_look(watched, -found);
	else if (found == FEED_FILE_READY)
		start_reading(watched);
	else if (found == FEED_FILE_WAIT)
		look_in(watched, wait_ms);
}

/* Watches the files in a directory, and the directory around it, in case it is created anew. If
 * that one contains another watched directory too, both are needed.
 */
static void watch_directory(const struct feeds *feeds, const char *file)
{
	char copy[PATH_MAX];
	char *directory;

	snprintf(copy, sizeof(copy), "%s", file);
	directory = dirname(copy);
	/* on failure, polling remains */
	inotify_add_watch(feeds->inotify, directory, IN_CLOSE_WRITE | IN_MOVED_TO | IN_MASK_ADD);
	inotify_add_watch(feeds->inotify, dirname(directory),
			  IN_CREATE | IN_MOVED_TO | IN_MASK_ADD);
}

/* The file's directory, and the one its link leads to; either may be a different one by now. */
static void watch(const struct feeds *feeds, const char *file)
{
	char target[PATH_MAX];

	watch_directory(feeds, file);
	if (realpath(file, target) && strcmp(target, file))
		watch_directory(feeds, target);
}

static void on_poll(evutil_socket_t fd, short what, void *data)
{
	struct feeds *feeds = data;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < feeds->count; i++) {
		struct watched *watched = feeds->entry[i];

		watch(feeds, watched->config.file);
		/* a list that shrank too much is accepted when it is written again, not when it is
		 * read again
		 */
		if (watched->state.refused && !watched->has_shrunk &&
		    clock_monotonic_ms() - watched->read_ms >= RETRY_MS)
			memset(&watched->file.seen, 0, sizeof(watched->file.seen));
		on_debounce(-1, 0, watched);
	}
}

/* Something happened in one of the directories: each file is examined for changes. */
static void on_changed(evutil_socket_t fd, short what, void *data)
{
	char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	struct feeds *feeds = data;
	bool made = false;
	ssize_t n;

	(void)what;
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *event = (const void *)(buffer + at);

			for (size_t i = 0;
			     i < feeds->count && event->mask & IN_MOVED_TO && event->len; i++)
				feed_file_renamed(&feeds->entry[i]->file, event->name);
			made |= event->mask & IN_ISDIR && event->mask & (IN_CREATE | IN_MOVED_TO);
			at += sizeof(*event) + event->len;
		}
	for (size_t i = 0; i < feeds->count; i++) {
		if (made)
			watch(feeds, feeds->entry[i]->config.file);
		look_in(feeds->entry[i], LOOK_MS);
	}
}

static void watched_free(struct watched *watched)
{
	changes_forget(imports_changes(watched->feeds->imports), watched);
	stop_reading(watched);
	if (watched->debounce)
		event_free(watched->debounce);
	free(watched);
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
	watched->step = (struct turns_share){.run = on_step, .data = watched};
	watched->debounce = event_new(turns_base(feeds->turns), -1, 0, on_debounce, watched);
	if (!watched->debounce) {
		watched_free(watched);
		return NULL;
	}
	watched->file.path = watched->config.file;
	watched->file.debounce_ms = config->debounce_ms;
	watched->file.grows = !strcmp(config->format, feed_format_names[FEED_EVE]);
	watch(feeds, config->file);
	look_in(watched, LOOK_MS);
	return watched;
}

static bool same_config(const struct config_feed *a, const struct config_feed *b)
{
	return !strcmp(a->file, b->file) && !strcmp(a->origin, b->origin) &&
	       !strcmp(a->format, b->format) && !strcmp(a->reason, b->reason) &&
	       a->for_ms == b->for_ms && a->debounce_ms == b->debounce_ms && a->shrink == b->shrink;
}

static struct watched *take_old(struct watched **old, size_t count,
				const struct config_feed *config)
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
			log_error("feed %s is not watched: out of memory", config->feed[i].origin);
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

int feeds_start(struct feeds **out, struct turns *turns, struct imports *imports,
		const struct config *config, struct error *error)
{
	static const struct timeval span = {POLL_S, 0};
	struct feeds *feeds = calloc(1, sizeof(*feeds));

	if (!feeds)
		return error_set(error, -ENOMEM, "out of memory");
	feeds->turns = turns;
	feeds->imports = imports;
	feeds->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	feeds->changed = event_new(turns_base(turns), feeds->inotify, EV_READ | EV_PERSIST,
				   on_changed, feeds);
	feeds->poll = event_new(turns_base(turns), -1, EV_PERSIST, on_poll, feeds);
	if (feeds->inotify < 0 || !feeds->changed || !feeds->poll ||
	    event_add(feeds->changed, NULL) || event_add(feeds->poll, &span)) {
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
