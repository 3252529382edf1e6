// SPDX-License-Identifier: GPL-2.0-only
#include "assets.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The assembler copies the files: those of this directory, and dygraphs from Debian's package
 * libjs-dygraphs. The Makefile has them as prerequisites. A byte 0 follows each.
 */
#define BUILT_IN(name, file)                                            \
	extern const char page_file_##name[], page_file_##name##_end[]; \
	__asm__(".pushsection .rodata\n"                                \
		".global page_file_" #name "\n"                         \
		"page_file_" #name ": .incbin \"" file "\"\n"           \
		".global page_file_" #name "_end\n"                     \
		"page_file_" #name "_end: .byte 0\n"                    \
		".popsection\n")

#define OWN "user/daemon/page/assets/"
#ifndef DYGRAPHS
#define DYGRAPHS "/usr/share/javascript/dygraphs/"
#endif

BUILT_IN(index, OWN "index.html");
BUILT_IN(css, OWN "page.css");
BUILT_IN(js, OWN "page.js");
BUILT_IN(texts, OWN "texts.js");
BUILT_IN(charts, OWN "charts.js");
BUILT_IN(icon, OWN "icon.svg");
BUILT_IN(dygraphs, DYGRAPHS "dygraph.min.js");
BUILT_IN(dygraphs_css, DYGRAPHS "dygraph.min.css");

#define ASSET(path, type, name)                                      \
	{                                                            \
		path, type, page_file_##name, page_file_##name##_end \
	}

static const struct page_asset assets[] = {
	ASSET("/", "text/html; charset=utf-8", index),
	ASSET("/page.css", "text/css; charset=utf-8", css),
	ASSET("/page.js", "text/javascript; charset=utf-8", js),
	ASSET("/texts.js", "text/javascript; charset=utf-8", texts),
	ASSET("/charts.js", "text/javascript; charset=utf-8", charts),
	ASSET("/icon.svg", "image/svg+xml", icon),
	ASSET("/favicon.ico", "image/svg+xml", icon), /* browsers ask for it unasked */
	ASSET("/dygraph.js", "text/javascript; charset=utf-8", dygraphs),
	ASSET("/dygraph.css", "text/css; charset=utf-8", dygraphs_css),
};

#define ASSETS (sizeof(assets) / sizeof(assets[0]))

const struct page_asset *page_asset_at(size_t i)
{
	return i < ASSETS ? &assets[i] : NULL;
}

const struct page_asset *page_asset_find(const char *path)
{
	for (size_t i = 0; i < ASSETS; i++)
		if (!strcmp(assets[i].path, path))
			return &assets[i];
	return NULL;
}

/* FNV-1a: it tells versions of a file apart, and nothing depends on it. */
const char *page_asset_etag(const struct page_asset *asset, char etag[PAGE_ETAG_MAX])
{
	uint64_t hash = 0xcbf29ce484222325;

	for (const char *p = asset->bytes; p < asset->end; p++)
		hash = (hash ^ (unsigned char)*p) * 0x100000001b3;
	snprintf(etag, PAGE_ETAG_MAX, "\"%016llx\"", (unsigned long long)hash);
	return etag;
}
