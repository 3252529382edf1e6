/* SPDX-License-Identifier: GPL-2.0-only */
/* Where captured packets go: a file, or a pipe whose reader may be slow, stopped or gone. Ctrl-C is
 * obeyed all the same.
 */
#ifndef SLASH64_CLI_LIB_CAPTURE_OUTPUT_H
#define SLASH64_CLI_LIB_CAPTURE_OUTPUT_H

#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "cli/lib/signals.h"

struct output {
	const char *name; /* of the file; NULL: standard output */
	FILE *file;	  /* NULL: not open */
	int fd;
	bool may_wait; /* a pipe, a terminal, a socket */
	struct interrupt *interrupt;
	int64_t give_up_ms; /* CLOCK_MONOTONIC, after an interrupt; 0: there was none */
	uint64_t written;   /* bytes */
	uint64_t whole;	    /* of them, up to the last output_flush() */
	int failed;	    /* errno of the write that failed, or 0 */
};

/* A new file is for its owner only, as packets contain people's data. `path` NULL or "-": standard
 * output. Waits for the reader of a named pipe.
 */
int output_open(struct output *output, const char *path, struct interrupt *interrupt,
		struct error *error);

/* Everything written so far, which ends with a whole block of pcapng. False if it has failed. */
bool output_flush(struct output *output);

/* Closes it. A block that was written in part is cut off. That the reader of standard output has
 * gone is no failure: it has had enough, like `tshark -c 10`.
 */
int output_close(struct output *output, struct error *error);

#endif
