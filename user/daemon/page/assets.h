/* SPDX-License-Identifier: GPL-2.0-only */
/* The files of the page, built into slash64d. */
#ifndef SLASH64_DAEMON_PAGE_ASSETS_H
#define SLASH64_DAEMON_PAGE_ASSETS_H

#include <stddef.h>

#define PAGE_ETAG_MAX 24

struct page_asset {
	const char *path; /* of the request */
	const char *type;
	const char *bytes, *end;
};

/* NULL if there is no such file. */
const struct page_asset *page_asset_find(const char *path);
/* One by one; NULL after the last. */
const struct page_asset *page_asset_at(size_t i);

/* A strong validator of its content (RFC 9110 8.8.3), in quotes. */
const char *page_asset_etag(const struct page_asset *asset, char etag[PAGE_ETAG_MAX]);

#endif
