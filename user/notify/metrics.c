// SPDX-License-Identifier: GPL-2.0-only
/* What it does, for Prometheus. */
#include <event2/buffer.h>
#include <inttypes.h>

#include "notify.h"
#include "service/metrics.h"

#define head(out, name, type, help) metrics_head(out, "slash64_notify_" name, type, help)

/* Names of receivers need no escapes: settings.c checks them. */
static void row(struct evbuffer *out, const char *name, const struct delivery *delivery,
		int64_t value)
{
	evbuffer_add_printf(out, "slash64_notify_%s{receiver=\"%s\"} %" PRId64 "\n", name,
			    delivery->receiver->name, value);
}

#define ROWS(name, type, help, value)                                          \
	do {                                                                   \
		head(out, name, type, help);                                   \
		for (size_t i = 0; i < notify->settings.receiver_count; i++) { \
			struct delivery *delivery = &notify->delivery[i];      \
                                                                               \
			row(out, name, delivery, (int64_t)(value));            \
		}                                                              \
	} while (0)

void notify_write_metrics(struct evbuffer *out, void *data)
{
	struct notify *notify = data;

	ROWS("delivered_total", "counter", "Changes that the receiver has taken.",
	     delivery->delivered);
	ROWS("failures_total", "counter", "Attempts that failed.", delivery->failed);
	ROWS("refused_total", "counter", "Changes that the receiver refused for good.",
	     delivery->refused);
	ROWS("repeated_total", "counter", "Changes that were no news in their incident.",
	     delivery->repeated);
	ROWS("filtered_total", "counter", "Changes that the receiver is not told.",
	     delivery->filtered);
	ROWS("waiting", "gauge", "Changes in the queue for the receiver.",
	     queue_waiting(notify->queue, delivery->receiver->name));
	ROWS("last_success_timestamp_seconds", "gauge",
	     "When the receiver last took a change; 0: not since the start.", delivery->last_s);
	head(out, "changes_total", "counter", "Changes taken from the log of slash64d.");
	evbuffer_add_printf(out, "slash64_notify_changes_total %" PRIu64 "\n", notify->changes);
	head(out, "last_contact_timestamp_seconds", "gauge",
	     "When slash64d was last heard; 0: not since the start.");
	evbuffer_add_printf(out, "slash64_notify_last_contact_timestamp_seconds %" PRId64 "\n",
			    notify->contact_s);
	head(out, "queue_full", "gauge", "1 while the queue takes no more.");
	evbuffer_add_printf(out, "slash64_notify_queue_full %d\n", (int)notify->is_full);
}
