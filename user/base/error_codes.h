/* SPDX-License-Identifier: GPL-2.0-only */
/* The codes of failures: the word that a script tests, and the HTTP status that comes with it. For
 * some of them slash64 knows what to type next. docs/api.md lists them.
 */
#ifndef SLASH64_BASE_ERROR_CODES_H
#define SLASH64_BASE_ERROR_CODES_H

/* The first of a status is its general one. */
#define ERROR_CODES(X)                                   \
	X(INVALID, "invalid", 400)                       \
	X(EVERYTHING, "everything", 400)                 \
	X(REQUIRED, "required", 400)                     \
	X(NOT_A_THROTTLE, "not-a-throttle", 400)         \
	X(BURST_TOO_LONG, "burst-too-long", 400)         \
	X(READ_ONLY, "read-only", 403)                   \
	X(CROSS_SITE, "cross-site", 403)                 \
	X(NOT_FOUND, "not-found", 404)                   \
	X(NOT_BLOCKED, "not-blocked", 404)               \
	X(BLOCKED_IN_PARTS, "blocked-in-parts", 404)     \
	X(BLOCKED_AROUND, "blocked-around", 404)         \
	X(BLOCKED_BY_SOURCE, "blocked-by-source", 404)   \
	X(NOT_ALLOWED, "not-allowed", 404)               \
	X(NOT_ATTACHED, "not-attached", 404)             \
	X(NOTHING_TO_UNDO, "nothing-to-undo", 404)       \
	X(NOTHING_TO_CONFIRM, "nothing-to-confirm", 404) \
	X(METHOD_NOT_ALLOWED, "method-not-allowed", 405) \
	X(CONFLICT, "conflict", 409)                     \
	X(GUARDED, "guarded", 409)                       \
	X(WIDE, "wide", 409)                             \
	X(WEAKEN, "weaken", 409)                         \
	X(CONFIG_GUARDED, "config-guarded", 409)         \
	X(ALLOWED_BY_HAND, "allowed-by-hand", 409)       \
	X(SEVERAL_ORIGINS, "several-origins", 409)       \
	X(CHANGED_SINCE, "changed-since", 409)           \
	X(CANNOT_UNDO, "cannot-undo", 409)               \
	X(OTHER_NAME, "other-name", 409)                 \
	X(LIST_INCOMPLETE, "list-incomplete", 409)       \
	X(LIST_EMPTY, "list-empty", 409)                 \
	X(LIST_SHRUNK, "list-shrunk", 409)               \
	X(NO_ROOM, "no-room", 409)                       \
	X(NO_RATE, "no-rate", 409)                       \
	X(BUSY, "busy", 409)                             \
	X(UNCONFIRMED, "unconfirmed", 409)               \
	X(TOO_LARGE, "too-large", 413)                   \
	X(ADDRESS_TOO_LONG, "address-too-long", 414)     \
	X(MISDIRECTED, "misdirected", 421)               \
	X(HEADERS_TOO_LARGE, "headers-too-large", 431)   \
	X(FAILED, "failed", 500)                         \
	X(UNAVAILABLE, "unavailable", 503)               \
	X(TOO_MANY_READERS, "too-many-readers", 503)     \
	X(BROKEN_OFF, "broken-off", 503)

enum error_code {
	ERROR_CODE_NONE, /* that of its errno */
#define X(name, word, status) ERROR_##name,
	ERROR_CODES(X)
#undef X
		ERROR_CODE_COUNT
};

#endif
