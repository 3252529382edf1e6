/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by block, throttle and edit: how an end is given, and how a block is described. */
#ifndef SLASH64_CLI_LIB_BLOCK_WORDS_H
#define SLASH64_CLI_LIB_BLOCK_WORDS_H

#include "cli/command.h"

/* --for, --until, --no-end: at most one of them. */
struct end_words {
	const char *span, *until;
	bool none;
};

/* Sets `for_seconds` or `until` in the body of a request. An exit code, or -1 to go on. */
int end_add(const struct context *context, const struct end_words *end, json_t *body);

/* Adds where the operator is logged in from. */
void ssh_sources_add(json_t *body);

/* "2001:db8::/64 (check ND)", for those who were told the prefix over the telephone. */
void block_print_prefix(const json_t *block);

/* " to 100 packets per second, burst 200" for a throttle, or nothing. */
void block_print_rate(const json_t *block);

/* " (until 21:00 JST; before: until 20:00 JST, reason 'scan')"; `before` may be NULL or null. */
void block_print_end(const json_t *block, const json_t *before);

/* Are they equal in every term? */
bool block_says_same(const json_t *a, const json_t *b);

#endif
