// SPDX-License-Identifier: GPL-2.0-only
#include "signals.h"

#include <poll.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* An ignored signal would be received once it is blocked. */
static void add(sigset_t *set, int number)
{
	struct sigaction action;

	if (!sigaction(number, NULL, &action) && action.sa_handler != SIG_IGN)
		sigaddset(set, number);
}

int interrupt_open(struct interrupt *interrupt, struct error *error)
{
	sigset_t set;

	sigemptyset(&set);
	add(&set, SIGINT);
	add(&set, SIGTERM);
	add(&set, SIGHUP);
	interrupt->signal = 0;
	interrupt->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (interrupt->fd < 0)
		return error_set(error, -errno, "cannot prepare for signals: %s; try again",
				 strerror(errno));
	sigprocmask(SIG_BLOCK, &set, &interrupt->before);
	return 0;
}

bool interrupt_came(void *data)
{
	struct interrupt *interrupt = data;
	struct signalfd_siginfo info;

	if (read(interrupt->fd, &info, sizeof(info)) != sizeof(info))
		return false;
	interrupt->signal = info.ssi_signo;
	return true;
}

void interrupt_close(struct interrupt *interrupt)
{
	close(interrupt->fd);
	if (interrupt->signal) {
		fflush(stdout);
		raise(interrupt->signal); /* delivered as soon as it is unblocked */
	}
	sigprocmask(SIG_SETMASK, &interrupt->before, NULL);
}

bool reader_is_gone(void *unused)
{
	struct pollfd out = {.fd = STDOUT_FILENO};

	(void)unused;
	return poll(&out, 1, 0) > 0 && (out.revents & POLLERR);
}

int output_check(struct error *error)
{
	int flags = fcntl(STDOUT_FILENO, F_GETFL);

	if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY)
		return 0;
	return error_set(error, -EBADF, "cannot write the output: %s", strerror(EBADF));
}
