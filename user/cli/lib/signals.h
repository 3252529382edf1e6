/* SPDX-License-Identifier: GPL-2.0-only */
/* Ctrl-C and its like (SIGINT, SIGTERM, SIGHUP), taken where the program asks for them, so that it
 * can clear up before it ends. What was ignored stays ignored.
 */
#ifndef SLASH64_CLI_INTERRUPT_H
#define SLASH64_CLI_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

#include "base/error.h"

struct interrupt {
	int fd;	    /* readable when one has come: to be polled */
	int signal; /* the last that was taken, or 0 */
	sigset_t before;
};

int interrupt_open(struct interrupt *interrupt, struct error *error);

/* Has one come since the last call? Fits client_stop_t. */
bool interrupt_came(void *interrupt);

/* Back to normal; a signal that was taken ends the program now, as it would have at first. */
void interrupt_close(struct interrupt *interrupt);

#endif
