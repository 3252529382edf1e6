/* SPDX-License-Identifier: GPL-2.0-only */
/* A capture as slash64d gives it: its answer is lines of JSON, with the descriptors of the rings
 * beside them (docs/api.md). The capture lasts as long as this connection.
 */
#ifndef SLASH64_CLI_LIB_CAPTURE_SESSION_H
#define SLASH64_CLI_LIB_CAPTURE_SESSION_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"

#define SESSION_LINE_MAX (64 << 10)

struct session {
	int fd; /* -1: not open */
	int *ring;
	size_t rings, rings_wanted;
	json_t *first; /* the first line */
	char line[SESSION_LINE_MAX];
	size_t bytes; /* of `line` */
};

/* Asks for a capture; it runs when this returns 0. A refusal is -EREMOTEIO, with slash64d's line. */
int session_open(struct session *session, const char *socket, const json_t *body,
		 struct error *error);
void session_close(struct session *session);

/* Waits at most so long for a line. The object is the caller's; NULL: none came. -EPIPE: slash64d
 * has ended the capture.
 */
int session_line(struct session *session, int wait_ms, json_t **object);

#endif
