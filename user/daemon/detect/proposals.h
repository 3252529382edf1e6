/* SPDX-License-Identifier: GPL-2.0-only */
/* Proposals: what detection (user/detect) has found, what a person decided about it, and what rules
 * do by themselves, under guard rails and a fuse.
 *
 * Their number is fixed. What was decided is in the store, in one transaction with the block and its
 * row of the log; what is open is found again after a start.
 */
#ifndef SLASH64_DAEMON_DETECT_PROPOSALS_H
#define SLASH64_DAEMON_DETECT_PROPOSALS_H

#include "daemon/blocks/blocks.h"
#include "daemon/guards/guard_rails.h"
#include "detect/detect.h"
#include "detect/words.h"
#include "exact.h"
#include "fuse.h"
#include "packets.h"
#include "net/limits.h"

#define PROPOSALS_MAX 1536 /* more than are followed: those decided and those over, too */

enum proposal_state {
	PROPOSAL_FREE,
	PROPOSAL_OPEN,
	PROPOSAL_APPLIED,   /* its block or throttle is in force */
	PROPOSAL_DISMISSED, /* by a person */
	PROPOSAL_OVER,	    /* it is never applied after that */
	PROPOSAL_STATES
};

extern const char *const proposal_state_names[];

struct proposal {
	enum proposal_state state;
	uint64_t id;
	struct detect_rule rule; /* as it was when it was opened */
	struct prefix prefix;	 /* in the stored form */
	bool is_source;
	bool is_followed; /* detection says that it goes on */
	bool is_proven;	  /* most of its packets came from proven sources */
	bool is_by_rule;  /* what was done was done by its rule alone */
	bool is_due;	  /* its rule is to act */
	bool is_decided;  /* right now: the commit pauses, and it stays what it is meanwhile */
	bool is_unfound;  /* dismissed as long as it lasts, and not found again since a start */
	bool was_applied; /* at least once */
	bool is_recalled; /* it was applied before a start, and not found again since */
	uint8_t packets_tries; /* how often they may still be captured, as long as none were kept */
	bool is_logged;	       /* the log tells of it, so it also tells of its end */
	bool log_open, log_over;   /* rows that have still to be written */
	unsigned int step;	   /* of the ladder, now */
	unsigned int applied_step; /* of its last block */
	/* milliseconds since 1970; 0: not yet, or without end */
	int64_t since_ms, ended_ms;
	int64_t proven_ms;	  /* since when it is proven */
	int64_t until_ms;	  /* of the block, or of the dismissal */
	int64_t applied_until_ms; /* of its last block */
	struct detect_values measured, peak;
	double collateral_share;
	double share; /* of all packets of the router */
	uint32_t spared;
	uint32_t spared_known;
	struct prefix example[HEAVY_SPARED_MAX]; /* sources in it that take no part */
	char refused[ERROR_TEXT_MAX]; /* why its rule did not act; "": nothing refused it */
};

struct proposals {
	struct blocks *blocks;
	struct protected_addresses *protection;
	struct s64_seed seed;
	struct detect detect;
	struct exact exact;
	struct packets packets;
	struct proposal *entry;	   /* PROPOSALS_MAX */
	uint64_t next_id, ids_end; /* taken from the store in advance */
	uint64_t ids_asked_ms;	   /* when more were asked for */
	bool ids_wait;		   /* for their turn as a change */
	struct fuse fuse;
	bool act_waits;		/* for its turn as a change */
	uint64_t care_ms;	/* of the last care */
	unsigned int looked_at; /* next entry whose block is looked up */
	uint64_t opened, applied_by_rule, no_room;
	uint64_t told_ms; /* start of the minute of those that follow */
	/* opened in it: told one by one, and only counted */
	unsigned int told, untold;
	bool log_failed; /* the last rows could not be written */
};

int proposals_start(struct proposals **proposals, struct blocks *blocks,
		    struct protected_addresses *protection, const struct s64_seed *seed,
		    struct error *error);
void proposals_stop(struct proposals *proposals);

/* Candidates are counted in these maps, by the datapath, before they are proposed, and the first
 * packets of proposals captured. Without it, what was sampled has to do. To be called before there are rules.
 */
void proposals_count_exactly(struct proposals *proposals, struct maps *maps);

/* Takes the rules of a configuration. */
int proposals_configure(struct proposals *proposals, const struct detect_rules *rules,
			struct error *error);

/* All samples until now were fed to proposals->detect. May run a change. */
void proposals_tick(struct proposals *proposals, uint64_t now_ms, struct changes *changes);

/* After the tick. `free_ms`: for so long no person has captured; negative: one does. */
void proposals_keep_packets(struct proposals *proposals, uint64_t now_ms, int64_t free_ms);

struct proposal *proposals_find(struct proposals *proposals, uint64_t id);

/* What guard rails say of it, for who asks; NULL: slash64d itself. 0, or -EPERM or -EINVAL with the
 * error set.
 */
int proposals_check(const struct proposals *proposals, const struct proposal *proposal,
		    const struct actor *actor, struct error *error);

/* How long its block would last, without the random tenth. */
int64_t proposal_for_ms(const struct proposal *proposal);

struct proposal_terms {
	int64_t for_ms;		     /* 0: as its rule says; for a dismissal: as long as it lasts */
	const char *reason, *ticket; /* NULL: none */
};

/* Blocks or throttles it. -ENOENT: there is none with that number. -ESTALE: it is over. -EEXIST: it
 * was applied. -EPERM: a guard rail.
 */
int proposals_apply(struct proposals *proposals, uint64_t id, const struct actor *actor,
		    const struct proposal_terms *terms, struct error *error);
int proposals_dismiss(struct proposals *proposals, uint64_t id, const struct actor *actor,
		      const struct proposal_terms *terms, struct error *error);

/* "packets_per_second 30012 over 5000, syn_share 0.97 over 0.8" */
#define PROPOSAL_WORDS_MAX DETECT_WORDS_MAX
const char *proposal_words(const struct proposal *proposal, char text[PROPOSAL_WORDS_MAX]);

#endif
