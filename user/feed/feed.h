/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of prefixes to block, as others publish them. The text is pushed in, in pieces of any size.
 * Entries and problems come out in the order of the text; CrowdSec's come out at the end. A bad
 * line is a problem, and does not affect the good ones.
 *
 * Memory is bounded: a line has at most FEED_LINE_MAX bytes, a CrowdSec document FEED_DOCUMENT_MAX.
 */
#ifndef SLASH64_FEED_FEED_H
#define SLASH64_FEED_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pace.h"
#include "net/limits.h"
#include "net/prefix.h"

#define FEED_LINE_MAX	  65536U /* bytes of a line, or of a CSV record over several lines */
#define FEED_DOCUMENT_MAX (64U << 20)
#define FEED_PROBLEM_MAX  192 /* of the text of a problem, including the final 0 */

enum feed_format {
	FEED_AUTO,	/* detected from the first significant bytes */
	FEED_PLAIN,	/* a prefix or an address per line; # and ; start a comment */
	FEED_CSV,	/* RFC 4180, also with ; or tabs; a header line names the columns */
	FEED_DROP,	/* JSON lines of Spamhaus DROP */
	FEED_DROP_TEXT, /* the older form: PREFIX ; SBL1234 */
	FEED_EVE,	/* the alerts in Suricata's eve.json */
	FEED_CROWDSEC,	/* the decisions stream of a CrowdSec LAPI */
	FEED_SLASH64,	/* the output of `slash64 export` */
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
	FEED_REMOVE, /* an expired or deleted decision of CrowdSec, or "unblock" of FEED_SLASH64 */
};

/* Texts are valid during the callback. They are NULL if absent; otherwise UTF-8, with control
 * characters and invalid bytes replaced by '?'.
 */
struct feed_entry {
	unsigned int line; /* first line of the entry, from 1 */
	enum feed_kind kind;
	struct prefix prefix;  /* an address without a length has 128 bits */
	enum prefix_note note; /* of prefix_parse_whole() */
	const char *origin;    /* FEED_SLASH64 only */
	const char *reason, *ticket;
	int64_t start_ms, until_ms; /* since 1970, FEED_SLASH64 only; 0: not given */
	int64_t for_ms;		    /* from now; 0: not given */
	uint32_t rate, burst;	    /* of FEED_THROTTLE: packets per second, packets; at least 1 */
};

/* An interface that was attached by hand, FEED_SLASH64 only: arguments as of `slash64 attach`.
 * `filter` may be NULL.
 */
struct feed_iface {
	unsigned int line;
	const char *name, *mode, *filter;
};

struct feed_callbacks {
	/* false: stop, no more entries and problems are wanted */
	bool (*entry)(const struct feed_entry *entry, void *data);
	/* One line of text, without control characters, shorter than FEED_PROBLEM_MAX. */
	void (*problem)(unsigned int line, const char *text, void *data);
	/* NULL: interfaces are ignored */
	void (*iface)(const struct feed_iface *iface, void *data);
};

struct feed;

/* NULL if out of memory. The callbacks are copied. */
struct feed *feed_open(enum feed_format format, const struct feed_callbacks *callbacks, void *data);
void feed_close(struct feed *feed);

/* Parses more of the text. 0, -ECANCELED once entry() has returned false, or -ENOMEM. */
int feed_text(struct feed *feed, const char *text, size_t bytes);

/* Ends the text. Errors as of feed_text(), and -EBADMSG if feed_is_incomplete(). A JSON document is
 * parsed now, in pieces of some 10 us: others may run in between, but must leave the feed alone.
 */
int feed_end(struct feed *feed, const struct pace *pace);

/* The text of a JSON document, which is no longer needed: the caller frees it, as its size may take
 * some time. NULL if there is none.
 */
char *feed_take_document(struct feed *feed, size_t *bytes);

/* FEED_AUTO while the format is unknown, or if it is none of these. */
enum feed_format feed_format_of(const struct feed *feed);

/* After feed_end(): was the text cut short? True if a DROP list does not have the number of records
 * it states, if the last line has no end and is invalid, or if a CrowdSec document does not end.
 * Replacing a set by such a text would lose entries.
 */
bool feed_is_incomplete(const struct feed *feed);

/* Counts so far: lines; calls of entry() and of problem(); and well-formed items without a prefix
 * to block, such as an event that is no alert.
 */
uint64_t feed_lines(const struct feed *feed);
uint64_t feed_entries(const struct feed *feed);
uint64_t feed_problems(const struct feed *feed);
uint64_t feed_ignored(const struct feed *feed);

/* Parses a duration as Go writes it, "3h59m58.123s" or "-5m", also with days and weeks, to *ms,
 * rounded up; may be 0 or negative. -EINVAL, or -ERANGE beyond 292 years.
 */
int feed_span(const char *text, size_t n, int64_t *ms);

#endif
