/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files of an import: its session, what its text says, and its commit. */
#ifndef SLASH64_DAEMON_IMPORT_SESSION_INTERNAL_H
#define SLASH64_DAEMON_IMPORT_SESSION_INTERNAL_H

#include "entries.h"
#include "session.h"

#define IMPORTS_MAX   8
#define IMPORT_ID_MAX 17

struct import {
	struct imports *imports;
	struct import *next; /* of those that are closed, and not freed yet */
	struct import_options options;
	char id[IMPORT_ID_MAX];
	struct feed *feed;
	struct import_entries entries, allowlist;
	struct import_iface iface[S64_IFACES_MAX]; /* to be attached again */
	size_t ifaces;
	struct import_problem *problem;
	size_t problems_kept;
	struct import_result result;
	uint64_t digest;  /* of the text */
	bool busy;	  /* it is being committed, in pieces */
	bool told_backup; /* it contains more than a list may */
	/* entries of content seen before that have expired: reported, and no loss */
	uint64_t ended;
	int err;	  /* out of memory while reading the text */
	time_t last_used; /* CLOCK_MONOTONIC seconds */
	int64_t now_ms;
};

struct imports {
	struct blocks *blocks;
	struct protected_addresses *protection;
	struct event *check;
	struct import *entry[IMPORTS_MAX];
	struct import *closed;
};

/* Adds what the text says to the import (`data`). */
extern const struct feed_callbacks import_callbacks;

/* Frees the text of a JSON document, in pieces. */
void import_free_document(struct import *import);

int import_out_of_memory(struct error *error);

#endif
