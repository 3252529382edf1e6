/* SPDX-License-Identifier: GPL-2.0-only */
/* Long answers of the control API: a page at a time, as the reader takes them, so a slow reader
 * costs neither memory nor others' time.
 */
#ifndef SLASH64_DAEMON_API_HTTP_STREAM_H
#define SLASH64_DAEMON_API_HTTP_STREAM_H

#include "base/error.h"

struct evhttp_request;
struct evbuffer;
struct task;
struct turns;

struct stream_source {
	/* Appends the next line to the page: 1, or 0 at the end, or -errno. */
	int (*next)(void *data, struct evbuffer *page, struct error *error);
	/* next() is called within that task, and may pause. */
	void (*pace)(void *data, struct task *task);
	void (*close)(void *data);
};

/* Answers the request; `first` is sent before everything else, and may be NULL. Closes `data` at
 * the end, or when nobody reads any more.
 */
void stream_start(struct turns *turns, struct evhttp_request *request,
		  const struct stream_source *source, void *data, struct evbuffer *first);

#endif
