/* SPDX-License-Identifier: GPL-2.0-only */
/* What was decided about proposals of detection: which were applied, which dismissed. Open ones are
 * not here: they are found again after a start, if they still hold.
 */
#ifndef SLASH64_DAEMON_STORE_TABLES_STORE_PROPOSALS_H
#define SLASH64_DAEMON_STORE_TABLES_STORE_PROPOSALS_H

#include "daemon/store/store.h"

#define STORE_PROPOSALS_MAX 1024 /* the newest are kept */

struct store_proposal {
	int64_t id;
	const char *rule; /* its name */
	struct prefix prefix;
	bool is_applied;   /* otherwise dismissed */
	unsigned int step; /* of the ladder, from 0: of its last block */
	int64_t since_ms;  /* since 1970 */
	int64_t decided_ms;
	int64_t until_ms;	  /* of the block, or of the dismissal; 0: as long as it lasts */
	int64_t applied_until_ms; /* of its last block; 0: it had none */
	bool is_by_rule;	  /* its rule applied it */
	double share;		  /* of all packets of the router, when it was decided */
};

int store_proposal_put(struct store *store, const struct store_proposal *proposal,
		       struct error *error);

/* All of them, oldest first; the texts are valid until the callback returns. */
typedef void (*store_proposal_each_t)(const struct store_proposal *proposal, void *data);
int store_proposals(struct store *store, store_proposal_each_t each, void *data,
		    struct error *error);

/* Numbers of proposals from *next on were never given. */
int store_proposal_next(struct store *store, int64_t *next, struct error *error);
int store_proposal_next_put(struct store *store, int64_t next, struct error *error);

#endif
