/* SPDX-License-Identifier: GPL-2.0-only */
/* What libbpf and libxdp say of a failure: a page, of which one line is for a person. It is kept instead of printed. */
#ifndef SLASH64_USER_COMPLAINT_H
#define SLASH64_USER_COMPLAINT_H

#include <stdarg.h>
#include <stddef.h>

#define COMPLAINT_MAX 320

/* Keeps what libbpf says, from now on. */
void complaint_listen(void);

/* What a library warns of. */
void complaint_keep(const char *format, va_list args);

/* Before what may fail, so that nothing older is told of it. */
void complaint_forget(void);

/* The last line that was kept, and the last ones of the verifier where it has refused a program; else "". */
const char *complaint_last(void);
const char *complaint_verifier(void);

/* Of the verifier's log, what tells why it refuses: its words, and the instruction they are about. In one line. */
void verifier_last_lines(const char *log, size_t length, char *text, size_t bytes);

#endif
