/* SPDX-License-Identifier: GPL-2.0-only */
/* What every Prometheus client tells of its own process. */
#ifndef SLASH64_DAEMON_STATS_PROCESS_H
#define SLASH64_DAEMON_STATS_PROCESS_H

#include <stdint.h>

struct process_stats {
	double cpu_s;	  /* user and system */
	double started_s; /* since 1970 */
	uint64_t virtual_bytes, resident_bytes;
	uint64_t open_fds, max_fds;
};

/* Reads /proc/self. -errno, with *stats untouched. */
int process_stats_read(struct process_stats *stats);

#endif
