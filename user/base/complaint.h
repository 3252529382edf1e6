/* SPDX-License-Identifier: GPL-2.0-only */
/* What libbpf and libxdp print about a failure: a page, of which one line is for a person. It is
 * kept instead of printed.
 */
#ifndef SLASH64_BASE_COMPLAINT_H
#define SLASH64_BASE_COMPLAINT_H

#include <stdarg.h>
#include <stddef.h>

#define COMPLAINT_MAX 320

/* From now on, keep what libbpf prints. */
void complaint_listen(void);

/* A warning of a library. */
void complaint_keep(const char *format, va_list args);

/* Call before something that may fail, so that nothing older is reported. */
void complaint_forget(void);

/* The last line that was kept, and the verifier's last lines if it refused a program; otherwise "".
 */
const char *complaint_last(void);
const char *complaint_verifier(void);

/* Why the verifier refused a program, from its log: its message, and the instruction it is about.
 * In one line.
 */
void verifier_last_lines(const char *log, size_t length, char *text, size_t bytes);

#endif
