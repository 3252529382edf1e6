/* SPDX-License-Identifier: GPL-2.0-only */
/* The daemon's log: one line for each event, on standard error, for systemd or a terminal. */
#ifndef SLASH64_BASE_LOG_H
#define SLASH64_BASE_LOG_H

void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
