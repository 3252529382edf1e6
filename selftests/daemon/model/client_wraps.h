/* SPDX-License-Identifier: GPL-2.0-only */
/* Replacements of functions of libevent, and of api/http/caller.c (-Wl,--wrap; model.mk). */
#ifndef SLASH64_MODEL_CLIENT_WRAPS_H
#define SLASH64_MODEL_CLIENT_WRAPS_H

struct evbuffer;
struct event_base;
struct evhttp;
struct evhttp_connection;
struct evhttp_request;
struct actor;
struct bufferevent;
struct timeval;

void __wrap_evhttp_set_gencb(struct evhttp *http, void (*handle)(struct evhttp_request *, void *),
			     void *data);
void __wrap_evhttp_send_reply(struct evhttp_request *request, int code, const char *reason,
			      struct evbuffer *body);
void __wrap_evhttp_send_error(struct evhttp_request *request, int code, const char *reason);
void __wrap_evhttp_send_reply_start(struct evhttp_request *request, int code, const char *reason);
void __wrap_evhttp_send_reply_chunk_with_cb(struct evhttp_request *request, struct evbuffer *body,
					    void (*more)(struct evhttp_connection *, void *),
					    void *data);
void __wrap_evhttp_send_reply_end(struct evhttp_request *request);
struct evhttp_connection *__wrap_evhttp_request_get_connection(struct evhttp_request *request);
struct event_base *__wrap_evhttp_connection_get_base(struct evhttp_connection *connection);
void __wrap_evhttp_connection_set_closecb(struct evhttp_connection *connection,
					  void (*closed)(struct evhttp_connection *, void *),
					  void *data);
struct bufferevent *__wrap_evhttp_connection_get_bufferevent(struct evhttp_connection *connection);
int __wrap_bufferevent_getfd(struct bufferevent *socket);
int __wrap_bufferevent_set_timeouts(struct bufferevent *socket, const struct timeval *read,
				    const struct timeval *write);
void __wrap_bufferevent_setwatermark(struct bufferevent *socket, short events, size_t low,
				     size_t high);
void __wrap_caller_of(struct evhttp_request *request, struct actor *actor);

#endif
