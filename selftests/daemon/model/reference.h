/* SPDX-License-Identifier: GPL-2.0-only */
/* What slash64 promises, and nothing of how: what is said of a source, by whom, until when; allow beats block; of what is
 * blocked the longest match counts, and of that the strictest; what is refused has changed nothing.
 */
#ifndef SLASH64_MODEL_REFERENCE_H
#define SLASH64_MODEL_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/prefix.h"
#include "world.h"

#define ROWS_MAX	2600
#define ALLOWLIST_MAX	1500
#define ORIGIN_MAX	24
#define TEXT_MAX	72
#define LIST_MAX	24
#define IFACES_MAX	4
#define HAND_MAX	6
#define OWNS_MAX	4
#define FILLER_MAX	1200 /* sources of a list that fills the table */
#define RATES_MAX	64   /* different limits of throttles there can be */
#define TOLERANCE_MAX_S 300  /* an oracle: independent of slash64/gcra.h */

bool ref_lies_in(const struct prefix *inner, const struct prefix *outer);

/* --- who a source is --- */

enum sources_variant {
	SOURCES_NONE,
	SOURCES_LENGTHS, /* customers of 2001:db8:5600::/40 have a /56 */
	SOURCES_NAT64,	 /* a translator has 2001:db8:64::/96 */
	SOURCES_BOTH,
	SOURCES_VARIANTS
};

enum target_verdict {
	TARGET_OK,
	TARGET_UNSAFE, /* takes force */
	TARGET_NONE,   /* no source at all */
};

/* What somebody means who writes that. *said: length 0 where it is the prefix itself. */
enum target_verdict ref_target(enum sources_variant sources, const char *text,
			       struct prefix *prefix, struct prefix *said);

/* --- what is said --- */

struct ref_row {
	struct prefix prefix, said;
	char origin[ORIGIN_MAX], reason[TEXT_MAX], ticket[TEXT_MAX];
	bool throttle, any_reason; /* any_reason: that of a format, which says it in its own way */
	bool maybe;		   /* it may have been put anew, or not, as it was of any reason */
	bool is_changed;	   /* by a list: since when stays, and ends count anew */
	int64_t from_ms;	   /* what they count from, where it is changed */
	uint32_t rate, burst;
	int64_t start_ms; /* -1: not seen yet, but between these: */
	int64_t start_from_ms, start_to_ms;
	int64_t span_ms;    /* 0: no end, or until_ms says it */
	int64_t until_ms;   /* 0: no end, or not seen yet */
	unsigned int stamp; /* of the step that put it there last */
	unsigned int named; /* of the restore that named it last */
};

struct ref_allow {
	struct prefix prefix;
	char origin[ORIGIN_MAX], reason[TEXT_MAX];
	unsigned int stamp;
	bool maybe; /* it may have been put anew, or not: nobody can tell the difference */
};

/* A row that this step took out. */
struct ref_gone {
	const char *action; /* as the log has it */
	struct prefix prefix;
	char origin[ORIGIN_MAX];
};

/* --- what a configuration says --- */

enum ref_policy {
	REF_POLICY_NONE,
	REF_POLICY_PROFILE, /* {profile: edge} */
	REF_POLICY_CLASS,   /* {classes: {…}} */
	REF_POLICIES
};

struct ref_iface {
	char name[IF_NAMESIZE];
	int filter; /* -1: not given; 0 enforce, 1 monitor */
	enum ref_policy policy;
	bool ipv4;
};

struct ref_entry {
	char text[48];
	bool force;
	char reason[TEXT_MAX];
};

struct ref_config {
	struct ref_entry allow[LIST_MAX], block[LIST_MAX];
	unsigned int allowlist, blocks;
	char peer[LIST_MAX][48], own[OWNS_MAX][48];
	unsigned int peers, owns;
	struct ref_iface iface[IFACES_MAX];
	unsigned int ifaces;
	enum sources_variant sources;
	int filter; /* of all: -1, 0, 1 */
	bool bogons, feed;
	unsigned int many_allowed; /* beside those, so many that no table has room for them */
	bool is_garbage;
};

/* --- all of it --- */

struct ref_hand { /* an interface attached by hand */
	char name[IF_NAMESIZE];
	int filter;
};

struct ref_state {
	struct ref_config config; /* in force */
	struct ref_hand hand[HAND_MAX];
	unsigned int hands;
	char detached[HAND_MAX][IF_NAMESIZE]; /* configured ones, by hand, until the next reload */
	unsigned int detacheds;
	unsigned int rows, allowlist, gones;
	unsigned int stamp;
	unsigned char filler[FILLER_MAX / 8]; /* a bit for each that is blocked */
	const char *action; /* of what this step puts, in the log; NULL: what it is */
	struct ref_allow allow[ALLOWLIST_MAX];
	struct ref_row row[ROWS_MAX];
	struct ref_gone gone[ROWS_MAX + ALLOWLIST_MAX];
};

void ref_copy(struct ref_state *to, const struct ref_state *from);
/* A step begins. */
void ref_begin(struct ref_state *state);

struct ref_row *ref_find(struct ref_state *state, const struct prefix *prefix, const char *origin,
			 const struct prefix *said);
/* Replaces one with the same prefix, origin and what was said. */
void ref_put(struct ref_state *state, const struct ref_row *row);
void ref_remove(struct ref_state *state, struct ref_row *row);
struct ref_allow *ref_allow_find(struct ref_state *state, const struct prefix *prefix,
				 const char *origin);
void ref_allow_put(struct ref_state *state, const struct prefix *prefix, const char *origin,
		   const char *reason);
void ref_allow_remove(struct ref_state *state, struct ref_allow *allow);
/* What has ended by then goes; returns how much. */
unsigned int ref_expire(struct ref_state *state, int64_t now_ms);
/* When the next row ends; 0: none does. */
int64_t ref_next_end(const struct ref_state *state);
int64_t ref_until(const struct ref_row *row);

enum ref_fate { REF_OPEN, REF_BLOCKED, REF_THROTTLED };

struct ref_verdict {
	enum ref_fate fate;
	bool allowed;
	uint32_t rate, burst;
	const struct ref_row *why;
};

/* Of an address, or an IPv4 address as the mapped one. */
struct ref_verdict ref_verdict(const struct ref_state *state, const struct in6_addr *address);

/* --- may it be? --- */

/* Is anything allowed around it, or within it? */
bool ref_allowed_around(const struct ref_state *state, const struct prefix *prefix);
bool ref_allowed_within(const struct ref_state *state, const struct prefix *prefix);
/* By what the kernel knows, and the peers of a configuration. `ssh`: of who asks, or NULL. */
bool ref_is_guarded(const struct ref_config *config, const struct prefix *prefix,
		    const struct in6_addr *ssh);
/* Wider than what one customer has, and no source. */
bool ref_is_wide(enum sources_variant sources, const struct prefix *prefix);
/* Of the next prefix around this one of which something is said, the strictest; NULL: there is none. */
const struct ref_row *ref_around(const struct ref_state *state, const struct prefix *prefix);
/* Shorter than what is ever meant. */
bool ref_is_short(const struct prefix *prefix);
/* Different limits of throttles in the rows; with one more. */
unsigned int ref_rates(const struct ref_state *state, uint32_t rate, uint32_t burst, bool *known);

/* A configuration comes into force. `start`: an entry that is refused is left out; else it refuses all of it. */
enum ref_take {
	REF_TAKEN,
	REF_REFUSED,
	REF_NO_ROOM,
};

enum ref_take ref_take_config(struct ref_state *state, const struct ref_config *config, bool start,
			      int64_t from_ms, int64_t to_ms);

/* Is the interface to be filtered, and how? `link` is one that is there. */
struct ref_filtering {
	bool wanted, monitor, ipv4;
};

struct ref_filtering ref_filtering(const struct ref_state *state, const struct model_link *link);
/* One that was renamed is told by its program, until something else goes by its name, or that is not wanted any more. */
void ref_forget_renamed(const struct ref_state *state);

#endif
