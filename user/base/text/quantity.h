/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers and rates as people write them. Inexact values are refused, not rounded. */
#ifndef SLASH64_BASE_TEXT_QUANTITY_H
#define SLASH64_BASE_TEXT_QUANTITY_H

#include <stdint.h>

#define QUANTITY_MAX	  1000000000000LL
#define QUANTITY_HINT_MAX 160
#define QUANTITY_TEXT_MAX 32

/* 500, 10k, 1.5k, 1M, 2G, 10,000: k is 1000. 0, or -EINVAL, or -ERANGE above QUANTITY_MAX. */
int count_parse(const char *text, int64_t *count);
/* Formats a number with a comma before every three digits. Returns buf. */
const char *count_format(uint64_t count, char buf[QUANTITY_TEXT_MAX]);

/* Packets per second: 100, 100/s, 10k, 10k/s, 6000/min, 3600/h, 100pps. 0, or -EINVAL, or -ERANGE,
 * or -EDOM if that is not a whole number per second. Then `hint`, of QUANTITY_HINT_MAX, says what
 * to write instead.
 */
int rate_parse(const char *text, int64_t *per_second, char *hint);

#endif
