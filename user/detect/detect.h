/* SPDX-License-Identifier: GPL-2.0-only */
/* Detection: from samples to prefixes that have been over a rule's thresholds for long enough, and
 * until they no longer are. A pure library: it has no clock, and whoever feeds it tells the time,
 * in milliseconds that only grow. Of fixed size, whatever the traffic.
 *
 * design.md, "Detection", says what is exact and what is estimated.
 */
#ifndef SLASH64_DETECT_DETECT_H
#define SLASH64_DETECT_DETECT_H

#include "heavy.h"
#include "measure.h"
#include "rules.h"

#define DETECT_WINDOW_MS 1000

/* Before it is opened, it is counted exactly for at least so long, and at most so long from then on. */
#define DETECT_EXACT_MIN_MS 1000
#define DETECT_EXACT_MAX_MS 10000

/* Prefixes that are followed at a time. A new one without room replaces the least of those with a
 * hash near its own, but none that is kept.
 */
#define DETECT_TRACK_SETS 128
#define DETECT_TRACK_SET  8
#define DETECT_TRACKS	  (DETECT_TRACK_SETS * DETECT_TRACK_SET)

enum detect_state {
	DETECT_FREE,
	DETECT_RISING, /* over the thresholds, but not for long enough */
	DETECT_OPEN,   /* it was, and it is not over */
};

/* Why an attack is over. */
enum detect_end {
	DETECT_END_BELOW,     /* below, for long enough */
	DETECT_END_WIDER,     /* a wider prefix stands for it */
	DETECT_END_DISPLACED, /* by louder ones, of which there were too many */
	DETECT_END_RULE,      /* its rule was changed */
};

/* What was counted exactly, by the datapath, of a prefix, in the classes of its rule. */
struct detect_exact {
	uint64_t packets, bytes, syn;
	uint64_t dropped, blocked; /* by the policy; by a block or a throttle */
	uint64_t proven;	   /* from sources that are proven */
	uint64_t all_packets;	   /* in all classes */
	uint64_t us;		   /* microseconds since it was begun */
};

struct detect_track {
	uint8_t state;	      /* enum detect_state */
	uint8_t rule;	      /* index */
	uint8_t level;	      /* index */
	uint8_t length;	      /* of the prefix; a source at the first level may have another */
	bool is_source;	      /* it is what the limiter takes for one source */
	bool is_kept;	      /* set by whoever has acted on it: it is displaced by none */
	bool is_seen;	      /* in this window */
	uint8_t misses;	      /* windows in a row below the thresholds, while it rises */
	uint64_t key, hi, lo; /* hi, lo: one of its addresses, host order */
	uint64_t since_ms;    /* over the thresholds since then */
	uint64_t below_ms;    /* below the end's thresholds since then; 0: it is not */
	uint32_t windows;     /* that count in `average` */
	struct {
		uint32_t windows;
		uint64_t samples, packets;
		struct detect_values sum;
	} rising;		      /* without the first window, if there are others */
	struct detect_values average; /* of late */
	struct detect_values now;     /* in the last window */
	struct detect_values peak;
	/* of late: of the attack, of its prefix in the classes of the rule, and in all classes */
	double packets, rule_packets, all_packets;
	double share;	 /* of all packets of the router, in the last window */
	uint32_t spared; /* the most sources at a time that do not take part */
	uint32_t spared_known;
	struct heavy_spared example[HEAVY_SPARED_MAX];
	bool is_counted;     /* exactly, at the moment */
	uint32_t counter;    /* belongs to count() */
	uint64_t counted_ms; /* since then */
	bool is_proven;	     /* when it was last counted: most of it came from proven sources */
	uint64_t proven_ms;  /* since then */
	/* belong to on_open(), which gives it a number; 0 before */
	uint64_t id;
	uint32_t slot;
};

struct detect_events {
	/* It has been over the thresholds for long enough. */
	void (*on_open)(struct detect_track *track, void *data);
	/* An open one is over. */
	void (*on_end)(const struct detect_track *track, enum detect_end why, void *data);
	/* A window has ended for an open one. May be NULL. */
	void (*on_window)(struct detect_track *track, void *data);
	/* Exact counting; all three NULL: there is none, and what was sampled has to do. Begins,
	 * and sets track->counter; false: there is no room yet.
	 */
	bool (*count)(struct detect_track *track, void *data);
	void (*counted)(const struct detect_track *track, struct detect_exact *exact, void *data);
	void (*count_end)(const struct detect_track *track, void *data);
	void *data;
};

struct detect {
	struct s64_seed seed;
	struct detect_rules rules;
	struct detect_events events;
	struct measure measure;
	struct heavy *heavy;
	struct detect_track *track;
	uint64_t window_ms; /* it began then; 0: none has */
	uint64_t now_ms;
	uint64_t no_room;  /* prefixes that were not followed, ever */
	uint64_t windows;  /* ever */
	unsigned int rule; /* whose candidates are looked at */
};

/* Without rules, until detect_configure(). */
void detect_init(struct detect *detect, const struct s64_seed *seed,
		 const struct detect_events *events);
void detect_free(struct detect *detect);

/* Rules that have not changed keep what they follow. -ENOMEM, and nothing has changed. */
int detect_configure(struct detect *detect, const struct detect_rules *rules);

static inline bool detect_is_on(const struct detect *detect)
{
	return detect->rules.count;
}

/* A sample, as the datapath wrote it. */
void detect_feed(struct detect *detect, const struct s64_sample *sample);

/* All samples until `now_ms` were fed. Calls on_... */
void detect_tick(struct detect *detect, uint64_t now_ms);

/* It is to be found, counted and proven again before it is opened again. */
void detect_begin_again(struct detect *detect, uint64_t id);

/* The share of the packets in it that are not part of the attack, 0 to 1. */
double detect_collateral(const struct detect_track *track);

/* The track that bears an id of on_open(); NULL if it is over. */
struct detect_track *detect_track_of(const struct detect *detect, uint64_t id);

/* Bytes, which do not change until the rules do. */
size_t detect_memory(const struct detect *detect);

#endif
