/* SPDX-License-Identifier: GPL-2.0-only */
/* Words and numbers as a tired person can read them. */
#ifndef SLASH64_CLI_PRINT_H
#define SLASH64_CLI_PRINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define PRINT_MAX 64

/* 1,234,567. Returns buf. */
const char *print_count(uint64_t value, char buf[PRINT_MAX]);
/* 20,011 or 3.2: packets a second. */
const char *print_rate(double value, char buf[PRINT_MAX]);
/* 99.5% */
const char *print_percent(double value, char buf[PRINT_MAX]);
/* 44.9 MiB */
const char *print_bytes(double value, char buf[PRINT_MAX]);
/* 15.7 M: bits a second. */
const char *print_bits(double value, char buf[PRINT_MAX]);
/* "in 58m", "12s ago", "now": of a time, less the time of now. */
const char *print_distance(int64_t seconds, char buf[PRINT_MAX]);
/* The same of seconds since 1970; "-" for 0. */
const char *print_when(int64_t seconds, char buf[PRINT_MAX]);
/* 2026-11-23 22:00:00 JST: local time with its zone; for who reads it now, "22:00 JST" where that is today. */
const char *print_time(int64_t seconds, char buf[PRINT_MAX]);

/* A text of slash64d for people. It writes times in UTC; those in it are written as print_time() has them. Returns buf, or
 * the text itself where there is no room.
 */
#define PRINT_TEXT_MAX 2048
const char *print_local(const char *text, char buf[PRINT_TEXT_MAX]);

/* Lines, of which those that are wider than the terminal are broken at blanks and go on at a column. */
void print_broken(const char *text, int indent);

/* A header in bold where the output is a terminal that may have it. */
void print_header(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Members of an object; "-" or 0 where they are missing or null. */
const char *member_text(const json_t *object, const char *key);
double member_number(const json_t *object, const char *key);
int64_t member_integer(const json_t *object, const char *key);
/* A time, as RFC 3339 or as seconds since 1970: microseconds since then, and seconds, rounded down. */
int64_t member_time_us(const json_t *object, const char *key);
int64_t member_time(const json_t *object, const char *key);
bool member_is_null(const json_t *object, const char *key);

/* What the log calls a change, in the word of the command that makes it: "disallow" is that of version 0.1.0. */
const char *change_name(const char *action);

/* The object in one line of JSON. */
void print_json(const json_t *object);

#endif
