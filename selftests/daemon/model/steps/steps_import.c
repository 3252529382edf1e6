// SPDX-License-Identifier: GPL-2.0-only
/* Lists that somebody imports, and watched files of lists. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../lists.h"

void import_begin(const char *uri, char *id)
{
	struct answer answer;
	const char *name;

	client_ask("POST", uri, NULL, &answer);
	name = json_string_value(json_object_get(answer.object, "import"));
	if (answer.code != 200 || !name)
		world_fail("taken", "an import is not begun: %s", answer.error);
	snprintf(id, 64, "%s", name);
	client_forget(&answer);
}

/* Begin, send the text in two pieces, commit. */
static void open_import(char id[64])
{
	char uri[512];

	snprintf(uri, sizeof(uri), "/v1/imports?origin=%s&format=%s%s%s%s%s%s", list.origin,
		 format_names[list.format], list.replace ? "&replace=1" : "",
		 list.strict ? "&strict=1" : "", list.force ? "&force=1" : "",
		 list.dry_run ? "&dry_run=1" : "", list.span_s ? "&for_seconds=1200" : "");
	import_begin(uri, id);
}

void import_send(struct chance *chance, const char *id, const char *text, size_t bytes)
{
	size_t half = bytes ? chance_below(chance, bytes) : 0;
	struct answer answer;
	char uri[128], *piece = malloc(bytes + 1);

	snprintf(uri, sizeof(uri), "/v1/imports/text?import=%s", id);
	memcpy(piece, text, half);
	piece[half] = '\0';
	client_ask("POST", uri, piece, &answer);
	client_forget(&answer);
	memcpy(piece, text + half, bytes - half);
	piece[bytes - half] = '\0';
	client_ask("POST", uri, piece, &answer);
	client_forget(&answer);
	free(piece);
}

static bool run_import(struct chance *chance)
{
	struct answer *answer;
	char id[64], uri[128];

	/* the model does not know which entries are refused for lack of room */
	if (filler_is_any(&model->now))
		return true;
	list_draw(chance);
	list_write();
	step_says("%s", list_says());
	open_import(id);
	import_send(chance, id, list.text, list.bytes);
	model->expected = list_expect();
	snprintf(uri, sizeof(uri), "/v1/imports/commit?import=%s", id);
	answer = step_ask(chance, "POST", uri, NULL);
	if (answer->code == 200)
		step_covered(format_names[list.format])->done++;
	return true;
}

/* --- feeds --- */

#define FEED_WAIT_MS 14000

static void feed_path(char path[PATHS_MAX + 32], const char *name)
{
	snprintf(path, PATHS_MAX + 32, "%s/feeds/%s", world->directory, name);
}

static void write_file(const char *path, const char *text, size_t bytes)
{
	struct timespec now[2] = {{world->wall_ns / 1000000000, world->wall_ns % 1000000000}};
	char beside[PATHS_MAX + 48];
	int fd;

	now[1] = now[0];
	snprintf(beside, sizeof(beside), "%s.new", path);
	fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, bytes) != (ssize_t)bytes || futimens(fd, now))
		abort();
	close(fd);
	if (rename(beside, path))
		abort();
}

/* Entries without objections, or with all of them refused: refused entries of an accepted file are
 * retried later.
 */
static void draw_feed(struct chance *chance, bool is_stream)
{
	static const enum format formats[] = {PLAIN, DROP, DECISIONS, SLASH64};
	bool refused = chance_percent(chance, 15);
	unsigned int wanted = 1 + chance_below(chance, 6);

	memset(&list, 0, offsetof(struct list, text));
	list.format = is_stream ?
			      CROWDSEC :
			      formats[chance_below(chance, sizeof(formats) / sizeof(formats[0]))];
	list.origin = is_stream ? "feed-stream" : "feed-file";
	list.replace = list.is_feed = true;
	list.number = ++model->feed_number;
	for (unsigned int tries = 0; tries < 60 && list.count < wanted; tries++) {
		struct entry *entry = &list.entry[list.count];

		list_draw_entry(chance, entry);
		if (entry->is_allow || entry->is_iface || entry->throttle ||
		    (entry->removes && refused))
			continue;
		if (entry->removes || list_is_refused(entry) == refused)
			list.count++;
	}
	list.is_cut = list.format != PLAIN && list.format != SLASH64 && chance_percent(chance, 8);
}

/* slash64d loads it without being asked. */
static bool run_feed(struct chance *chance)
{
	bool is_stream = chance_percent(chance, 50), faulty;
	char path[PATHS_MAX + 32];
	const char *why;

	if (!model->now.config.feed || filler_is_any(&model->now))
		return true;
	draw_feed(chance, is_stream);
	if (!list.count)
		return true;
	/* it takes its time */
	quiet_within(FEED_WAIT_MS * 2);
	ref_copy(&model->next, &model->now);
	ref_begin(&model->next);
	model->step_ms = now_ms();
	list_write();
	feed_path(path, is_stream ? "stream" : "list");
	write_file(path, list.text, list.bytes);
	step_says("the file of a feed: %s", list_says());
	model->expected = list_expect();
	step_arm(chance);
	for (int64_t end = now_ms() + FEED_WAIT_MS; now_ms() < end;)
		pass(300);
	faulty = world->fault_hit;
	model->doubt = world->fault == FAULT_EIO && faulty;
	world_fault(FAULT_NONE, 0);
	if (model->doubt)
		ref_copy(&model->doubtful, &model->next);
	unlink(path);
	why = model->expected == TAKEN ? check_store(&model->next, false) : NULL;
	if (model->expected == TAKEN && !why) {
		step_commit();
		step_covered(is_stream ? "feed of differences" : "feed")->done++;
		return true;
	}
	if (why && !faulty)
		world_fail("store", "the feed is not taken up as it says: %s", why);
	model->refusals[faulty ? REFUSED_FAULT : model->expected]++;
	step_covered("feed")->refused++;
	step_unchanged();
	return true;
}

const struct step_kind import_steps[] = {
	{"import", 14, run_import, false},
	{"feed", 4, run_feed, false},
	{},
};
