/* SPDX-License-Identifier: GPL-2.0-only */
/* Gets a list, if it has changed. */
#ifndef SLASH64_ADAPTERS_FETCH_DOWNLOAD_H
#define SLASH64_ADAPTERS_FETCH_DOWNLOAD_H

#include <stdbool.h>

#include "kept.h"
#include "settings.h"

struct download {
	char *text; /* to be freed */
	size_t bytes, room;
	bool is_modified; /* false: the version that we have is the last one */
	int64_t retry_s;  /* what the server has asked for after a failure; 0: nothing */
	char etag[KEPT_TEXT_MAX], modified[KEPT_TEXT_MAX];
};

/* `kept` NULL: whatever we have. *download is always filled in. */
int download(const struct fetch_feed *feed, const char *ca, const struct kept *kept,
	     struct download *out, struct error *error);

/* Is it a list, whole, with something to block? The number of entries, or -errno with *error set. */
int64_t download_check(const struct fetch_feed *feed, const struct download *got,
		       struct error *error);

#endif
