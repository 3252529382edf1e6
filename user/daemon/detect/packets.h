/* SPDX-License-Identifier: GPL-2.0-only */
/* The first packets of each proposal, for whoever has to prove it: captured in the datapath when it
 * opens, one proposal after the other, for a few seconds at most. Of fixed size; the packets of old
 * proposals make room for those of new ones. Off, it costs what a capture costs that is off.
 *
 * A person's capture comes first: it ends ours at once, and none begins while it lasts.
 */
#ifndef SLASH64_DAEMON_DETECT_PACKETS_H
#define SLASH64_DAEMON_DETECT_PACKETS_H

#include "daemon/events/capture.h"
#include "daemon/loop/aside.h"
#include "detect/rules.h"
#include "net/prefix.h"

#define PACKETS_PROPOSALS 64  /* the newest, whose packets are kept */
#define PACKETS_EACH	  32  /* of a proposal */
#define PACKETS_SNAPLEN	  128 /* bytes of a packet */
#define PACKETS_SPAN_MS	  3000
#define PACKETS_TRIES	  5 /* if none come in that time */

/* As it was in a ring. */
union packets_one {
	struct s64_capture_record head;
	uint8_t bytes[sizeof(struct s64_capture_record) + PACKETS_SNAPLEN];
};

struct packets_kept {
	uint64_t id; /* of the proposal; 0: none */
	uint64_t classes;
	uint32_t count;
	union packets_one packet[PACKETS_EACH];
};

enum packets_state {
	PACKETS_OFF,
	PACKETS_OPENING, /* beside the loop */
	PACKETS_ON,
	PACKETS_CLOSING, /* beside the loop */
};

/* Rings are opened and closed beside the loop, by the kernel and for reading, one job after the
 * other, also those of a person's capture: so ours are closed before a person's are opened, if our
 * job was begun before.
 */
struct packets {
	enum packets_state state;
	struct aside *aside;
	struct aside_job opening, closing;
	struct s64_capture_filter filter;
	bool soon;
	int err; /* of the opening */
	struct error error;
	const struct maps *maps;   /* NULL: nothing is captured */
	struct packets_kept *kept; /* PACKETS_PROPOSALS */
	unsigned int next;	   /* the oldest */
	struct packets_kept *of;   /* whose packets are captured now; NULL: nobody's */
	uint64_t kept_id; /* whose last capture kept some, until that is noted; 0: nobody's */
	struct capture capture;
	struct ring_buffer **ring;   /* by CPU */
	uint64_t until_ms, ended_ms; /* CLOCK_MONOTONIC */
	bool has_failed;	     /* and was told */
};

/* -ENOMEM */
int packets_init(struct packets *packets);
void packets_free(struct packets *packets);

/* May one begin? */
bool packets_are_free(const struct packets *packets);
/* Begins to keep the packets from a prefix. `soon`: a capture ended less than PACKETS_LONGEST_MS
 * ago.
 */
void packets_begin(struct packets *packets, uint64_t id, const struct prefix *prefix,
		   uint64_t classes, bool soon, uint64_t now_ms);
/* Takes what has come; ends when there is enough. */
void packets_tick(struct packets *packets, uint64_t now_ms);
/* Ends it at once. */
void packets_end(struct packets *packets, uint64_t now_ms);

/* Are they captured now? */
static inline bool packets_are_of(const struct packets *packets, uint64_t id)
{
	return packets->state != PACKETS_OFF && packets->of->id == id;
}

/* NULL if there are none. */
const struct packets_kept *packets_of(const struct packets *packets, uint64_t id);

#endif
