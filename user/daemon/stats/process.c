// SPDX-License-Identifier: GPL-2.0-only
#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Fields of /proc/self/stat behind the name, which ends at the last parenthesis (proc(5)). */
struct stat_fields {
	unsigned long long start_ticks; /* after boot */
	unsigned long long virtual_bytes;
	long long resident_pages;
};

static int read_stat(struct stat_fields *fields)
{
	char text[1024];
	const char *behind;
	FILE *file = fopen("/proc/self/stat", "re");
	size_t bytes;

	if (!file)
		return -errno;
	bytes = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[bytes] = '\0';
	behind = strrchr(text, ')');
	/* fields 3 to 21 are skipped; 22 is the start, 23 and 24 the memory */
	if (!behind ||
	    sscanf(behind + 1,
		   " %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu %llu %lld",
		   &fields->start_ticks, &fields->virtual_bytes, &fields->resident_pages) != 3)
		return -EPROTO;
	return 0;
}

static int count_fds(uint64_t *count)
{
	DIR *directory = opendir("/proc/self/fd");
	uint64_t entries = 0;

	if (!directory)
		return -errno;
	for (const struct dirent *entry; (entry = readdir(directory));)
		entries += entry->d_name[0] != '.';
	closedir(directory);
	*count = entries - 1; /* the directory's own is closed again */
	return 0;
}

static double seconds(clockid_t clock)
{
	struct timespec now = {};

	clock_gettime(clock, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

int process_stats_read(struct process_stats *stats)
{
	struct stat_fields fields;
	struct rlimit files;
	uint64_t fds = 0;
	int err = read_stat(&fields);

	if (!err)
		err = count_fds(&fds);
	if (err)
		return err;
	if (getrlimit(RLIMIT_NOFILE, &files))
		return -errno;
	*stats = (struct process_stats){
		.cpu_s = seconds(CLOCK_PROCESS_CPUTIME_ID),
		.started_s = seconds(CLOCK_REALTIME) - seconds(CLOCK_BOOTTIME) +
			     (double)fields.start_ticks / sysconf(_SC_CLK_TCK),
		.virtual_bytes = fields.virtual_bytes,
		.resident_bytes = fields.resident_pages * sysconf(_SC_PAGESIZE),
		.open_fds = fds,
		.max_fds = files.rlim_cur,
	};
	return 0;
}
