/* SPDX-License-Identifier: GPL-2.0-only */
/* Metrics of a program, for Prometheus: text at /metrics, on an address of the configuration. */
#ifndef SLASH64_SERVICE_METRICS_H
#define SLASH64_SERVICE_METRICS_H

#include "base/error.h"

struct event_base;
struct evbuffer;
struct evhttp;

typedef void (*metrics_write_t)(struct evbuffer *out, void *data);

/* Serves at ADDRESS:PORT. NULL, with *error set. Freed by evhttp_free(). */
struct evhttp *metrics_serve(struct event_base *base, const char *listen, metrics_write_t write,
			     void *data, struct error *error);

/* The two lines before the rows of a metric. */
void metrics_head(struct evbuffer *out, const char *name, const char *type, const char *help);

#endif
