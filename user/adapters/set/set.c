// SPDX-License-Identifier: GPL-2.0-only
#include "set_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text/utf8.h"
#include "base/time.h"

int set_open(struct set **out, const struct set_options *options, struct error *error)
{
	struct set *set = calloc(1, sizeof(*set));

	if (!set)
		return error_set(error, -ENOMEM, "out of memory");
	strncpy(set->origin, options->origin, sizeof(set->origin) - 1);
	set->lease_ms = options->lease_ms;
	set->socket = strdup(options->socket);
	if (!set->socket || set_items_init(&set->items)) {
		set_close(set);
		return error_set(error, -ENOMEM, "out of memory");
	}
	*out = set;
	return 0;
}

void set_close(struct set *set)
{
	if (!set)
		return;
	client_close(set->client);
	set_items_free(&set->items);
	free(set->socket);
	free(set);
}

void set_stop_at(struct set *set, bool (*stop)(void *data), void *data)
{
	set->stop = stop;
	set->stop_data = data;
	if (set->client)
		client_stop_at(set->client, stop, data);
}

/* --- what the source says --- */

static void is_behind(struct set *set)
{
	if (!set->counts.behind_since_ms)
		set->counts.behind_since_ms = clock_wall_ms();
}

/* As slash64d keeps it, so that what is read back is the same: no control characters, valid UTF-8,
 * cut between characters, without blanks at the ends.
 */
static void clean_reason(const char *text, char out[REASON_TEXT_MAX])
{
	const unsigned char *p = (const unsigned char *)text;
	size_t left = text ? strlen(text) : 0, n = 0;

	while (left && (*p == ' ' || *p == '\t')) {
		p++;
		left--;
	}
	while (left) {
		size_t bytes = utf8_bytes(p, left);
		bool bad = !bytes || utf8_is_control(p);

		if (n + (bad ? 1 : bytes) >= REASON_TEXT_MAX)
			break;
		if (bad)
			out[n++] = '?';
		else
			memcpy(out + n, p, bytes);
		n += bad ? 0 : bytes;
		p += bytes ? bytes : 1;
		left -= bytes ? bytes : 1;
	}
	while (n && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
}

int set_put(struct set *set, const struct set_entry *entry)
{
	struct set_item *item = set_items_add(&set->items, &entry->key);
	struct set_entry clean = *entry;
	char reason[REASON_TEXT_MAX];

	if (!item)
		return -ENOMEM;
	clean_reason(entry->reason, reason);
	clean.reason = reason;
	item->listed = set->list;
	item->was_missed = false;
	is_behind(set);
	return set_state_set(&item->wanted, &clean);
}

void set_remove(struct set *set, const struct set_key *key)
{
	struct set_item *item = set_items_find(&set->items, key);

	if (!item)
		return;
	item->was_missed = false;
	if (item->wanted.is || item->in_force.is)
		is_behind(set);
	set_state_clear(&item->wanted);
	item->is_removed = true;
}

void set_list_begin(struct set *set)
{
	set->list++;
	set->list_is_over = false;
}

void set_list_end(struct set *set)
{
	set->list_is_over = true;
}

bool set_awaits_list(const struct set *set)
{
	return set->awaits_list;
}

void set_contact(struct set *set)
{
	set->counts.source_contact_ms = clock_wall_ms();
}

/* --- slash64d --- */

static void count_items(struct set *set)
{
	const struct set_item *item = NULL;
	uint64_t entries = 0, in_force = 0, waiting = 0;

	for (size_t at = 0; (item = set_items_next(&set->items, item, &at));) {
		entries += item->wanted.is;
		in_force += item->in_force.is;
		waiting += item->was_missed;
	}
	set->counts.entries = entries;
	set->counts.in_force = in_force;
	set->counts.waiting = waiting;
}

static void note_refused(struct set *set, const uint64_t refused[SET_REFUSALS], bool is_all)
{
	uint64_t before = set_refused(set);

	for (int i = 0; i < SET_REFUSALS; i++)
		set->counts.refused[i] = refused[i] + (is_all ? 0 : set->counts.refused[i]);
	if (set_refused(set) > before)
		log_warning(
			"entries of %s that slash64d refuses: %llu by guard rails, %llu allowed, %llu no prefix to block, %llu without room; they are tried again every minute",
			set->origin, (unsigned long long)set->counts.refused[1],
			(unsigned long long)set->counts.refused[2],
			(unsigned long long)set->counts.refused[0],
			(unsigned long long)set->counts.refused[3]);
}

static int send_plan(struct set *set, const struct set_plan_counts *plan, bool retries,
		     struct error *error)
{
	uint64_t refused[SET_REFUSALS] = {}, all = 0;
	int err = set_send(set, refused, error);

	if (err)
		return err;
	set_plan_is_done(set);
	set->counts.put += plan->put;
	set->counts.ended += plan->end;
	set->counts.renewed += plan->renew;
	for (int i = 0; i < SET_REFUSALS; i++)
		all += refused[i];
	note_refused(set, refused, retries);
	if (!all)
		return 0;
	/* which of them it took */
	set->is_known = false;
	return set_read_back(set, true, error);
}

static int sync_once(struct set *set, struct error *error)
{
	int64_t now_ms = clock_wall_ms(), steady_ms = clock_monotonic_ms();
	bool retries = steady_ms >= set->retry_ms;
	struct set_plan_counts plan;
	int err = 0;

	if (!set->is_known || steady_ms >= set->read_back_ms)
		err = set_read_back(set, false, error);
	if (err)
		return err;
	if (set->list_is_over)
		set_judge_list(set, now_ms);
	set_make_plan(set, now_ms, retries, &plan);
	if (retries)
		set->retry_ms = steady_ms + SET_RETRY_MS;
	if (plan.put || plan.end || plan.renew)
		err = send_plan(set, &plan, retries, error);
	else if (retries && set_refused(set))
		note_refused(set, (const uint64_t[SET_REFUSALS]){}, true);
	if (!err)
		set->counts.behind_since_ms = 0;
	return err;
}

int set_sync(struct set *set, struct error *error)
{
	int err = sync_once(set, error);

	count_items(set);
	if (!err) {
		set->counts.slash64d_contact_ms = clock_wall_ms();
		return 0;
	}
	/* whether it was done is not known */
	set->is_known = false;
	set->counts.slash64d_failures++;
	client_close(set->client);
	set->client = NULL;
	return err;
}

enum set_standing set_standing(const struct set *set, const struct set_key *key)
{
	const struct set_item *item = set_items_find(&set->items, key);

	if (!item || !set->is_known)
		return SET_WAITS;
	return item->is_refused ? SET_REFUSED : item->in_force.is ? SET_IN_FORCE : SET_WAITS;
}

uint64_t set_in_force(const struct set *set)
{
	return set->counts.in_force;
}

uint64_t set_refused(const struct set *set)
{
	uint64_t sum = 0;

	for (int i = 0; i < SET_REFUSALS; i++)
		sum += set->counts.refused[i];
	return sum;
}
