/* SPDX-License-Identifier: GPL-2.0-only */
/* What the words of a command may be. Each returns an exit code where a word is none of that,
 * having said so, or -1 to go on. A word that is NULL was not given: it is fine, and *value is left
 * alone.
 */
#ifndef SLASH64_CLI_WORDS_H
#define SLASH64_CLI_WORDS_H

#include <jansson.h>

#include "cli/command.h"
#include "net/prefix_typed.h"
#include "base/when.h"

/* A prefix or an address, of IPv6 or IPv4. What may be done with it, the daemon decides. */
int words_prefix(const struct context *context, const char *text);

/* All words of the command, and ranges FROM-TO as the few prefixes that make them up, in a list of one and more. */
int words_prefixes(const struct context *context, json_t **list);
/* As `prefix` of a body, or `prefixes` where they are several; takes the list over. */
void prefixes_add(json_t *body, json_t *list);
/* The same of a query. */
char *prefixes_add_query(char *path, json_t *list);

/* An address alone. */
int words_address(const struct context *context, const char *text);

/* --OPTION DURATION, in milliseconds. */
int words_duration(const struct context *context, const char *option, const char *text,
		   int64_t *ms);

/* --OPTION TIME, in microseconds since 1970: when_parse() says what is read, and what the reference is for. */
int words_time(const struct context *context, const char *option, const char *text,
	       int64_t reference_us, enum when_side side, int64_t *us);

/* --OPTION NUMBER, whole, at least `min`; the daemon knows the upper bound. */
int words_whole(const struct context *context, const char *option, const char *text, int64_t min,
		int64_t *value);

/* The largest that slash64d takes. */
int words_at_most(const struct context *context, const char *option, const char *text,
		  int64_t value, int64_t max);

/* --OPTION WORD, one of a list that ends with NULL. */
int words_choice(const struct context *context, const char *option, const char *text,
		 const char *const *choices);

/* --OPTION TEXT, that slash64d takes: UTF-8 without control characters, and not too long. */
int words_text(const struct context *context, const char *option, const char *text);
/* --origin NAME, of what is blocked by hand or by a list. */
int words_origin(const struct context *context, const char *text);
/* All of --reason, --ticket, --because and --origin that were given. */
int words_texts(const struct context *context, const struct option_spec *specs);

#endif
