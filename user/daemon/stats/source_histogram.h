/* SPDX-License-Identifier: GPL-2.0-only */
/* How fast sources send, by class: for each day of the last week, how many sources there were in a
 * second of which they sent so many packets, and how many such seconds. Limits are suggested from
 * it. Of fixed size, whatever the traffic.
 *
 * Sources are counted by HyperLogLog (Flajolet 2007), one for each class and rate, so days and rates
 * can be put together: the sources that ever sent at a rate or more are counted once.
 */
#ifndef SLASH64_DAEMON_STATS_SOURCE_HISTOGRAM_H
#define SLASH64_DAEMON_STATS_SOURCE_HISTOGRAM_H

#include <slash64/maps.h>

#include "daemon/store/tables/store_histogram.h"

#define HISTOGRAM_DAYS	  8 /* the last may just have begun */
#define HISTOGRAM_RATES	  STORE_HISTOGRAM_RATES
#define HISTOGRAM_CLASSES (S64_CLASS_COUNT + 1) /* the last: all together */

struct source_histogram;

/* Reads what was written before a start. */
int source_histogram_open(struct source_histogram **histogram, struct store *store,
			  struct error *error);
void source_histogram_close(struct source_histogram *histogram);

/* A sample, as the datapath wrote it. Packets of sources that are blocked or throttled already do
 * not count.
 */
void source_histogram_feed(struct source_histogram *histogram, const struct s64_sample *sample);

/* All samples until now were fed. */
void source_histogram_tick(struct source_histogram *histogram, uint64_t now_ms, int64_t wall_s);

/* Writes at most `limit` rows of what has changed. 1 if there is more; -errno. */
#define HISTOGRAM_PIECE 32 /* some 1 ms */
int source_histogram_write(struct source_histogram *histogram, unsigned int limit,
			   struct error *error);

/* --- what it tells, of the last seven days and today --- */

/* Packets per second, from which on a source belongs to the rate of that index. */
uint32_t source_histogram_bound(unsigned int rate);

/* How many sources sent at that rate or more within a second, and in how many seconds they did. */
struct source_histogram_count {
	double sources;
	uint64_t seconds;
};

void source_histogram_counts(const struct source_histogram *histogram, unsigned int class,
			     struct source_histogram_count count[HISTOGRAM_RATES]);

/* For how long it was looked, and since when, in seconds since 1970; 0: it was not. */
uint64_t source_histogram_seconds(const struct source_histogram *histogram, int64_t *since_s);

#endif
