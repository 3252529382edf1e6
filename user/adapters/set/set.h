/* SPDX-License-Identifier: GPL-2.0-only */
/* Keeps the entries of one origin of slash64d equal to what a source says: blocks and throttles, by
 * the control API alone. All adapters keep their entries in this way.
 *
 * - What is in force is read back from slash64d, at the start, after any doubt, and now and then. So
 *   an adapter needs no state of its own, and converges after it was killed at any time. Entries of
 *   other origins are never touched.
 * - Changes are sent as one difference, in one transaction. What stays the same is not touched.
 * - An entry has the end that the source gives it, or a lease, if that ends earlier or there is no
 *   other end. A lease is renewed when half of it is over. So the entries of an adapter that is gone
 *   end by themselves, and those of a source that is silent stay as long as the adapter lives.
 * - A list of everything (set_list_begin()) ends what it does not have. If that is more than a tenth,
 *   the next list has to agree: a source that has lost its data sends short lists, which are valid.
 * - What slash64d refuses (guard rails, allowed prefixes, no room) is counted by reason and tried
 *   again every minute.
 *
 * A set belongs to one thread; only set_write_metrics() may be called by another.
 */
#ifndef SLASH64_ADAPTERS_SET_SET_H
#define SLASH64_ADAPTERS_SET_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "key.h"

#define SET_SOCKET_DEFAULT "/run/slash64/control.sock"
#define SET_SHRINK_DIVISOR 10 /* a list that ends more than a tenth waits for the next one */
#define SET_RETRY_MS	   60000
#define SET_READ_BACK_MS   300000

enum set_kind { SET_BLOCK, SET_THROTTLE };

struct set_entry {
	struct set_key key;
	enum set_kind kind;
	uint32_t rate, burst; /* of a throttle: packets per second, packets */
	int64_t until_ms;     /* since 1970, given by the source; 0: no end but the lease */
	const char *reason;   /* NULL: none */
};

struct set;

struct set_options {
	const char *socket, *origin;
	int64_t lease_ms; /* 0: none: entries without an end stay when the adapter is gone */
};

int set_open(struct set **set, const struct set_options *options, struct error *error);
/* Ends no entry. NULL is fine. */
void set_close(struct set *set);

/* A request to slash64d is given up when the function returns true. */
void set_stop_at(struct set *set, bool (*stop)(void *data), void *data);

/* --- what the source says --- */

/* Adds an entry, or changes it. -ENOMEM. */
int set_put(struct set *set, const struct set_entry *entry);
/* Ends an entry; one that is not there is fine. */
void set_remove(struct set *set, const struct set_key *key);

/* What set_put() adds between these two is all that there is. After the second, entries that were
 * not added are ended by the next set_sync(), or wait for another list. A list that breaks off is
 * never ended, and ends nothing.
 */
void set_list_begin(struct set *set);
void set_list_end(struct set *set);
/* Does something wait for another list? */
bool set_awaits_list(const struct set *set);

/* The source has answered: for the metrics. */
void set_contact(struct set *set);

/* --- slash64d --- */

/* Brings slash64d to what the source says. To be called after changes, and at least every few
 * seconds: for renewals and what is to be tried again. -errno, with *error set, if slash64d cannot
 * be reached or refuses the whole change; then nothing is lost, and the next call goes on.
 */
int set_sync(struct set *set, struct error *error);

/* Entries that slash64d has in force, and those that it refuses, as far as known. */
uint64_t set_in_force(const struct set *set);
uint64_t set_refused(const struct set *set);

/* What has become of an entry, as far as known. */
enum set_standing { SET_WAITS, SET_IN_FORCE, SET_REFUSED };
enum set_standing set_standing(const struct set *set, const struct set_key *key);

/* --- metrics --- */

struct evbuffer;
/* Metrics named slash64_adapter_..., with the labels adapter and origin. */
void set_write_metrics(struct set *const *sets, size_t count, const char *adapter,
		       struct evbuffer *out);
/* A failure of the source, counted by a word such as "timeout". The word is a constant. */
void set_source_failed(struct set *set, const char *why);

#endif
