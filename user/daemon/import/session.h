/* SPDX-License-Identifier: GPL-2.0-only */
/* Imports: the text of a list arrives in pieces. When all of it is there, the blocks of its origin
 * are changed to it in one change. Unchanged blocks are not touched; nothing is done before the
 * end.
 */
#ifndef SLASH64_DAEMON_IMPORT_SESSION_H
#define SLASH64_DAEMON_IMPORT_SESSION_H

#include "daemon/blocks/blocks.h"
#include "feed/feed.h"
#include "plan.h"
#include "daemon/guards/protected_addresses.h"
#include "net/limits.h"

struct event_base;
struct imports;
struct import;

#define IMPORT_ORIGIN_DEFAULT "import"
#define IMPORT_PROBLEMS_MAX   1000 /* kept problems; all are counted */

struct import_options {
	/* "": IMPORT_ORIGIN_DEFAULT; for a restore, as the text says */
	char origin[ORIGIN_TEXT_MAX];
	char reason[REASON_TEXT_MAX]; /* for entries without one */
	enum feed_format format;
	int64_t for_ms; /* 0: no end, unless the text has one */
	bool replace;	/* removes the origin's blocks that are not in the text */
	bool strict;	/* a single problem refuses everything */
	bool force;	/* ignores the guard rails */
	bool dry_run;
	/* The text is a backup that a person vouches for: its origins, times, allowed prefixes and
	 * interfaces are taken as they are, whatever the guard rails say. In a list these are
	 * ignored.
	 */
	bool restore;
	/* The text is a file that is read again and again: CrowdSec's stream contains differences,
	 * whatever `replace` says; durations count from when the content was first read; a file
	 * that leaves less than this share of the origin's blocks is refused (0: never).
	 */
	bool feed;
	double shrink;
};

struct import_problem {
	unsigned int line;
	char text[320];
};

/* An interface of a backup that was attached by hand. */
struct import_iface {
	unsigned int line;
	char name[S64_IFACE_NAME_MAX];
	char mode[16], filter[16]; /* words; filter "": as the policy says */
};

struct import_result {
	uint64_t lines, entries, added, changed, removed, unchanged, refused, ignored, problems;
	uint64_t refused_by[IMPORT_CAUSES];
	uint64_t allowlist; /* of a restore, included in those added */
	bool shrunk;	    /* refused, because it leaves too little */
	const char *format;
};

int imports_start(struct imports **imports, struct event_base *base, struct blocks *blocks,
		  struct protected_addresses *protection, struct error *error);
void imports_stop(struct imports *imports);

/* -EBUSY if there are too many at a time. An abandoned import ends after a minute. */
int import_open(struct imports *imports, const struct import_options *options,
		struct import **import, struct error *error);
void import_close(struct import *import);

/* Its name, for later requests; and the reverse, NULL if there is none. */
const char *import_id(const struct import *import);
struct import *imports_find(struct imports *imports, const char *id);

int import_text(struct import *import, const char *text, size_t bytes, struct error *error);

/* A commit is one of these changes (changes.h). */
struct changes *imports_changes(const struct imports *imports);

/* What else belongs to the change of a restore: `take` is called within its transaction, which fails
 * with it, and `back` if `take` was called and all of it is rolled back.
 */
struct import_besides {
	int (*take)(void *data, struct error *error);
	void (*back)(void *data);
	void *data;
};

/* The text is complete: applies it. besides: NULL for what is no restore. *result is filled in even for a refusal with -EPERM, because of
 * `strict`, or because an incomplete set would replace another.
 */
int import_commit(struct import *import, const struct actor *actor,
		  const struct import_besides *besides, struct import_result *result,
		  struct error *error);

/* Of a restore: what is to be attached again. */
size_t import_ifaces(const struct import *import, const struct import_iface **iface);
/* However few of the previous entries it leaves. */
void import_believe(struct import *import);

/* A hash of the text of a feed that came. */
uint64_t import_digest(const struct import *import);
/* Adds a problem. */
void import_problem(struct import *import, unsigned int line, const char *text);

/* The kept problems from number `from`; returns how many. */
size_t import_problems(const struct import *import, size_t from,
		       const struct import_problem **problem);
void import_counts(const struct import *import, struct import_result *result);
const char *import_origin(const struct import *import);

#endif
