/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of prefixes to block, as others publish them. The text is pushed in, cut wherever it is,
 * and what it holds comes out as entries and problems, in the order of the text; that of CrowdSec
 * comes out at the end. A bad line is a problem and never keeps the good ones back.
 *
 * Memory is bounded: a line has at most FEED_LINE_MAX bytes, a CrowdSec text FEED_DOCUMENT_MAX.
 */
#ifndef SLASH64_USER_FEED_H
#define SLASH64_USER_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/prefix.h"

#define FEED_LINE_MAX	  65536U /* bytes of a line, or of a CSV record over several lines */
#define FEED_DOCUMENT_MAX (64U << 20)
#define FEED_TEXT_MAX	  256	     /* of a reason or a ticket, with the final 0 */
#define FEED_ORIGIN_MAX	  64	     /* with the final 0 */
#define FEED_PROBLEM_MAX  192	     /* of the text of a problem, with the final 0 */
#define FEED_RATE_MAX	  100000000U /* packets per second */
#define FEED_BURST_FACTOR 2	     /* times the rate, where a throttle has no burst */
#define FEED_BURST_MAX	  (FEED_RATE_MAX * FEED_BURST_FACTOR)

enum feed_format {
	FEED_AUTO,	/* told from the first bytes that say something */
	FEED_PLAIN,	/* a prefix or an address a line; # and ; start a comment */
	FEED_CSV,	/* RFC 4180, also with ; or tabs; a header line names the columns */
	FEED_DROP,	/* JSON lines of Spamhaus DROP */
	FEED_DROP_TEXT, /* its older form: PREFIX ; SBL1234 */
	FEED_EVE,	/* the alerts in Suricata's eve.json */
	FEED_CROWDSEC,	/* the decisions stream of a CrowdSec LAPI */
	FEED_SLASH64,	/* what `slash64 export` writes */
	FEED_DECISIONS, /* CrowdSec's decisions as an array: the whole set */
	FEED_ABUSEIPDB, /* the blacklist of AbuseIPDB */
	FEED_STIX,	/* indicators of STIX 2.1 */
};

/* By enum feed_format, then NULL. */
extern const char *const feed_format_names[];

enum feed_kind {
	FEED_BLOCK,
	FEED_THROTTLE,
	FEED_ALLOW,
	FEED_REMOVE, /* a decision of CrowdSec that is over */
};

/* The texts live as long as the call they come with. They are NULL where there is nothing;
 * otherwise UTF-8 without control characters, which became '?', as did bytes that were no UTF-8.
 */
struct feed_entry {
	unsigned int line; /* from 1; where it begins */
	enum feed_kind kind;
	struct prefix prefix;  /* an address without a length is one of 128 bits */
	enum prefix_note note; /* of prefix_parse_whole() */
	const char *origin;    /* FEED_SLASH64 only */
	const char *reason, *ticket;
	int64_t start_ms, until_ms; /* since 1970, FEED_SLASH64 only; 0: not given */
	int64_t for_ms;		    /* from now on; 0: not given */
	uint32_t rate, burst;	    /* of FEED_THROTTLE: packets per second, packets; 1 or more */
};

/* An interface that was attached by hand, FEED_SLASH64 only: words as `slash64 attach` takes them. `filter` may be NULL. */
struct feed_iface {
	unsigned int line;
	const char *name, *mode, *filter;
};

struct feed_callbacks {
	/* false: no more entries and problems are wanted */
	bool (*entry)(const struct feed_entry *entry, void *data);
	/* One line of text, without control characters, shorter than FEED_PROBLEM_MAX. */
	void (*problem)(unsigned int line, const char *text, void *data);
	/* NULL: they are ignored */
	void (*iface)(const struct feed_iface *iface, void *data);
};

struct feed;

/* NULL where memory is out. The callbacks are copied. */
struct feed *feed_open(enum feed_format format, const struct feed_callbacks *callbacks, void *data);
void feed_close(struct feed *feed);

/* More of the text. 0, -ECANCELED once entry() has said false, or -ENOMEM. */
int feed_text(struct feed *feed, const char *text, size_t bytes);

/* There is no more. As feed_text(), or -EBADMSG where feed_is_incomplete(). */
int feed_end(struct feed *feed);

/* FEED_AUTO as long as it is not known, and where it is none of these. */
enum feed_format feed_format_of(const struct feed *feed);

/* After feed_end(): was it cut short? So it is where a DROP list has not the records it says, where
 * the last line has no end and makes no sense, or where a CrowdSec document does not end. Who
 * replaces a set by this feed would lose entries.
 */
bool feed_is_incomplete(const struct feed *feed);

/* Counts so far: of lines; of calls of entry() and of problem(); of what is well-formed and says
 * nothing of a prefix to block, such as an event that is no alert.
 */
uint64_t feed_lines(const struct feed *feed);
uint64_t feed_entries(const struct feed *feed);
uint64_t feed_problems(const struct feed *feed);
uint64_t feed_ignored(const struct feed *feed);

#endif
