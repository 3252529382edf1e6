/* SPDX-License-Identifier: GPL-2.0-only */
/* Captures what the command line prints, and replaces the functions of main.c that report a
 * failure.
 */
#ifndef SELFTESTS_UNIT_CLI_CLI_TEST_H
#define SELFTESTS_UNIT_CLI_CLI_TEST_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/command.h"

/* The last message of these two, and the last captured output. */
static char said[ERROR_TEXT_MAX * 2];
static __attribute__((unused)) char printed[65536];

int refused(const struct error *error)
{
	snprintf(said, sizeof(said), "%s", error->text);
	return EXIT_REFUSED;
}

int usage_error(const struct context *context, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(said, sizeof(said), format, args);
	va_end(args);
	return EXIT_USAGE;
}

int no_such_command(const struct context *context, const char *name)
{
	return usage_error(context, "unknown command '%s'", name);
}

/* `code` is that of a usage error, with this text. */
static __attribute__((unused)) void is_usage_error(int code, const char *text)
{
	assert_int_equal(code, EXIT_USAGE);
	if (!strstr(said, text))
		fail_msg("said '%s', not '%s'", said, text);
}

static int saved_fd, file_fd;

static __attribute__((unused)) void print_begin(int fd)
{
	fflush(fd == STDOUT_FILENO ? stdout : stderr);
	saved_fd = dup(fd);
	file_fd = memfd_create("printed", 0);
	dup2(file_fd, fd);
}

static __attribute__((unused)) const char *print_end(int fd)
{
	ssize_t n;

	fflush(fd == STDOUT_FILENO ? stdout : stderr);
	dup2(saved_fd, fd);
	close(saved_fd);
	n = pread(file_fd, printed, sizeof(printed) - 1, 0);
	close(file_fd);
	printed[n > 0 ? n : 0] = '\0';
	return printed;
}

/* What a call prints to standard output. */
#define PRINTED(call) (print_begin(STDOUT_FILENO), (call), print_end(STDOUT_FILENO))
/* The same for standard error. */
#define COMPLAINED(call) (print_begin(STDERR_FILENO), (call), print_end(STDERR_FILENO))

#endif
