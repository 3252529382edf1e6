/* SPDX-License-Identifier: GPL-2.0-only */
/* How long a block of detection lasts: longer each further time. A step is forgotten when ten times
 * as long as it lasted has passed since it ended. Only the duration grows: the thresholds stay, so
 * that one false positive does not make the next.
 */
#ifndef SLASH64_DAEMON_DETECT_LADDER_H
#define SLASH64_DAEMON_DETECT_LADDER_H

#include "detect/rules.h"

#define LADDER_FADES 10 /* times as long as it lasted */

/* The step after one that ended then, both in milliseconds since 1970. */
unsigned int ladder_next(const struct detect_rule *rule, unsigned int last, int64_t ended_ms,
			 int64_t now_ms);

/* Of a step; the last one for all beyond it. */
int64_t ladder_ms(const struct detect_rule *rule, unsigned int step);

/* With up to a tenth more, which nobody can foresee who does not know `random`. */
int64_t ladder_with_tenth(int64_t ms, uint64_t random);

#endif
