/* SPDX-License-Identifier: GPL-2.0-only */
/* What 'slash64 init' asks on the terminal: each question shows what was found, and Enter takes it. */
#ifndef SLASH64_CLI_LIB_INIT_QUESTIONS_H
#define SLASH64_CLI_LIB_INIT_QUESTIONS_H

#include "found.h"

/* Which interfaces face outside, from a list of names with blanks or commas between them: is_outside of
 * those, and of no others. -ENODEV and the error: one does not exist, and nothing has changed.
 */
int questions_choose(struct found *found, const char *names, struct error *error);

/* Asks for the interfaces. -ECANCELED at the end of the input. */
int questions_interfaces(struct found *found, struct error *error);

/* Asks for networks, peers and allowed prefixes, each again until slash64d would take the answer. */
int questions_lists(struct found *found, struct error *error);

/* One answer about a list: "", "none", prefixes, or prefixes with "+" to add. -EINVAL and the error: one
 * of them is no prefix, and nothing has changed.
 */
int questions_answer(struct found_list *list, const char *answer, const char *why,
		     struct error *error);

#endif
