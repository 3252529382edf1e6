/* SPDX-License-Identifier: GPL-2.0-only */
/* The decisions stream of a CrowdSec LAPI, {"new":[...],"deleted":[...]}, read as it arrives: one
 * decision is in memory at a time. Nothing may be done with them before stream_end(): the document
 * may break off.
 */
#ifndef SLASH64_ADAPTERS_CROWDSEC_STREAM_H
#define SLASH64_ADAPTERS_CROWDSEC_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/set/key.h"

#define STREAM_DECISION_MAX (64 << 10) /* bytes of a decision */

struct stream_decision {
	bool is_deleted;
	int64_t id; /* 0: it has none */
	struct set_key key;
	bool is_throttle;	       /* or a ban */
	int64_t for_ms;		       /* negative: it is over; INT64_MAX: no end was given */
	const char *origin, *scenario; /* valid during the call, never NULL */
};

enum stream_left_out {
	STREAM_OTHER,	/* another scope or type, or simulated */
	STREAM_INVALID, /* no decision, or of no prefix, or with a value that cannot be read */
	STREAM_LEFT_OUT
};

struct stream_callbacks {
	/* -errno ends the stream with it */
	int (*decision)(const struct stream_decision *decision, void *data);
	void *data;
};

struct stream;

/* NULL if out of memory. */
struct stream *stream_open(const struct stream_callbacks *callbacks);
void stream_close(struct stream *stream);

/* Takes a piece of any size. 0, or -errno once and for all: -EBADMSG if it is no such document. */
int stream_text(struct stream *stream, const char *text, size_t bytes);
/* -EBADMSG if the document is incomplete, or has neither list. */
int stream_end(struct stream *stream);

uint64_t stream_left_out(const struct stream *stream, enum stream_left_out why);

#endif
