/* SPDX-License-Identifier: GPL-2.0-only */
/* Validate arguments. Returns -1 if the argument is valid or absent; otherwise prints an error and
 * returns the exit code. An absent (NULL) argument leaves *value unchanged.
 */
#ifndef SLASH64_CLI_LIB_ARGS_H
#define SLASH64_CLI_LIB_ARGS_H

#include <jansson.h>

#include "cli/command.h"
#include "net/prefix_typed.h"
#include "base/text/when.h"

/* A prefix or an address, of IPv6 or IPv4. What may be done with it is decided by the daemon. */
int words_prefix(const struct context *context, const char *text);

/* All arguments of the command, with ranges FROM-TO expanded to the few prefixes that make them up,
 * as a list.
 */
int words_prefixes(const struct context *context, json_t **list);
/* Sets `prefix` of a body, or `prefixes` if there are several; takes over the list. */
void prefixes_add(json_t *body, json_t *list);
/* The same for a query. */
char *prefixes_add_query(char *path, json_t *list);

/* A single address. */
int words_address(const struct context *context, const char *text);

/* --OPTION DURATION, in milliseconds. */
int words_duration(const struct context *context, const char *option, const char *text,
		   int64_t *ms);

/* --OPTION TIME, in microseconds since 1970: when_parse() describes the forms and the reference. */
int words_time(const struct context *context, const char *option, const char *text,
	       int64_t reference_us, enum when_side side, int64_t *us);

/* --OPTION NUMBER, whole, at least `min`; the daemon checks the upper bound. */
int words_whole(const struct context *context, const char *option, const char *text, int64_t min,
		int64_t *value);

/* The largest that slash64d takes. */
int words_at_most(const struct context *context, const char *option, const char *text,
		  int64_t value, int64_t max);

/* --OPTION WORD, one of a list that ends with NULL. */
int words_choice(const struct context *context, const char *option, const char *text,
		 const char *const *choices);

/* --OPTION TEXT that slash64d accepts: UTF-8 without control characters, and not too long. */
int words_text(const struct context *context, const char *option, const char *text);
/* --origin NAME, of blocks by hand or by a list. */
int words_origin(const struct context *context, const char *text);
/* All of --reason, --ticket, --because and --origin that were given. */
int words_texts(const struct context *context, const struct option_spec *specs);

#endif
