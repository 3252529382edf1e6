/* SPDX-License-Identifier: GPL-2.0-only */
/* How fast sources sent, by day and class (stats/source_histogram.h), as last written. */
#ifndef SLASH64_DAEMON_STORE_TABLES_STORE_HISTOGRAM_H
#define SLASH64_DAEMON_STORE_TABLES_STORE_HISTOGRAM_H

#include "daemon/store/store.h"

#define STORE_HISTOGRAM_RATES  40
#define STORE_HISTOGRAM_SKETCH 64 /* bytes */

struct store_histogram {
	int64_t day;	   /* since 1970 */
	const char *class; /* its name; "": all together */
	unsigned int rate; /* index */
	uint64_t seconds;
	const uint8_t *sketch;
};

int store_histogram_put(struct store *store, const struct store_histogram *row,
			struct error *error);
/* Rows that make no sense are left out. The row is valid until the callback returns. */
typedef void (*store_histogram_each_t)(const struct store_histogram *row, void *data);
int store_histograms(struct store *store, store_histogram_each_t each, void *data,
		     struct error *error);

/* For how long a day was looked at, and from when on, in seconds since 1970. */
int store_histogram_day_put(struct store *store, int64_t day, uint64_t seconds, int64_t since_s,
			    struct error *error);
typedef void (*store_histogram_day_each_t)(int64_t day, uint64_t seconds, int64_t since_s,
					   void *data);
int store_histogram_days(struct store *store, store_histogram_day_each_t each, void *data,
			 struct error *error);

/* Deletes what is older than one day or newer than another, a class of a day at most. 1 if there may
 * be more.
 */
int store_histogram_prune(struct store *store, int64_t before_day, int64_t after_day,
			  struct error *error);

#endif
