/* SPDX-License-Identifier: GPL-2.0-only */
/* The exposition for Prometheus: text format 0.0.4, or OpenMetrics 1.0. */
#ifndef SLASH64_DAEMON_METRICS_H
#define SLASH64_DAEMON_METRICS_H

#include <stdbool.h>

struct daemon;
struct evbuffer;
struct evhttp_request;
struct error;

/* Append the whole exposition. */
void metrics_write(const struct daemon *daemon, bool openmetrics, struct evbuffer *out);

/* Answer a scrape in the format its Accept header asks for. */
void metrics_answer(const struct daemon *daemon, struct evhttp_request *request);

/* Listen where the configuration says, "off" for nowhere. */
int metrics_listen(struct daemon *daemon, struct error *error);
void metrics_close(struct daemon *daemon);

#endif
