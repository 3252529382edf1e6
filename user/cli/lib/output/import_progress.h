/* SPDX-License-Identifier: GPL-2.0-only */
/* What a person is told of an import: how far it is, on a terminal; the lines that are bad, on
 * standard error; and what came of it.
 */
#ifndef SLASH64_CLI_IMPORT_REPORT_H
#define SLASH64_CLI_IMPORT_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/command.h"
#include "cli/cmd/import.h"

struct import_report {
	const char *name;   /* of the file */
	uint64_t bytes_max; /* 0: not known */
	uint64_t bytes, lines;
	bool terminal;
	bool shown;	   /* a line that is to be overwritten */
	int64_t next_ms;   /* when it is to be */
	uint64_t problems; /* told by slash64d so far */
	json_t *printed;   /* the first of them */
};

void import_report_open(struct import_report *report, const char *name, uint64_t bytes_max);

/* A piece was sent, and this is the answer. */
void import_report_piece(struct import_report *report, const char *text, size_t bytes,
			 const json_t *answer);
void import_report_applying(struct import_report *report);

/* A line for the person who waits. */
void import_report_say(struct import_report *report, const char *text);

/* The end, with the summary, or what it was refused with, or NULL: what was left to say of bad lines. */
void import_report_close(struct import_report *report, const json_t *summary);

/* Prints the summary, and returns the exit code: EXIT_REFUSED where nothing could be taken, or not all had room. */
int import_report_summary(const struct import_report *report, const struct context *context,
			  const json_t *summary, const struct import_order *order);

#endif
