/* SPDX-License-Identifier: GPL-2.0-only */
/* The samples of the datapath, read at intervals: hits of blocks, and the loud sources. Of fixed
 * size, whatever the traffic.
 */
#ifndef SLASH64_DAEMON_STATS_SAMPLES_H
#define SLASH64_DAEMON_STATS_SAMPLES_H

#include "daemon/blocks/blocks.h"
#include "daemon/events/events.h"
#include "source_rates.h"

#define SAMPLES_RECENT 65536
#define SAMPLES_DRAINS 64 /* more than there are in a second */
#define SAMPLES_FATES  16 /* samples of one source, more than needed to tell its verdicts */

struct recent_sample {
	struct s64_sample sample; /* its reason without S64_SAMPLE_MONITORED */
	uint64_t at_ms;		  /* CLOCK_MONOTONIC, when it was read */
	bool would;		  /* it would have been dropped, and passed */
};

struct samples {
	const struct maps *maps;
	uint64_t *tail; /* by CPU: number of samples read */
	struct recent_sample *recent;
	uint64_t recent_count; /* ever; the newest are kept */
	uint64_t lost;	       /* samples overwritten before they were read */
	/* CLOCK_MONOTONIC of the readings; the first is the start */
	uint64_t drained_ms[SAMPLES_DRAINS];
	uint64_t drains;			/* ever */
	struct source_rates rates, group_rates; /* of sources; of everything else in `top` */
	struct events events;			/* those who look at the samples */
	/* called with each sample as it was written, for detection; NULL: nobody */
	void (*feed)(void *data, const struct s64_sample *sample);
	void *feed_data;
};

int samples_init(struct samples *samples, const struct maps *maps, struct error *error);
void samples_free(struct samples *samples);

/* Reads new samples; hits go to the blocks. */
void samples_drain(struct samples *samples, struct blocks *blocks);

/* The figures of a source, the same everywhere: rates are those of the last second. If nothing came
 * in it, they are 0, and class, reason and shares are those of the whole requested time.
 */
struct top_row {
	uint64_t src_key;	 /* of another group: its key */
	uint64_t src_hi, src_lo; /* one of its addresses, host order */
	uint64_t dst_hi, dst_lo; /* where to one of its packets went */
	double packets_per_second, bytes_per_second;
	double dropped_per_second, would_drop_per_second; /* packets */
	double dropped, would_drop;			  /* shares, 0 to 1 */
	/* of the rate, as a share: exceeded in one of twenty cases, because it is a sample; 0:
	 * exact
	 */
	double uncertainty;
	double peak;	   /* packets per second in its fastest second since `since` */
	time_t since;	   /* seconds since 1970: seen since then without a break of 10 s */
	time_t last;	   /* last seen */
	int class, reason; /* of most of its packets */
	bool would;	   /* packets with that reason passed, because the interface monitors */
};

/* The loudest sources of the last `seconds`, at most `limit` of them. Returns their number; *rows
 * is to be freed. -ENOMEM.
 */
int samples_top(const struct samples *samples, double seconds, unsigned int limit,
		struct top_row **rows);

/* What packets are grouped by. */
enum top_by {
	TOP_BY_SOURCE,
	TOP_BY_DESTINATION, /* its /64 */
	TOP_BY_AGGREGATE,   /* the /48 of the source */
	TOP_BY_CLASS,
	TOP_BY_REASON,
	TOP_BY_COUNT
};

/* The same for the packets that match a filter (NULL: all), by anything. Peak and start of a group
 * are those of all its packets; with a filter, those of the samples that are kept.
 */
int samples_top_by(const struct samples *samples, enum top_by by, const struct event_filter *filter,
		   double seconds, unsigned int limit, struct top_row **rows);

/* For source_rates of groups: a sample's group, in one number that is not 0. */
uint64_t samples_group_rate(const struct s64_sample *sample, enum top_by by);

/* Only sources within a prefix, or that contain it; and the sum of all their rates. */
struct seen {
	struct top_row *row; /* to be freed */
	size_t rows;
	double packets_per_second, dropped_per_second, would_drop_per_second;
	time_t since; /* the first of them; 0 for none */
};

int samples_seen(const struct samples *samples, const struct source_rules *rules,
		 const struct prefix *prefix, double seconds, struct seen *seen);

/* The verdicts on the packets of a source by class and reason, most first: in the last second, or,
 * if nothing came in it, in the last `seconds`. Shares are of its class.
 */
struct fate {
	int class, reason;
	bool would;
	double packets; /* of the sample, weighted */
	double share;	/* of all packets of the class, 0 to 1 */
};

size_t samples_fates(const struct samples *samples, uint64_t src_key, double seconds,
		     struct fate fate[SAMPLES_FATES]);

#endif
