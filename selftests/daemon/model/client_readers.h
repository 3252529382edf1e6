/* SPDX-License-Identifier: GPL-2.0-only */
/* Clients that follow the events: each has a request that does not end. */
#ifndef SLASH64_MODEL_CLIENT_READERS_H
#define SLASH64_MODEL_CLIENT_READERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct evbuffer;
struct evhttp_connection;
struct evhttp_request;

#define READERS_MAX 4

struct client_reader {
	struct evhttp_request *request; /* NULL: there is none */
	bool reads;
	bool started, is_gone;
	void (*closed)(struct evhttp_connection *connection, void *data);
	void *closed_data;
	void (*more)(struct evhttp_connection *connection, void *data);
	void *more_data;
	int64_t heard_ns; /* when it was sent something last */
	uint64_t lines;
};

/* NULL: it belongs to none of them. */
struct client_reader *client_reader_of(const struct evhttp_request *request);
struct client_reader *client_reader_at(const struct evhttp_connection *connection);

/* A reader comes. Returns false if there are as many as there may be. */
bool client_reader_start(struct evhttp_request *request, bool reads);
void client_reader_sent(struct client_reader *reader, struct evbuffer *body,
			void (*more)(struct evhttp_connection *, void *), void *data);
/* One goes: libevent tells of it, and has taken the connection away, or not. */
void client_reader_end(unsigned int at, bool is_taken_away);
void client_readers_end(void);
/* What was sent has arrived where somebody reads. */
void client_readers_turn(void);
unsigned int client_readers(void);
/* NULL, or what is wrong: one that reads has heard nothing for too long. */
const char *client_readers_check(void);

#endif
