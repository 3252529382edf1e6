// SPDX-License-Identifier: GPL-2.0-only
#include "source_rates.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_MS 1000

int source_rates_init(struct source_rates *rates, const struct s64_seed *seed)
{
	rates->seed = *seed;
	rates->entry = calloc(SOURCE_RATES_SETS * SOURCE_RATES_SET, sizeof(*rates->entry));
	return rates->entry ? 0 : -ENOMEM;
}

void source_rates_free(struct source_rates *rates)
{
	free(rates->entry);
	rates->entry = NULL;
}

static struct source_rate *set_of(const struct source_rates *rates, uint64_t src_key)
{
	return &rates->entry[s64_hash64(src_key, &rates->seed) % SOURCE_RATES_SETS *
			     SOURCE_RATES_SET];
}

static bool is_gone(const struct source_rate *rate, uint64_t now_ms)
{
	return !rate->src_key || now_ms - rate->last_ms >= SOURCE_RATES_GAP_MS;
}

static double worth(const struct source_rate *rate, uint64_t now_ms)
{
	if (is_gone(rate, now_ms))
		return -1;
	return rate->packets > rate->peak ? rate->packets : rate->peak;
}

static struct source_rate *find(const struct source_rates *rates, uint64_t src_key)
{
	struct source_rate *set = set_of(rates, src_key);

	for (int i = 0; i < SOURCE_RATES_SET; i++)
		if (set[i].src_key == src_key)
			return &set[i];
	return NULL;
}

static struct source_rate *least_of(const struct source_rates *rates, uint64_t src_key,
				    uint64_t now_ms)
{
	struct source_rate *set = set_of(rates, src_key), *least = set;

	for (int i = 1; i < SOURCE_RATES_SET; i++)
		if (worth(&set[i], now_ms) < worth(least, now_ms))
			least = &set[i];
	return least;
}

/* A counted second is over. It ended with the last count, unless that was earlier. */
static void close_second(struct source_rate *rate)
{
	uint64_t counted_ms = rate->last_ms - rate->second_ms;
	double peak = rate->packets * 1000 / (counted_ms > SECOND_MS ? counted_ms : SECOND_MS);

	if (peak > rate->peak)
		rate->peak = peak;
	rate->packets = 0;
}

void source_rates_add(struct source_rates *rates, uint64_t src_key, uint64_t from_ms,
		      uint64_t to_ms, double packets)
{
	struct source_rate *rate = find(rates, src_key);

	if (!src_key)
		return;
	if (!rate || is_gone(rate, to_ms)) {
		if (!rate)
			rate = least_of(rates, src_key, to_ms);
		*rate = (struct source_rate){.src_key = src_key,
					     .since_ms = to_ms,
					     .second_ms = from_ms};
	} else if (to_ms > rate->last_ms && (rate->last_ms - rate->second_ms >= SECOND_MS ||
					     from_ms - rate->second_ms >= SECOND_MS)) {
		close_second(rate);
		rate->second_ms = from_ms;
	}
	rate->packets += packets;
	rate->last_ms = to_ms;
}

const struct source_rate *source_rates_find(const struct source_rates *rates, uint64_t src_key)
{
	return src_key ? find(rates, src_key) : NULL;
}
