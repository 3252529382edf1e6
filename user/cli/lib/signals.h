/* SPDX-License-Identifier: GPL-2.0-only */
/* Ctrl-C and similar signals (SIGINT, SIGTERM, SIGHUP), received where the program checks for them,
 * so that it can clean up before it ends. Ignored signals stay ignored.
 */
#ifndef SLASH64_CLI_LIB_SIGNALS_H
#define SLASH64_CLI_LIB_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

#include "base/error.h"

struct interrupt {
	int fd;	    /* readable when one was received: for poll() */
	int signal; /* the last one received, or 0 */
	sigset_t before;
};

int interrupt_open(struct interrupt *interrupt, struct error *error);

/* Has one been received since the last call? Fits client_stop_t. */
bool interrupt_came(void *interrupt);

/* Back to normal; a received signal ends the program now, as it would have at first. */
void interrupt_close(struct interrupt *interrupt);

/* Has the reader of standard output, behind a pipe, gone? Known without anything to write. The form is
 * that of client_stop_at().
 */
bool reader_is_gone(void *unused);

/* Was standard output closed from the start? For what may have nothing to write for long. */
int output_check(struct error *error);

#endif
