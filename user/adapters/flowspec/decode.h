/* SPDX-License-Identifier: GPL-2.0-only */
/* What ExaBGP 4.2 and 5.0 tell on standard output, a line of JSON each, and which rules of it slash64
 * can execute exactly: a block or a throttle of a source. Everything else is refused, with the reason.
 */
#ifndef SLASH64_ADAPTERS_FLOWSPEC_DECODE_H
#define SLASH64_ADAPTERS_FLOWSPEC_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#include "net/prefix.h"

#define FLOW_PEER_MAX	64
#define FLOW_KEY_MAX	2048
#define FLOW_ACTION_MAX 128

/* Why a rule is not executed. */
enum flow_refusal {
	FLOW_EXECUTED,
	FLOW_COMPONENT,	 /* it matches on something beside the source, and not on all of that */
	FLOW_NO_SOURCE,	 /* it does not name a source, or all of them */
	FLOW_OFFSET,	 /* a part of an address (RFC 8956, 3.1) */
	FLOW_PREFIX,	 /* not readable */
	FLOW_IPV4,	 /* slash64 would block all forms of the address */
	FLOW_ACTION,	 /* an action that it does not have, several, or none */
	FLOW_RATE_BYTES, /* it limits packets */
	FLOW_RATE,	 /* not a whole number of packets per second */
	FLOW_RATE_WIDE,	 /* each source of the prefix would have the rate to itself */
	FLOW_NEIGHBOR,	 /* of a neighbour that is not accepted */
	FLOW_WITHIN,	 /* outside of what is accepted */
	FLOW_INVALID,	 /* RFC 8955, 6: it has no destination */
	FLOW_NO_ROOM,
	FLOW_REFUSALS
};

/* A word, and a sentence for people; that of FLOW_COMPONENT is about what the rule matches. */
extern const char *const flow_refusal_names[FLOW_REFUSALS];
extern const char *const flow_refusal_texts[FLOW_REFUSALS];

struct flow_rule {
	char key[FLOW_KEY_MAX]; /* its components, as text that is the same each time */
	bool is_v4;		/* of the family ipv4 flow */
	struct prefix source;	/* of length 0 if it has none that can be read */
	bool blocks;		/* otherwise `rate` packets per second */
	uint32_t rate;
	char action[FLOW_ACTION_MAX]; /* as ExaBGP names it, cut; "" if there is none */
	enum flow_refusal refusal;
};

enum flow_event_kind {
	FLOW_ANNOUNCE,
	FLOW_WITHDRAW,
	FLOW_END_OF_RIB,
	FLOW_UP,
	FLOW_DOWN,
};

struct flow_event {
	enum flow_event_kind kind;
	char peer[FLOW_PEER_MAX];
	struct flow_rule rule; /* of FLOW_ANNOUNCE and FLOW_WITHDRAW; `is_v4` of FLOW_END_OF_RIB */
};

typedef void (*flow_event_t)(const struct flow_event *event, void *data);

/* Returns 0 if the line was understood, also if it is none of our business; -EINVAL if it is not JSON,
 * -EPROTO if it is of another version or lacks what it must have. Then nothing of it was passed on.
 */
int flow_decode(const char *line, flow_event_t take, void *data);

#endif
