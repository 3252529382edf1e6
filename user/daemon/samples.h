/* SPDX-License-Identifier: GPL-2.0-only */
/* The samples of the fast path, read at intervals: hits of blocks, and which sites were loud lately. Of
 * fixed size, whatever the traffic.
 */
#ifndef SLASH64_DAEMON_SAMPLES_H
#define SLASH64_DAEMON_SAMPLES_H

#include "blocks.h"

#define SAMPLES_RECENT 65536

struct recent_sample {
	struct s64_sample sample;
	uint64_t at_ms; /* CLOCK_MONOTONIC, when it was read */
};

struct samples {
	const struct tables *tables;
	uint64_t *tail; /* by processor: samples read */
	struct recent_sample *recent;
	uint64_t recent_count; /* ever; the newest are kept */
	uint64_t lost; /* samples overwritten before they were read */
};

int samples_init(struct samples *samples, const struct tables *tables, struct error *error);
void samples_free(struct samples *samples);

/* Read what is new; hits go to the blocks. */
void samples_drain(struct samples *samples, struct blocks *blocks);

struct top_row {
	uint64_t site;
	uint64_t source_hi, source_lo; /* one of its sources, host order */
	double packets_per_second;
	double bytes_per_second;
	double dropped; /* share, 0 to 1 */
	int class, reason; /* those of most of its packets */
};

/* The loudest sites of the last `seconds`, at most `limit` of them. Returns how many; *rows is to be freed.
 * -ENOMEM.
 */
int samples_top(const struct samples *samples, double seconds, unsigned int limit,
		struct top_row **rows);

/* Those of them whose site is within a prefix, or has it within; and the rates of all of them together. */
struct seen {
	struct top_row *row; /* to be freed */
	size_t rows;
	double packets_per_second;
};

int samples_seen(const struct samples *samples, const struct site_rules *rules,
		 const struct prefix *prefix, double seconds, struct seen *seen);

#endif
