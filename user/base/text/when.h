/* SPDX-License-Identifier: GPL-2.0-only */
/* Times, for people and for programs. A person reads and writes local time, shown with its zone; a
 * program RFC 3339 in UTC. All are microseconds since 1970, from 1970 to 9999.
 */
#ifndef SLASH64_BASE_TEXT_WHEN_H
#define SLASH64_BASE_TEXT_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WHEN_TEXT_MAX 64
#define WHEN_HINT_MAX 192
#define WHEN_DIGITS   6			 /* of the fraction of a second */
#define WHEN_SECOND   ((int64_t)1000000) /* in microseconds */
#define WHEN_MS	      ((int64_t)1000)
#define WHEN_MAX      (253402300800LL * WHEN_SECOND - 1) /* the last microsecond of the year 9999 */

/* Which of several times is meant: "11:00" is every day, "90m" may be ago or from now. */
enum when_side {
	WHEN_BEFORE, /* the latest one not after the reference */
	WHEN_AFTER,  /* the first one after it */
};

/* --- for programs --- */

/* An instant in ISO 8601 and RFC 3339: date, time, and Z or an offset. "2026-11-26T20:00:00Z",
 * "2026-11-26 20:00:00.25+09:00". 0, or -EINVAL, or -ERANGE outside 1970 to 9999.
 */
int when_parse_exact(const char *text, int64_t *us);

/* "2026-11-26T20:00:00Z"; with `digits` of the second (0 to 6), cut, not rounded. Returns buf, of
 * WHEN_TEXT_MAX.
 */
const char *when_format_exact(int64_t us, int digits, char *buf);

/* --- for people --- */

/* A time as people write it, in the zone of the reader (TZ):
 *
 *   now, today, yesterday, tomorrow (their first minute), each also with a time of day: "yesterday 11:00"
 *   11:00, 11:00:30, 11:00+09:00: of the day that `side` selects, relative to the reference
 *   2026-11-26, "2026-11-26 20:00", 2026-11-26T20:00:00.5Z, with Z, UTC, an offset, the zone's own name, or none
 *   90m, 1d12h, 600 (seconds): before or after the reference; @1790000000: seconds since 1970
 *
 * 0, or -EINVAL, or -ERANGE outside 1970 to 9999; then `hint`, of WHEN_HINT_MAX, says what to write
 * instead. A time that clocks skip or show twice is refused.
 */
int when_parse(const char *text, int64_t reference_us, enum when_side side, int64_t *us,
	       char *hint);

/* "20:00 JST" on the same day as now, otherwise "2026-11-26 20:00 JST"; with seconds if requested.
 * when_parse() reads the result. Returns buf, of WHEN_TEXT_MAX.
 */
const char *when_format(int64_t us, int64_t now_us, bool seconds, char *buf);

/* The same, always with the date: for texts that are kept, and for tables. */
const char *when_format_dated(int64_t us, bool seconds, char *buf);

/* Does this machine know the zone TZ? If not, the C library silently uses UTC. */
bool when_zone_is_known(void);

/* Now, microseconds since 1970. */
int64_t when_now(void);

#endif
