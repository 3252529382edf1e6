/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by set.c, plan.c, remote.c and metrics.c. */
#ifndef SLASH64_ADAPTERS_SET_INTERNAL_H
#define SLASH64_ADAPTERS_SET_INTERNAL_H

#include <stdatomic.h>

#include "client/client.h"
#include "items.h"
#include "net/limits.h"

/* The reasons why slash64d refuses an entry, as its import names them (docs/api.md). */
#define SET_REFUSALS 4
extern const char *const set_refusal_names[SET_REFUSALS];

#define SET_FAILURES_MAX 16

/* What other threads may read. */
struct set_counts {
	_Atomic uint64_t entries, in_force, waiting, refused[SET_REFUSALS];
	_Atomic uint64_t put, ended, renewed, slash64d_failures;
	_Atomic int64_t source_contact_ms, slash64d_contact_ms; /* wall clock; 0: never */
	_Atomic int64_t behind_since_ms; /* since when a change waits to be sent; 0: none does */
	struct {
		_Atomic(const char *) why;
		_Atomic uint64_t count;
	} failure[SET_FAILURES_MAX]; /* of the source */
};

struct set {
	char *socket;
	char origin[ORIGIN_TEXT_MAX];
	int64_t lease_ms;
	struct set_items items;
	struct client *client; /* NULL: no connection */
	bool (*stop)(void *data);
	void *stop_data;

	bool is_known;			/* in_force is what slash64d has */
	int64_t read_back_ms, retry_ms; /* monotonic: when to do it next */
	uint32_t list;			/* number of the last one that began */
	bool list_is_over, awaits_list;

	struct set_counts counts;
};

/* --- plan.c --- */

struct set_plan_counts {
	size_t put, end, renew;
};

/* Ends, or marks as missed, what the list that is over does not have. */
void set_judge_list(struct set *set, int64_t now_ms);
/* Decides what to do with each item. `retries`: also with refused ones. Drops items that are over. */
void set_make_plan(struct set *set, int64_t now_ms, bool retries, struct set_plan_counts *counts);
/* The plan was carried out; `refused` ones are known by what is read back afterwards. */
void set_plan_is_done(struct set *set);

/* --- remote.c --- */

/* `after_sending`: what is not there as it was sent has been refused. */
int set_read_back(struct set *set, bool after_sending, struct error *error);
/* Sends the plan as one change. On success the numbers of refused entries are in refused[]. */
int set_send(struct set *set, uint64_t refused[SET_REFUSALS], struct error *error);

#endif
