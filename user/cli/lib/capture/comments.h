/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said of a captured packet: "verdict=drop reason=blocked class=tcp-syn
 * source=2001:db8:bad:1::/64 check=K7". Words and blanks only, so that it is read by people and by
 * scripts.
 */
#ifndef SLASH64_CLI_LIB_CAPTURE_COMMENTS_H
#define SLASH64_CLI_LIB_CAPTURE_COMMENTS_H

#include <jansson.h>
#include <slash64/capture.h>

#include "net/source_rules.h"

#define COMMENT_MAX 256

struct comments {
	struct source_rules rules; /* general and configured */
	/* the last source, which mostly is the next one too */
	uint64_t hi, lo;
	bool known;
	char source[PREFIX_TEXT_MAX + 32];
};

/* `rules`: those of the configuration, as slash64d tells them; one that makes no sense is -EPROTO. */
int comments_init(struct comments *comments, const json_t *rules, struct error *error);

/* Returns buf. The source is left out if it was not seen. */
const char *comments_write(struct comments *comments, const struct s64_capture_record *record,
			   char buf[COMMENT_MAX]);

#endif
