// SPDX-License-Identifier: GPL-2.0-only
/* What a set does, for Prometheus. Names and labels are the same for all adapters. */
#include <event2/buffer.h>
#include <inttypes.h>

#include "base/time.h"
#include "service/metrics.h"
#include "set_internal.h"

static void write_row(struct evbuffer *out, const char *name, const char *adapter,
		      const struct set *set, const char *label, const char *value, double number)
{
	evbuffer_add_printf(out, "slash64_adapter_%s{adapter=\"%s\",origin=\"%s\"", name, adapter,
			    set->origin);
	if (label)
		evbuffer_add_printf(out, ",%s=\"%s\"", label, value);
	evbuffer_add_printf(out, "} %.15g\n", number);
}

void set_source_failed(struct set *set, const char *why)
{
	for (int i = 0; i < SET_FAILURES_MAX; i++) {
		if (set->counts.failure[i].why && set->counts.failure[i].why != why)
			continue;
		set->counts.failure[i].why = why;
		set->counts.failure[i].count++;
		return;
	}
}

/* A row for each set. */
#define ROWS(name, type, help, value)                                                \
	do {                                                                         \
		metrics_head(out, "slash64_adapter_" name, type, help);              \
		for (size_t i = 0; i < count; i++) {                                 \
			const struct set_counts *counts = &sets[i]->counts;          \
                                                                                     \
			write_row(out, name, adapter, sets[i], NULL, NULL, (value)); \
		}                                                                    \
	} while (0)

static void write_failures(struct set *const *sets, size_t count, const char *adapter,
			   struct evbuffer *out)
{
	metrics_head(out, "slash64_adapter_source_failures_total", "counter",
		     "Answers of the source that could not be used, by reason.");
	for (size_t i = 0; i < count; i++)
		for (int j = 0; j < SET_FAILURES_MAX; j++)
			if (sets[i]->counts.failure[j].why)
				write_row(out, "source_failures_total", adapter, sets[i], "reason",
					  sets[i]->counts.failure[j].why,
					  sets[i]->counts.failure[j].count);
}

static void write_refused(struct set *const *sets, size_t count, const char *adapter,
			  struct evbuffer *out)
{
	metrics_head(out, "slash64_adapter_refused", "gauge",
		     "Entries that slash64d refuses, by reason.");
	for (size_t i = 0; i < count; i++)
		for (int j = 0; j < SET_REFUSALS; j++)
			write_row(out, "refused", adapter, sets[i], "reason", set_refusal_names[j],
				  sets[i]->counts.refused[j]);
}

static double lag_s(const struct set_counts *counts)
{
	int64_t since_ms = counts->behind_since_ms, now_ms = clock_wall_ms();

	return since_ms && now_ms > since_ms ? (now_ms - since_ms) / 1000.0 : 0;
}

void set_write_metrics(struct set *const *sets, size_t count, const char *adapter,
		       struct evbuffer *out)
{
	ROWS("entries", "gauge", "Entries that the source has.", counts->entries);
	ROWS("in_force", "gauge", "Entries that slash64d has of this origin.", counts->in_force);
	write_refused(sets, count, adapter, out);
	ROWS("missing", "gauge", "Entries that a list lacked, and that stay until another does.",
	     counts->waiting);
	ROWS("put_total", "counter", "Entries that were added or changed.", counts->put);
	ROWS("ended_total", "counter", "Entries that were ended.", counts->ended);
	ROWS("renewed_total", "counter", "Entries whose end was pushed on.", counts->renewed);
	ROWS("last_contact_timestamp_seconds", "gauge",
	     "When the source last answered; 0: not since the start.",
	     counts->source_contact_ms / 1000.0);
	ROWS("slash64d_last_contact_timestamp_seconds", "gauge",
	     "When slash64d was last brought up to date; 0: not since the start.",
	     counts->slash64d_contact_ms / 1000.0);
	ROWS("lag_seconds", "gauge", "For how long a change has been waiting for slash64d.",
	     lag_s(counts));
	write_failures(sets, count, adapter, out);
	ROWS("slash64d_failures_total", "counter", "Attempts to reach slash64d that failed.",
	     counts->slash64d_failures);
}
