/* SPDX-License-Identifier: GPL-2.0-only */
/* What becomes of the packets of a source, in words: per class, as one class may be dropped while another passes. */
#ifndef SLASH64_DAEMON_FATES_H
#define SLASH64_DAEMON_FATES_H

#include <jansson.h>

#include "daemon/stats/samples.h"

/* The verdict of who: "limited" where packets are over a limit, "dropped" where they are dropped for another reason, and
 * NULL where none are. `text`: "echo-request: 94% over its limit; redirect: all dropped, link-scope"; untouched for NULL.
 * What would be dropped, and passes, as its interface monitors, is told as that, and is no verdict by itself.
 */
const char *fates_verdict(const struct fate *fates, size_t count, char *text, size_t bytes);

/* An array with a row a class and reason. */
json_t *fates_to_json(const struct fate *fates, size_t count);

#endif
