/* SPDX-License-Identifier: GPL-2.0-only */
/* The samples of the fast path, read at intervals: hits of blocks, and which sites were loud lately. Of
 * fixed size, whatever the traffic.
 */
#ifndef SLASH64_DAEMON_SAMPLES_H
#define SLASH64_DAEMON_SAMPLES_H

#include "daemon/blocks/blocks.h"
#include "source_rates.h"

#define SAMPLES_RECENT 65536
#define SAMPLES_DRAINS 64 /* more than there are in a second */
#define SAMPLES_FATES  16 /* of one site, more than it takes to say what becomes of it */

struct recent_sample {
	struct s64_sample sample; /* its reason without S64_SAMPLE_WOULD */
	uint64_t at_ms;		  /* CLOCK_MONOTONIC, when it was read */
	bool would;		  /* it was dropped in name only */
};

struct samples {
	const struct tables *tables;
	uint64_t *tail; /* by processor: samples read */
	struct recent_sample *recent;
	uint64_t recent_count; /* ever; the newest are kept */
	uint64_t lost;	       /* samples overwritten before they were read */
	/* CLOCK_MONOTONIC, when there was reading; the first is when it began */
	uint64_t drained_ms[SAMPLES_DRAINS];
	uint64_t drains; /* ever */
	struct source_rates rates;
};

int samples_init(struct samples *samples, const struct tables *tables, struct error *error);
void samples_free(struct samples *samples);

/* Read what is new; hits go to the blocks. */
void samples_drain(struct samples *samples, struct blocks *blocks);

/* What is said of a source, everywhere: rates are those of the last second. Where nothing came in it they are 0, and class,
 * reason and shares are those of the whole time that was asked for.
 */
struct top_row {
	uint64_t site;
	uint64_t source_hi, source_lo; /* one of its sources, host order */
	double packets_per_second, bytes_per_second;
	double dropped_per_second, would_drop_per_second; /* packets */
	double dropped, would_drop;			  /* shares, 0 to 1 */
	/* of the rate, as a share: so far off in one of twenty cases, as it is a sample; 0: exact */
	double uncertainty;
	double peak;	   /* packets a second in its fastest second since then */
	time_t since;	   /* seconds since 1970: seen from then on without a break of 10 s */
	time_t last;	   /* and last */
	int class, reason; /* those of most of its packets */
	bool would;	   /* the reason's packets passed, as the interface monitors */
};

/* The loudest sites of the last `seconds`, at most `limit` of them. Returns how many; *rows is to be freed. -ENOMEM.
 */
int samples_top(const struct samples *samples, double seconds, unsigned int limit,
		struct top_row **rows);

/* Those of them whose site is within a prefix, or has it within; and the rates of all of them together. */
struct seen {
	struct top_row *row; /* to be freed */
	size_t rows;
	double packets_per_second, dropped_per_second, would_drop_per_second;
	time_t since; /* the first of them; 0 for none */
};

int samples_seen(const struct samples *samples, const struct site_rules *rules,
		 const struct prefix *prefix, double seconds, struct seen *seen);

/* What became of the packets of one site by class and reason, most first: in the last second, or where nothing came in
 * it, in the last `seconds`. Shares are of its class.
 */
struct fate {
	int class, reason;
	bool would;
	double packets; /* of the sample, weighted */
	double share;	/* of all packets of the class, 0 to 1 */
};

size_t samples_fates(const struct samples *samples, uint64_t site, double seconds,
		     struct fate fate[SAMPLES_FATES]);

#endif
