/* SPDX-License-Identifier: GPL-2.0-only */
/* Reports about an import: progress on a terminal; bad lines on standard error; and the result. */
#ifndef SLASH64_CLI_LIB_OUTPUT_IMPORT_PROGRESS_H
#define SLASH64_CLI_LIB_OUTPUT_IMPORT_PROGRESS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/command.h"
#include "cli/cmd/import.h"

struct import_report {
	const char *name;   /* of the file */
	uint64_t bytes_max; /* 0: unknown */
	uint64_t bytes, lines;
	bool terminal;
	bool shown;	   /* a line that will be overwritten */
	int64_t next_ms;   /* and when */
	uint64_t problems; /* reported by slash64d so far */
	json_t *printed;   /* the first of them */
};

void import_report_open(struct import_report *report, const char *name, uint64_t bytes_max);

/* The answer to a piece. */
void import_report_piece(struct import_report *report, const char *text, size_t bytes,
			 const json_t *answer);
void import_report_applying(struct import_report *report);

/* A progress line. */
void import_report_say(struct import_report *report, const char *text);

/* The end, with the summary, or the refusal, or NULL: prints the remaining problems. */
void import_report_close(struct import_report *report, const json_t *summary);

/* Prints the summary, and returns the exit code: EXIT_REFUSED if nothing was accepted, or if there
 * was no room for all.
 */
int import_report_summary(const struct import_report *report, const struct context *context,
			  const json_t *summary, const struct import_order *order);

#endif
