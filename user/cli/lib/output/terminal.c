// SPDX-License-Identifier: GPL-2.0-only
#include "spool.h"
#include "terminal.h"
#include "base/text/language.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define COLUMNS_MIN   20 /* a smaller value of a terminal is not credible */
#define COLUMNS_MAX   1000
#define WORD_MAX      256
#define PATH_TEXT_MAX 4096
#define PAGER_DEFAULT "less"
#define LESS_DEFAULT  "FRX" /* quit if it fits a screen; keep colours; leave it on the screen */

static struct {
	bool is_terminal, colours;
	int columns, rows;
	pid_t pager;
} terminal;

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

/* One that cannot be told to move its cursor, or of which nobody says what it can do. */
static bool is_dumb(void)
{
	return !is_set("TERM") || !strcmp(getenv("TERM"), "dumb");
}

/* See no-color.org. */
static bool has_colours(const char *color)
{
	if (strcmp(color, "auto"))
		return !strcmp(color, "always");
	return terminal.is_terminal && !is_set("NO_COLOR") && !is_dumb();
}

bool terminal_init(const char *color)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	long value;

	if (strcmp(color, "auto") && strcmp(color, "always") && strcmp(color, "never"))
		return false;
	if (!language_is_foreign())
		setlocale(LC_CTYPE, "");
	terminal.is_terminal = isatty(STDOUT_FILENO);
	terminal.colours = has_colours(color);
	if (terminal.is_terminal && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size)) {
		terminal.columns = size.ws_col;
		terminal.rows = size.ws_row;
	}
	if (terminal.is_terminal && terminal.columns < COLUMNS_MIN)
		terminal.columns = 80;
	value = columns ? strtol(columns, NULL, 10) : 0;
	if (value >= COLUMNS_MIN)
		terminal.columns = value < COLUMNS_MAX ? value : COLUMNS_MAX;
	return true;
}

int terminal_width(void)
{
	return terminal.columns;
}

int terminal_height(void)
{
	return terminal.is_terminal ? terminal.rows : 0;
}

bool terminal_is_read(void)
{
	return terminal.is_terminal;
}

bool terminal_shows_progress(void)
{
	return isatty(STDERR_FILENO) && !is_dumb();
}

const char *tone_begin(enum tone tone)
{
	static const char *const codes[] = {"", "\033[1m", "\033[32m", "\033[33m", "\033[1;31m"};

	return terminal.colours ? codes[tone] : "";
}

const char *tone_end(enum tone tone)
{
	return terminal.colours && tone != TONE_PLAIN ? "\033[0m" : "";
}

/* --- pager --- */

/* Does the program exist? Otherwise the output would be lost. */
static bool can_run(const char *command)
{
	const char *path = getenv("PATH");
	char word[WORD_MAX], file[PATH_TEXT_MAX];
	size_t n = strcspn(command, " \t");

	if (!n || n >= sizeof(word))
		return false;
	memcpy(word, command, n);
	word[n] = '\0';
	if (strchr(word, '/'))
		return !access(word, X_OK);
	for (; path && *path; path += path[n] ? n + 1 : n) {
		n = strcspn(path, ":");
		snprintf(file, sizeof(file), "%.*s/%s", (int)n, path, word);
		if (n && !access(file, X_OK))
			return true;
	}
	return false;
}

/* Pagers can run other commands: somebody who is root only for slash64 must not get them. */
static bool is_elevated(void)
{
	return is_set("SUDO_UID") || is_set("PKEXEC_UID") || geteuid() != getuid();
}

/* NULL: none. */
static const char *pager_command(void)
{
	const char *command = getenv("SLASH64_PAGER");

	if (!command)
		command = getenv("PAGER");
	if (!command || is_elevated())
		command =
			command && (!*command || !strcmp(command, "cat")) ? command : PAGER_DEFAULT;
	if (!*command || !strcmp(command, "cat") || !can_run(command))
		return NULL;
	return command;
}

static void wait_for_pager(void)
{
	fflush(stdout);
	/* the pager must see the end: both ends of the pipe are closed */
	dup2(STDIN_FILENO, STDOUT_FILENO);
	dup2(STDIN_FILENO, STDERR_FILENO);
	while (waitpid(terminal.pager, NULL, 0) < 0 && errno == EINTR)
		;
}

/* A person reads a page for minutes, and slash64d breaks off an answer that is not read: a process between the two takes
 * all of it at once. Returns the pipe to write to; without such a process, the pager's own.
 */
static int start_spool(int pager)
{
	FILE *file = tmpfile();
	int ends[2];
	pid_t pid;

	if (!file || pipe(ends))
		return pager;
	pid = fork();
	if (!pid) {
		close(ends[1]);
		spool(fileno(file), ends[0], pager);
		_exit(EXIT_SUCCESS);
	}
	fclose(file);
	close(ends[0]);
	close(pid < 0 ? ends[1] : pager);
	return pid < 0 ? pager : ends[1];
}

static void run_pager(const char *command, const int ends[2])
{
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	close(ends[1]);
	setenv("LESS", LESS_DEFAULT, 0);
	if (is_elevated())
		setenv("LESSSECURE", "1", 1);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* A pager waits for a key: that takes somebody who reads and types. A script that is run on a terminal of its own (ssh -t,
 * script, a container) has its standard input elsewhere; and on a dumb terminal, less waits before its first line.
 */
static bool is_paged(const struct context *context)
{
	return terminal.is_terminal && isatty(STDIN_FILENO) && !is_dumb() && !context->json &&
	       !context->no_pager && !terminal.pager;
}

void terminal_page(const struct context *context)
{
	const char *command = is_paged(context) ? pager_command() : NULL;
	int ends[2];

	if (!command || fflush(stdout) || pipe(ends))
		return;
	terminal.pager = fork();
	if (terminal.pager < 0) {
		terminal.pager = 0;
		close(ends[0]);
		close(ends[1]);
		return;
	}
	if (!terminal.pager)
		run_pager(command, ends);
	/* Ctrl-C is for the pager, and leaving it early ends this program silently */
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	close(ends[0]);
	ends[1] = start_spool(ends[1]);
	dup2(ends[1], STDOUT_FILENO);
	if (isatty(STDERR_FILENO))
		dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	atexit(wait_for_pager);
}

bool terminal_pager_left(void)
{
	return terminal.pager && ferror(stdout);
}
