/* SPDX-License-Identifier: GPL-2.0-only */
/* What the daemon tells: one line an event, on standard error, where systemd or a terminal takes it. */
#ifndef SLASH64_USER_LOG_H
#define SLASH64_USER_LOG_H

void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
