/* SPDX-License-Identifier: GPL-2.0-only */
/* Imports: the text of a feed comes in pieces, and when all of it is there, the blocks of its origin are
 * brought to it as one difference. What stays the same is not touched; nothing is done before the end.
 */
#ifndef SLASH64_DAEMON_IMPORTS_H
#define SLASH64_DAEMON_IMPORTS_H

#include "daemon/blocks/blocks.h"
#include "feed/feed.h"
#include "plan.h"
#include "daemon/guards/protected_addresses.h"

struct event_base;
struct imports;
struct import;

#define IMPORT_ORIGIN_MAX     64
#define IMPORT_ORIGIN_DEFAULT "import"
#define IMPORT_PROBLEMS_MAX   1000 /* that are kept; all are counted */

struct import_options {
	/* "": IMPORT_ORIGIN_DEFAULT; of a restore, as the text says */
	char origin[IMPORT_ORIGIN_MAX];
	char reason[CONFIG_REASON_MAX]; /* for entries without one */
	enum feed_format format;
	int64_t for_ms; /* 0: no end, unless the text says one */
	bool replace;	/* what the origin has, and the text has not, goes */
	bool strict;	/* one problem, and nothing is done */
	bool force;	/* whatever the guard rails say */
	bool dry_run;
	/* The text is a backup that a person vouches for: origins, times, allowed prefixes and interfaces are taken
	 * from it as they are, whatever the guard rails say. What a list says of these is not looked at.
	 */
	bool restore;
	/* The text is a file that comes again and again: of CrowdSec's stream it is the differences, whatever `replace`
	 * says; ends count from when a content was first taken; and what leaves less than this share of what the
	 * origin has is not believed (0: anything is).
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
	uint64_t allows; /* of a restore, among those added */
	bool shrunk;	 /* refused, as it leaves too little */
	const char *format;
};

int imports_start(struct imports **imports, struct event_base *base, struct blocks *blocks,
		  struct guards *guards, struct error *error);
void imports_stop(struct imports *imports);

/* -EBUSY where there are too many at a time. One that nobody goes on with ends after a minute. */
int import_open(struct imports *imports, const struct import_options *options,
		struct import **import, struct error *error);
void import_close(struct import *import);

/* Its name, for who goes on with it in another request; and the other way round, NULL where there is none. */
const char *import_id(const struct import *import);
struct import *imports_find(struct imports *imports, const char *id);

int import_text(struct import *import, const char *text, size_t bytes, struct error *error);

/* What a commit is one of (changes.h). */
struct changes *imports_changes(const struct imports *imports);

/* What the imports that follow come from, for the log; NULL: slash64d itself. */
void imports_set_actor(struct imports *imports, const char *kind, const char *name);

/* All of the text has come: do it. *result tells even of what is refused with -EPERM, because of `strict`, or
 * because a set would be replaced by what is no whole one.
 */
int import_commit(struct import *import, struct import_result *result, struct error *error);

/* After the commit of a restore: what is to be attached again. */
size_t import_ifaces(const struct import *import, const struct import_iface **iface);
/* However little of what there was it leaves. */
void import_believe(struct import *import);

/* A hash of the text of a feed that came. */
uint64_t import_digest(const struct import *import);
/* Note one more. */
void import_problem(struct import *import, unsigned int line, const char *text);

/* Problems from the `from`th on that are kept; returns how many. */
size_t import_problems(const struct import *import, size_t from,
		       const struct import_problem **problem);
void import_counts(const struct import *import, struct import_result *result);
const char *import_origin(const struct import *import);

#endif
