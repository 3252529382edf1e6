/* SPDX-License-Identifier: GPL-2.0-only */
/* Metrics for Prometheus: text format 0.0.4, or OpenMetrics 1.0. */
#ifndef SLASH64_DAEMON_API_METRICS_PROMETHEUS_H
#define SLASH64_DAEMON_API_METRICS_PROMETHEUS_H

#include <stdbool.h>

struct daemon;
struct evbuffer;
struct evhttp_request;
struct error;

/* Appends all metrics. */
void metrics_write(const struct daemon *daemon, bool openmetrics, struct evbuffer *out);

/* Answers a scrape in the format that its Accept header requests. Whoever asks within METRICS_SHARED_MS
 * gets the same text: anybody on this machine may ask, as often as they like.
 */
#define METRICS_SHARED_MS 50
void metrics_answer(struct daemon *daemon, struct evhttp_request *request);
/* Forgets the last text. */
void metrics_text_free(struct daemon *daemon);

/* Listens on the configured address; "off" for none. */
int metrics_listen(struct daemon *daemon, struct error *error);
void metrics_close(struct daemon *daemon);

#endif
