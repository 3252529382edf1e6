/* SPDX-License-Identifier: GPL-2.0-only */
/* Words and numbers that a tired person can read. */
#ifndef SLASH64_CLI_LIB_OUTPUT_PRINT_H
#define SLASH64_CLI_LIB_OUTPUT_PRINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define PRINT_MAX 64

/* 1,234,567. Returns buf. */
const char *print_count(uint64_t value, char buf[PRINT_MAX]);
/* 20,011 or 3.2: packets per second. */
const char *print_rate(double value, char buf[PRINT_MAX]);
/* 99.5% */
const char *print_percent(double value, char buf[PRINT_MAX]);
/* 44.9 MiB */
const char *print_bytes(double value, char buf[PRINT_MAX]);
/* 15.7 M: bits per second. */
const char *print_bits(double value, char buf[PRINT_MAX]);
/* 15.7 Mbit/s, of bytes per second. */
const char *print_bit_rate(double bytes_per_second, char buf[PRINT_MAX]);
/* "in 58m", "12s ago", "now": a time relative to now. */
const char *print_distance(int64_t seconds, char buf[PRINT_MAX]);
/* The same for seconds since 1970; "-" for 0. */
const char *print_when(int64_t seconds, char buf[PRINT_MAX]);
/* 2026-11-23 22:00:00 JST: local time with its zone; read now, "22:00 JST" if that is today. */
const char *print_time(int64_t seconds, char buf[PRINT_MAX]);

/* A text of slash64d for people. It contains times in UTC, which are rewritten as by print_time().
 * Returns buf, or the text itself if there is no room.
 */
#define PRINT_TEXT_MAX 2048
const char *print_local(const char *text, char buf[PRINT_TEXT_MAX]);

/* Prints lines; those wider than the terminal are broken at blanks and continue at a column. */
void print_broken(const char *text, int indent);

/* A header, in bold if the output is a terminal with colour. */
void print_header(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Members of an object; "-" or 0 if absent or null. */
const char *member_text(const json_t *object, const char *key);
double member_number(const json_t *object, const char *key);
int64_t member_integer(const json_t *object, const char *key);
/* A time, RFC 3339 or seconds since 1970: microseconds since then, and seconds, rounded down. */
int64_t member_time_us(const json_t *object, const char *key);
int64_t member_time(const json_t *object, const char *key);
bool member_is_null(const json_t *object, const char *key);

/* The name of a change in the log, as the command that makes it: "disallow" is that of version
 * 0.1.0.
 */
const char *change_name(const char *action);

/* The object in one line of JSON. */
void print_json(const json_t *object);

#endif
