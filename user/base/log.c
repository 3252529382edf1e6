// SPDX-License-Identifier: GPL-2.0-only
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* One write for each line, so lines of several processes do not mix. systemd understands the
 * priority prefix (sd-daemon(3)); it is left out on a terminal.
 */
static void log_line(int priority, const char *level, const char *format, va_list args)
{
	char line[1024];
	int n = 0;

	if (!isatty(STDERR_FILENO) && getppid() == 1)
		n = snprintf(line, sizeof(line), "<%d>", priority);
	n += snprintf(line + n, sizeof(line) - n, "%s: %s", program_invocation_short_name, level);
	n += vsnprintf(line + n, sizeof(line) - n, format, args);
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, n) < 0)
		return; /* nobody reads; nothing to be done */
}

#define LOG_FUNCTION(name, priority, level)              \
	void name(const char *format, ...)               \
	{                                                \
		va_list args;                            \
                                                         \
		va_start(args, format);                  \
		log_line(priority, level, format, args); \
		va_end(args);                            \
	}

LOG_FUNCTION(log_info, 6, "")
LOG_FUNCTION(log_warning, 4, "warning: ")
LOG_FUNCTION(log_error, 3, "error: ")
