/* SPDX-License-Identifier: GPL-2.0-only */
/* The verdicts on a source's packets in words: by class, because one class may be dropped while
 * another passes.
 */
#ifndef SLASH64_DAEMON_API_FATES_H
#define SLASH64_DAEMON_API_FATES_H

#include <jansson.h>

#include "daemon/stats/samples.h"

/* The verdict of who: "limited" if packets are over a limit, "dropped" if they are dropped for
 * another reason, and NULL if none are. `text`: "echo-request: 94% over its limit; redirect: all
 * dropped, link-scope"; unchanged for NULL. Packets that would be dropped, on an interface that
 * monitors, are described but are no verdict.
 */
const char *fates_verdict(const struct fate *fates, size_t count, char *text, size_t bytes);

/* An array with a row for each class and reason. */
json_t *fates_to_json(const struct fate *fates, size_t count);

#endif
