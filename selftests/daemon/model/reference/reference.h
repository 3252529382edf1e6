/* SPDX-License-Identifier: GPL-2.0-only */
/* The promises of slash64, without their implementation: what is listed for a source, by whom,
 * until when; allow beats block; of the blocks the longest match counts, and of these the
 * strictest; a refused request has changed nothing.
 */
#ifndef SLASH64_MODEL_REFERENCE_H
#define SLASH64_MODEL_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/prefix.h"
#include "../world.h"

#define ROWS_MAX	2600
#define ALLOWLIST_MAX	1500
#define ORIGIN_MAX	24
#define TEXT_MAX	72
#define LIST_MAX	24
#define IFACES_MAX	4
#define HAND_MAX	6
#define OWNS_MAX	4
#define FILLER_MAX	1200 /* sources of a list that fills the table */
#define ACTED_MAX	64
#define FUSE_MAX	20  /* actions of rules in an hour */
#define RATES_MAX	64  /* how many different limits of throttles there can be */
#define TOLERANCE_MAX_S 300 /* an oracle: independent of slash64/gcra.h */

bool ref_lies_in(const struct prefix *inner, const struct prefix *outer);

/* --- the source of an address --- */

enum sources_variant {
	SOURCES_NONE,
	SOURCES_LENGTHS, /* customers in 2001:db8:5600::/40 have a /56 */
	SOURCES_NAT64,	 /* a translator has 2001:db8:64::/96 */
	SOURCES_BOTH,
	SOURCES_VARIANTS
};

enum target_verdict {
	TARGET_OK,
	TARGET_UNSAFE, /* needs force */
	TARGET_NONE,   /* no source at all */
};

/* The meaning of a written prefix. *said: length 0 if it is the prefix itself. */
enum target_verdict ref_target(enum sources_variant sources, const char *text,
			       struct prefix *prefix, struct prefix *said);

/* --- listed entries --- */

struct ref_row {
	struct prefix prefix, said;
	char origin[ORIGIN_MAX], reason[TEXT_MAX], ticket[TEXT_MAX];
	bool throttle, any_reason; /* any_reason: of a format that writes it in its own way */
	bool maybe;	 /* may have been put again, or not, because its reason is unknown */
	bool is_changed; /* by a list: the start stays, and durations count again */
	int64_t from_ms; /* from when they count, if it changes */
	uint32_t rate, burst;
	int64_t start_ms; /* -1: not seen yet, but between these: */
	int64_t start_from_ms, start_to_ms;
	int64_t span_ms;    /* 0: no end, or until_ms has it */
	int64_t slack_ms;   /* so much longer it may be, by chance */
	int64_t until_ms;   /* 0: no end, or not seen yet */
	unsigned int stamp; /* of the step that put it last */
	unsigned int named; /* of the restore that named it last */
};

struct ref_allow {
	struct prefix prefix;
	char origin[ORIGIN_MAX], reason[TEXT_MAX];
	unsigned int stamp;
	bool maybe; /* may have been put again, or not: there is no visible difference */
};

/* A row that this step removed. */
struct ref_gone {
	const char *action; /* as in the log */
	struct prefix prefix;
	char origin[ORIGIN_MAX];
};

/* --- the contents of a configuration --- */

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

/* Blocks that become routes of the kernel. */
struct ref_announce {
	bool is_on, dry_run;
	uint32_t table, max;
	unsigned int origins; /* of ref_announce_origins */
};

#define ANNOUNCE_CHOICES 3
#define ANNOUNCE_ORIGINS 2

extern const char *const ref_announce_origins[ANNOUNCE_CHOICES][ANNOUNCE_ORIGINS];

struct ref_config {
	struct ref_entry allow[LIST_MAX], block[LIST_MAX];
	unsigned int allowlist, blocks;
	char peer[LIST_MAX][48], own[OWNS_MAX][48];
	unsigned int peers, owns;
	struct ref_iface iface[IFACES_MAX];
	unsigned int ifaces;
	enum sources_variant sources;
	int filter; /* of all interfaces: -1, 0, 1 */
	bool bogons, feed;
	unsigned int many_allowed; /* besides those, more than any table has room for */
	bool is_garbage;
	struct ref_announce announce;
};

/* --- the whole state --- */

struct ref_hand { /* an interface attached by hand */
	char name[IF_NAMESIZE];
	int filter;
};

struct ref_state {
	struct ref_config config; /* in force */
	struct ref_hand hand[HAND_MAX];
	unsigned int hands;
	/* configured ones, detached by hand until the next reload */
	char detached[HAND_MAX][IF_NAMESIZE];
	unsigned int detacheds;
	unsigned int rows, allowlist, gones;
	unsigned int stamp;
	unsigned char filler[FILLER_MAX / 8]; /* a bit for each blocked one */
	/* when rules of detection acted, and when the fuse blew; 0: it did not */
	int64_t acted_ms[ACTED_MAX], blown_ms;
	unsigned int acted;
	const char *action; /* the action in the log of what this step puts; NULL: its kind */
	struct ref_allow allow[ALLOWLIST_MAX];
	struct ref_row row[ROWS_MAX];
	struct ref_gone gone[ROWS_MAX + ALLOWLIST_MAX];
};

void ref_copy(struct ref_state *to, const struct ref_state *from);
/* A step begins. */
void ref_begin(struct ref_state *state);

struct ref_row *ref_find(struct ref_state *state, const struct prefix *prefix, const char *origin,
			 const struct prefix *said);
/* Replaces one with the same prefix, origin and `said`. */
void ref_put(struct ref_state *state, const struct ref_row *row);
void ref_remove(struct ref_state *state, struct ref_row *row);
struct ref_allow *ref_allow_find(struct ref_state *state, const struct prefix *prefix,
				 const char *origin);
void ref_allow_put(struct ref_state *state, const struct prefix *prefix, const char *origin,
		   const char *reason);
void ref_allow_remove(struct ref_state *state, struct ref_allow *allow);
/* The log must have a row of that, which changes nothing by itself. */
void ref_note(struct ref_state *state, const char *action, const struct prefix *prefix,
	      const char *origin);
/* Removes rows that have expired by then; returns how many. */
unsigned int ref_expire(struct ref_state *state, int64_t now_ms);
/* When the next row expires; 0: none does. */
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

/* --- what rules do by themselves --- */

enum ref_fuse {
	REF_FUSE_HOLDS,
	REF_FUSE_FULL, /* blows with the next action */
	REF_FUSE_BLOWN,
	REF_FUSE_UNSURE, /* an hour is over just now */
};

enum ref_fuse ref_fuse(const struct ref_state *state, int64_t now_ms);
void ref_act(struct ref_state *state, int64_t now_ms);

/* --- routes --- */

#define ANNOUNCE_LOOKED_AT 4 /* times `max`: more blocks may be left out */

/* May the block of that row be a route? false also if something else keeps it from being one. */
bool ref_is_announced(const struct ref_state *state, const struct ref_row *row);
/* The same of a prefix, whatever row it has. */
bool ref_is_announced_prefix(const struct ref_state *state, const struct prefix *prefix);
/* How many rows are of the chosen origins and lengths, guarded or not. */
unsigned int ref_announce_rows(const struct ref_state *state);

/* --- guard rails --- */

/* Is anything allowed around it, or within it? */
bool ref_allowed_around(const struct ref_state *state, const struct prefix *prefix);
bool ref_allowed_within(const struct ref_state *state, const struct prefix *prefix);
/* By addresses known to the kernel, and peers of a configuration. `ssh`: the client's address, or
 * NULL.
 */
bool ref_is_guarded(const struct ref_config *config, const struct prefix *prefix,
		    const struct in6_addr *ssh);
/* Wider than one customer, and no source. */
bool ref_is_wide(enum sources_variant sources, const struct prefix *prefix);
/* Would a row of `before` be blocked that a guard rail protects, as something that was allowed there
 * is not allowed in `after`? without_config: by rows of others than the configuration.
 */
bool ref_is_kept_out(const struct ref_state *before, const struct ref_state *after,
		     const struct ref_config *config, bool without_config);
/* The strictest entry of the nearest listed prefix around it; NULL: none. */
const struct ref_row *ref_around(const struct ref_state *state, const struct prefix *prefix);
/* Shorter than anything that can be meant. */
bool ref_is_short(const struct prefix *prefix);
/* The number of different limits of throttles in the rows, with one more. */
unsigned int ref_rates(const struct ref_state *state, uint32_t rate, uint32_t burst, bool *known);

/* A configuration comes into force. `start`: a refused entry is left out; otherwise it refuses all
 * of it.
 */
enum ref_take {
	REF_TAKEN,
	REF_REFUSED,
	REF_NO_ROOM,
};

enum ref_take ref_take_config(struct ref_state *state, const struct ref_config *config, bool start,
			      int64_t from_ms, int64_t to_ms);

/* Should the interface be filtered, and how? `link` exists. */
struct ref_filtering {
	bool wanted, monitor, ipv4;
};

struct ref_filtering ref_filtering(const struct ref_state *state, const struct model_link *link);
/* A renamed one is recognised by its program, until something else has its name, or it is no longer
 * wanted.
 */
void ref_forget_renamed(const struct ref_state *state);

#endif
