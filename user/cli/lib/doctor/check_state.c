// SPDX-License-Identifier: GPL-2.0-only
#include "check_state.h"

#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "cli/lib/output/print.h"
#include "base/text/language.h"

#define STORE_NAME    "slash64.db"
#define FREE_LITTLE   (64ull << 20) /* a million blocks, and their log, take some 200 MiB */
#define FREE_NONE     (2ull << 20)  /* no change would fit: the store has a write-ahead log */
#define MADE_S	      1767225600LL  /* 2026-01-01: no right clock is before this version */
#define CLOCK_SLACK_S 5

bool check_store(const struct doctor *doctor, const struct doctor_iface *iface,
		 struct finding *finding)
{
	const json_t *store = json_object_get(doctor->status, "store");
	char path[PATH_MAX], size[PRINT_MAX];
	struct stat file;

	if (store && !member_is_null(store, "error"))
		return finding_set(finding, FINDING_PROBLEM, _("%.400s\nslash64 status"),
				   member_text(store, "error"));
	if (store && json_is_true(json_object_get(store, "read_only")))
		return finding_set(finding, FINDING_PROBLEM,
				   _("it is read-only: nothing can be changed\nslash64 status"));
	if (store && json_is_true(json_object_get(store, "held")))
		return finding_set(finding, FINDING_PROBLEM,
				   _("another process holds it\nfuser -v %s"),
				   member_text(store, "path"));
	if (store)
		return finding_set(finding, FINDING_OK, _("%s, %s"), member_text(store, "path"),
				   print_bytes(member_number(store, "bytes"), size));
	snprintf(path, sizeof(path), "%s/" STORE_NAME, doctor->config.state);
	if (!stat(path, &file))
		return finding_set(finding, FINDING_OK, _("%s, %s"), path,
				   print_bytes(file.st_size, size));
	if (errno == ENOENT)
		return finding_set(finding, FINDING_OK, _("none yet; slash64d makes %s"), path);
	return finding_set(finding, FINDING_WARNING, _("%s cannot be seen by this user: %s"), path,
			   strerror(errno));
}

/* The directory, or the nearest one above it that there is. */
static int free_of(const char *directory, struct statvfs *fs, char above[PATH_MAX])
{
	snprintf(above, PATH_MAX, "%s", directory);
	while (statvfs(above, fs)) {
		const char *folder;

		if (errno != ENOENT || !strcmp(above, "/"))
			return -errno;
		folder = dirname(above); /* shortens it too */
		memmove(above, folder, strlen(folder) + 1);
	}
	return 0;
}

bool check_disk(const struct doctor *doctor, const struct doctor_iface *iface,
		struct finding *finding)
{
	char above[PATH_MAX], text[PRINT_MAX];
	struct statvfs fs;
	uint64_t bytes;
	int err = free_of(doctor->config.state, &fs, above);

	if (err)
		return finding_set(finding, FINDING_WARNING, _("%s: %s"), doctor->config.state,
				   strerror(-err));
	if (fs.f_flag & ST_RDONLY)
		return finding_set(finding, FINDING_PROBLEM,
				   _("%s is read-only: no store can be kept there\n"
				     "mount -o remount,rw, or another 'state'"),
				   above);
	bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	print_bytes(bytes, text);
	if (bytes < FREE_NONE || (fs.f_files && !fs.f_favail))
		return finding_set(finding, FINDING_PROBLEM,
				   _("%s is full: %s free. No change can be written\ndf -h %s"),
				   above, text, above);
	if (bytes < FREE_LITTLE)
		return finding_set(finding, FINDING_WARNING,
				   _("%s has only %s free\ndf -h %s, du -x %s"), above, text, above,
				   above);
	return finding_set(finding, FINDING_OK, _("%s free in %s"), text, above);
}

/* Blocks end by the wall clock, and the log is read by it. */
bool check_clock(const struct doctor *doctor, const struct doctor_iface *iface,
		 struct finding *finding)
{
	const json_t *store = json_object_get(doctor->status, "store");
	int64_t last_s = store && !member_is_null(store, "last_change") ?
				 member_time(store, "last_change") :
				 0;
	char now[PRINT_MAX], last[PRINT_MAX];

	print_time(doctor->now_s, now);
	if (doctor->now_s < MADE_S)
		return finding_set(
			finding, FINDING_PROBLEM,
			_("it is %s by the clock, before this version was made: blocks end "
			  "when they should not\ntimedatectl set-ntp true"),
			now);
	if (last_s > doctor->now_s + CLOCK_SLACK_S)
		return finding_set(
			finding, FINDING_PROBLEM,
			_("it is %s by the clock, and the last change in the log was %s: it "
			  "was set back\ntimedatectl set-ntp true"),
			now, print_time(last_s, last));
	if (!doctor->clock_synchronized)
		return finding_set(finding, FINDING_WARNING,
				   _("nothing keeps it right (NTP): it is %s by it\n"
				     "timedatectl set-ntp true"),
				   now);
	return finding_set(finding, FINDING_OK, _("%s, kept right by NTP"), now);
}
