/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files about proposals. */
#ifndef SLASH64_DAEMON_DETECT_PROPOSALS_INTERNAL_H
#define SLASH64_DAEMON_DETECT_PROPOSALS_INTERNAL_H

#include "proposals.h"

/* One whose rule is to act, if the fuse holds. */
void proposals_act(struct proposals *proposals);

/* "detect:RULE" */
const char *proposal_origin(const struct proposal *proposal, char text[ORIGIN_TEXT_MAX]);

/* --- what is told of them: rows in the log of changes, lines in that of slash64d --- */

/* It has opened, or opened again. */
void proposal_tell_open(struct proposals *proposals, struct proposal *proposal);
/* Are there rows to be written? */
bool proposals_have_rows(const struct proposals *proposals);
/* As a change: writes some of them. */
void proposals_write_rows(struct proposals *proposals);

/* It is over: nobody applies it any more. */
void proposal_end(struct proposal *proposal);
/* The same where the attack has ended and nothing was done that lasts longer. */
void proposal_end_unfollowed(struct proposal *proposal);

#endif
