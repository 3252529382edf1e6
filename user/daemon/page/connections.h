/* SPDX-License-Identifier: GPL-2.0-only */
/* The connections of the page: how many there are, which are idle, and how much waits to be read.
 * libevent tells nobody when it closes one, so each is known by its descriptor and the cookie that
 * the kernel gave its socket: if both still match, it is open, and so is its bufferevent.
 */
#ifndef SLASH64_DAEMON_PAGE_CONNECTIONS_H
#define SLASH64_DAEMON_PAGE_CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* 50 pages have three each: one that asks each second, one that streams events, and one to spare. */
#define PAGE_CONNECTIONS_MAX 192
/* Each gets a millisecond of each turn of the loop. */
#define PAGE_LISTS_MAX	16
#define PAGE_LIST_MAX_S 5
/* Without a whole request, or with an answer that is not read. */
#define PAGE_IDLE_MAX_S 60

struct bufferevent;
struct event_base;
struct evhttp_connection;
struct evhttp_request;
struct page_connections;

/* NULL if out of memory. */
struct page_connections *page_connections_new(struct event_base *base);
void page_connections_free(struct page_connections *connections);

/* A new one, which has no descriptor yet. If there are too many, the one that was idle for longest is
 * closed; if all of them stream, the oldest: a crowd that holds on to what it has keeps nobody out.
 */
void page_connections_add(struct page_connections *connections, struct bufferevent *connection);

/* A whole request came in. `streams`: its answer may take as long as somebody reads it. */
void page_connections_asked(struct page_connections *connections,
			    struct evhttp_connection *connection, bool streams);

/* The answer to that request is a list, made as its reader takes it. Returns whether there is room
 * for one more: at most PAGE_LISTS_MAX are in progress, but one that takes too long makes room.
 */
bool page_connections_list(struct page_connections *connections, struct evhttp_request *request);

unsigned int page_connections_count(struct page_connections *connections);

/* Bytes of answers that are not sent yet, over all of them. */
size_t page_connections_waiting(struct page_connections *connections);

#endif
