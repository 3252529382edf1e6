/* SPDX-License-Identifier: GPL-2.0-only */
/* Durations as people write them: 600 (seconds), 90s, 15m, 1h30m, "1h 30m", 1.5h, 2 weeks, 7d,
 * 500ms.
 */
#ifndef SLASH64_BASE_TEXT_DURATION_H
#define SLASH64_BASE_TEXT_DURATION_H

#include <stdint.h>

/* fits "7d23h59m59s" */
#define DURATION_TEXT_MAX 48
#define DURATION_MAX_S	  (10LL * 366 * 24 * 3600) /* ten years: of a block, or an import */

/* Parses text to *ms, milliseconds, above 0. 0, or -EINVAL, or -ERANGE beyond ten years. */
int duration_parse(const char *text, int64_t *ms);

/* What to write instead, for the end of a sentence: "write a month as 30d". Never NULL. */
const char *duration_hint(const char *text);

/* The two largest units, rounded down: "1h30m", "2s", "350ms". Returns buf, of DURATION_TEXT_MAX. */
const char *duration_format(int64_t ms, char *buf);

#endif
