/* SPDX-License-Identifier: GPL-2.0-only */
/* One command on several routers, side by side. */
#ifndef SLASH64_CLI_LIB_FLEET_HOSTS_RUN_H
#define SLASH64_CLI_LIB_FLEET_HOSTS_RUN_H

#include <stdint.h>
#include <sys/types.h>

#include "hosts_file.h"

#define HOSTS_PARALLEL	   16
#define HOSTS_PARALLEL_MAX 256
#define HOSTS_TIMEOUT_MS   60000
#define HOSTS_ANSWER_MAX   (16 << 20) /* bytes kept of what a router prints */
#define HOSTS_STDIN_MAX	   (1 << 30)  /* bytes that each of them is given */

enum host_state {
	HOST_WAITING,
	HOST_RUNNING,
	HOST_DONE,
	HOST_FAILED,	  /* slash64 there failed, or it is not installed */
	HOST_UNREACHABLE, /* ssh failed */
	HOST_TIMEOUT,	  /* what it has done is unknown */
};

struct host_text {
	char *text; /* ends with '\0'; NULL: empty */
	size_t bytes, room;
	bool is_cut;
	int fd; /* -1: closed */
};

struct host_run {
	const char *host;
	enum host_state state;
	int exit_status; /* -1: none */
	struct host_text out, err;
	pid_t pid;
	int pid_fd;
	int64_t since_ms;
	bool is_over;
};

/* Called for each host in the order of the list, as soon as those before it are there. The texts
 * are freed afterwards.
 */
typedef void (*host_answer_t)(const struct host_run *run, void *data);

/* Runs `command` everywhere, with a copy of standard input if `pass_stdin`, else without any.
 * Returns 0, or -errno with an error if nothing was run.
 */
int hosts_run(const struct hosts *hosts, const char *command, bool pass_stdin,
	      unsigned int parallel, int64_t timeout_ms, host_answer_t answer, void *data,
	      struct error *error);

#endif
