// SPDX-License-Identifier: GPL-2.0-only
#include "hosts_run.h"
#include "remote.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"

#define SSH_FAILED    255  /* ssh(1), EXIT STATUS */
#define KILL_AFTER_MS 2000 /* of the timeout, if ssh does not end by SIGTERM */
#define POLL_MS	      100  /* how late a timeout may be */
#define PIECE	      65536
#define FDS_PER_HOST  3

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* --- standard input, for each of them from its beginning --- */

static int copy_stdin(int *fd, struct error *error)
{
	static char piece[PIECE];
	int file = memfd_create("stdin", MFD_CLOEXEC);
	size_t total = 0;
	ssize_t n = 0;
	int err = file < 0 ? -errno : 0;

	while (!err && (n = read(STDIN_FILENO, piece, sizeof(piece))) > 0) {
		total += n;
		if (total > HOSTS_STDIN_MAX)
			err = -EFBIG;
		else if (write(file, piece, n) != n)
			err = errno ? -errno : -ENOSPC;
	}
	if (!err && n < 0)
		err = -errno;
	if (!err) {
		*fd = file;
		return 0;
	}
	if (file >= 0)
		close(file);
	return error_set(error, err, "cannot read standard input: %s", strerror(-err));
}

/* --- a process --- */

static void exec_ssh(const char *host, const char *command, int input, int out, int err)
{
	char path[32];
	int fd;

	/* opened anew: a duplicate would share its position with the others */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", input);
	fd = open(input < 0 ? "/dev/null" : path, O_RDONLY);
	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(err, STDERR_FILENO) < 0)
		_exit(SSH_FAILED);
	/* nobody could tell whose question it is */
	remote_ssh(host,
		   (const char *[]){"-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=15", NULL},
		   command);
	fprintf(stderr, "cannot run ssh: %s; install openssh-client\n", strerror(errno));
	_exit(SSH_FAILED);
}

static void fail(struct host_run *run, int err)
{
	run->state = HOST_UNREACHABLE;
	if (asprintf(&run->err.text, "cannot run ssh: %s", strerror(err)) >= 0)
		run->err.bytes = strlen(run->err.text);
	else
		run->err.text = NULL;
}

static void begin(struct host_run *run, const char *command, int input)
{
	int out[2] = {-1, -1}, err[2] = {-1, -1};

	run->since_ms = now_ms();
	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) {
		fail(run, errno);
		goto out;
	}
	run->pid = fork();
	if (!run->pid)
		exec_ssh(run->host, command, input, out[1], err[1]);
	run->pid_fd = run->pid > 0 ? (int)syscall(SYS_pidfd_open, run->pid, 0) : -1;
	if (run->pid < 0 || run->pid_fd < 0) {
		fail(run, errno);
		if (run->pid > 0) {
			kill(run->pid, SIGKILL);
			waitpid(run->pid, NULL, 0);
		}
		goto out;
	}
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	run->out.fd = out[0];
	run->err.fd = err[0];
	run->state = HOST_RUNNING;
	out[0] = err[0] = -1;
out:
	for (int i = 0; i < 2; i++) {
		if (out[i] >= 0)
			close(out[i]);
		if (err[i] >= 0)
			close(err[i]);
	}
}

static void close_text(struct host_text *text)
{
	if (text->fd >= 0)
		close(text->fd);
	text->fd = -1;
}

/* Takes what is there. What is beyond the limit is read and thrown away, so that ssh can end. */
static void take_text(struct host_text *text)
{
	char piece[PIECE];
	ssize_t n;

	while (text->fd >= 0 && (n = read(text->fd, piece, sizeof(piece)))) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			break;
		if (text->bytes + n >= HOSTS_ANSWER_MAX ||
		    array_reserve(&text->text, &text->room, text->bytes + n + 1, 1)) {
			text->is_cut = true;
			continue;
		}
		memcpy(text->text + text->bytes, piece, n);
		text->bytes += n;
		text->text[text->bytes] = '\0';
	}
	close_text(text);
}

/* The end of the process counts, not that of its output: a master connection that ssh left in the
 * background keeps that open.
 */
static void end(struct host_run *run)
{
	int status = 0;

	waitpid(run->pid, &status, 0);
	close(run->pid_fd);
	run->pid = 0;
	take_text(&run->out);
	take_text(&run->err);
	close_text(&run->out);
	close_text(&run->err);
	if (run->is_over) {
		run->state = HOST_TIMEOUT;
		return;
	}
	run->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	run->state = !WIFEXITED(status) || run->exit_status == SSH_FAILED ? HOST_UNREACHABLE :
		     run->exit_status || run->out.is_cut		  ? HOST_FAILED :
									    HOST_DONE;
}

/* --- all of them --- */

struct running {
	struct host_run *run;
	size_t count, begun, told, active;
	unsigned int parallel;
	int64_t timeout_ms;
};

static void watch(struct running *all, struct host_run *run)
{
	int64_t age = now_ms() - run->since_ms;
	struct pollfd ended = {.fd = run->pid_fd, .events = POLLIN};

	take_text(&run->out);
	take_text(&run->err);
	if (poll(&ended, 1, 0) > 0) {
		end(run);
		all->active--;
	} else if (age > all->timeout_ms + KILL_AFTER_MS) {
		kill(run->pid, SIGKILL);
	} else if (age > all->timeout_ms && !run->is_over) {
		run->is_over = true;
		kill(run->pid, SIGTERM);
	}
}

static void wait_for_any(const struct running *all, struct pollfd *fds)
{
	nfds_t n = 0;

	for (size_t i = all->told; i < all->begun; i++) {
		const struct host_run *run = &all->run[i];

		if (run->state != HOST_RUNNING)
			continue;
		fds[n++] = (struct pollfd){.fd = run->out.fd, .events = POLLIN};
		fds[n++] = (struct pollfd){.fd = run->err.fd, .events = POLLIN};
		fds[n++] = (struct pollfd){.fd = run->pid_fd, .events = POLLIN};
	}
	poll(fds, n, POLL_MS);
}

static void tell(struct running *all, host_answer_t answer, void *data)
{
	for (; all->told < all->begun && all->run[all->told].state > HOST_RUNNING; all->told++) {
		struct host_run *run = &all->run[all->told];

		answer(run, data);
		free(run->out.text);
		free(run->err.text);
		run->out.text = run->err.text = NULL;
	}
}

int hosts_run(const struct hosts *hosts, const char *command, bool pass_stdin,
	      unsigned int parallel, int64_t timeout_ms, host_answer_t answer, void *data,
	      struct error *error)
{
	struct running all = {.run = calloc(hosts->count, sizeof(struct host_run)),
			      .count = hosts->count,
			      .parallel = parallel,
			      .timeout_ms = timeout_ms};
	struct pollfd *fds = calloc(parallel, FDS_PER_HOST * sizeof(*fds));
	int input = -1, err = 0;

	if (!all.run || !fds)
		err = error_set(error, -ENOMEM, "out of memory");
	if (!err && pass_stdin)
		err = copy_stdin(&input, error);
	for (size_t i = 0; !err && i < hosts->count; i++) {
		all.run[i].host = hosts->host[i];
		all.run[i].exit_status = all.run[i].out.fd = all.run[i].err.fd = -1;
	}
	fflush(stdout);
	while (!err && all.told < all.count) {
		for (; all.active < parallel && all.begun < all.count; all.begun++) {
			begin(&all.run[all.begun], command, input);
			all.active += all.run[all.begun].state == HOST_RUNNING;
		}
		if (all.active)
			wait_for_any(&all, fds);
		for (size_t i = all.told; i < all.begun; i++)
			if (all.run[i].state == HOST_RUNNING)
				watch(&all, &all.run[i]);
		tell(&all, answer, data);
	}
	if (input >= 0)
		close(input);
	free(all.run);
	free(fds);
	return err;
}
