// SPDX-License-Identifier: GPL-2.0-only
#include "decisions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

struct decision {
	struct set_key key; /* first: the order */
	int64_t id;
	int64_t until_ms; /* 0: no end */
	const char *scenario;
	bool is_throttle;
};

struct list {
	struct decision *at;
	size_t count, room;
};

struct decisions {
	struct decisions_options options;
	struct list all;	    /* sorted */
	struct list added, deleted; /* of the answer that is read */
	char **scenario;	    /* sorted */
	size_t scenarios, scenarios_room;
	int64_t now_ms;
};

struct decisions *decisions_new(const struct decisions_options *options)
{
	struct decisions *decisions = calloc(1, sizeof(*decisions));

	if (decisions)
		decisions->options = *options;
	return decisions;
}

void decisions_free(struct decisions *decisions)
{
	if (!decisions)
		return;
	for (size_t i = 0; i < decisions->scenarios; i++)
		free(decisions->scenario[i]);
	free(decisions->scenario);
	free(decisions->all.at);
	free(decisions->added.at);
	free(decisions->deleted.at);
	free(decisions);
}

size_t decisions_count(const struct decisions *decisions)
{
	return decisions->all.count;
}

/* --- names of scenarios: few, of many decisions --- */

static const char *keep_scenario(struct decisions *decisions, const char *name)
{
	size_t low = 0, high = decisions->scenarios;
	char *copy;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(decisions->scenario[middle], name);

		if (!order)
			return decisions->scenario[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (decisions->scenarios == SCENARIOS_MAX)
		return "";
	copy = strdup(name);
	if (!copy || array_reserve(&decisions->scenario, &decisions->scenarios_room,
				   decisions->scenarios + 1, sizeof(*decisions->scenario))) {
		free(copy);
		return NULL;
	}
	memmove(&decisions->scenario[low + 1], &decisions->scenario[low],
		(decisions->scenarios - low) * sizeof(*decisions->scenario));
	decisions->scenario[low] = copy;
	decisions->scenarios++;
	return copy;
}

/* --- reading --- */

void decisions_begin(struct decisions *decisions, int64_t now_ms)
{
	decisions->now_ms = now_ms;
	decisions->added.count = decisions->deleted.count = 0;
}

/* Is one of the words the text, or in it? No word: all are. */
static bool has_word(const char *words, const char *text, bool within)
{
	size_t n;

	if (!*words)
		return true;
	for (; *words; words += n + (words[n] == ',')) {
		n = strcspn(words, ",");
		if (within ? !!memmem(text, strlen(text), words, n) :
			     strlen(text) == n && !memcmp(text, words, n))
			return true;
	}
	return false;
}

static bool is_wanted(const struct decisions *decisions, const struct stream_decision *decision)
{
	return (!decision->is_throttle || decisions->options.throttles) &&
	       has_word(decisions->options.origins, decision->origin, false) &&
	       has_word(decisions->options.scenarios, decision->scenario, true);
}

int decisions_add(const struct stream_decision *from, void *data)
{
	struct decisions *decisions = data;
	struct list *list = from->is_deleted ? &decisions->deleted : &decisions->added;
	struct decision decision = {.key = from->key,
				    .id = from->id,
				    .is_throttle = from->is_throttle};

	if (!from->is_deleted && (from->for_ms <= 0 || !is_wanted(decisions, from)))
		return 0;
	if (!from->is_deleted && from->for_ms < INT64_MAX - decisions->now_ms)
		decision.until_ms = decisions->now_ms + from->for_ms;
	if (list->count == DECISIONS_MAX)
		return -E2BIG;
	decision.scenario = keep_scenario(decisions, from->scenario);
	if (!decision.scenario ||
	    array_reserve(&list->at, &list->room, list->count + 1, sizeof(decision)))
		return -ENOMEM;
	list->at[list->count++] = decision;
	return 0;
}

/* --- applying --- */

static int compare_keys(const void *a, const void *b)
{
	const struct set_key *x = a, *y = b;
	int order = prefix_compare(&x->prefix, &y->prefix);

	return order ? order : x->is_address - y->is_address;
}

static int compare(const void *a, const void *b)
{
	const struct decision *x = a, *y = b;
	int order = compare_keys(&x->key, &y->key);

	return order ? order : x->id < y->id ? -1 : x->id > y->id;
}

static void sort(struct list *list)
{
	if (list->count)
		qsort(list->at, list->count, sizeof(*list->at), compare);
}

static bool has(const struct list *list, const struct decision *decision)
{
	return list->count && bsearch(decision, list->at, list->count, sizeof(*list->at), compare);
}

/* Those that stay, and those that are new, in order. An expired one is named by "deleted" too, but
 * not where a longer one about the same prefix is left.
 */
static int merge(struct decisions *decisions)
{
	struct list all = {};
	const struct list *old = &decisions->all, *added = &decisions->added;
	size_t i = 0, j = 0;

	if (array_reserve(&all.at, &all.room, old->count + added->count, sizeof(*all.at)))
		return -ENOMEM;
	while (i < old->count || j < added->count) {
		int order = i == old->count   ? 1 :
			    j == added->count ? -1 :
						compare(&old->at[i], &added->at[j]);

		if (order < 0) {
			const struct decision *decision = &old->at[i++];

			if (!has(&decisions->deleted, decision) &&
			    (!decision->until_ms || decision->until_ms > decisions->now_ms))
				all.at[all.count++] = *decision;
			continue;
		}
		/* the same one, told again, counts as it is told now */
		i += order == 0;
		all.at[all.count++] = added->at[j++];
	}
	free(decisions->all.at);
	decisions->all = all;
	return 0;
}

static bool is_stronger(const struct decision *a, const struct decision *b)
{
	if (a->is_throttle != b->is_throttle)
		return !a->is_throttle;
	return b->until_ms && (!a->until_ms || a->until_ms > b->until_ms);
}

/* What the decisions from number `from` on come to, as far as they are about the same prefix. Returns the
 * number of the next one.
 */
static size_t put_group(const struct decisions *decisions, size_t from, struct set *set, int *err)
{
	const struct list *all = &decisions->all;
	const struct decision *best = &all->at[from];
	struct set_entry entry;
	size_t i;

	for (i = from + 1; i < all->count && !compare_keys(&all->at[i].key, &best->key); i++)
		if (is_stronger(&all->at[i], best))
			best = &all->at[i];
	entry = (struct set_entry){.key = best->key,
				   .kind = best->is_throttle ? SET_THROTTLE : SET_BLOCK,
				   .rate = decisions->options.rate,
				   .burst = decisions->options.burst,
				   .until_ms = best->until_ms,
				   .reason = best->scenario};
	*err = set_put(set, &entry);
	return i;
}

/* The first decision about the prefix, or where it would be. */
static size_t find_group(const struct list *all, const struct set_key *key)
{
	size_t low = 0, high = all->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare_keys(&all->at[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int apply_changed(struct decisions *decisions, const struct list *changed, struct set *set)
{
	int err = 0;

	for (size_t i = 0; i < changed->count && !err; i++) {
		const struct set_key *key = &changed->at[i].key;
		size_t group = find_group(&decisions->all, key);

		if (group < decisions->all.count &&
		    !compare_keys(&decisions->all.at[group].key, key))
			put_group(decisions, group, set, &err);
		else
			set_remove(set, key);
	}
	return err;
}

/* Decisions have the same numbers for ever. */
static bool is_same(const struct list *a, const struct list *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; i < a->count && same; i++)
		same = !compare(&a->at[i], &b->at[i]);
	return same;
}

int decisions_apply(struct decisions *decisions, bool is_all, struct set *set)
{
	bool changes;
	int err;

	sort(&decisions->added);
	sort(&decisions->deleted);
	changes = is_all ? !is_same(&decisions->all, &decisions->added) :
			   decisions->added.count || decisions->deleted.count;
	/* the deleted ones of a whole list are over, or were told before: it says nothing of them */
	if (is_all)
		decisions->all.count = decisions->deleted.count = 0;
	err = merge(decisions);
	if (err)
		return err;
	if (!is_all) {
		err = apply_changed(decisions, &decisions->added, set);
		if (!err)
			err = apply_changed(decisions, &decisions->deleted, set);
		return err ? err : changes;
	}
	set_list_begin(set);
	for (size_t at = 0; at < decisions->all.count && !err;)
		at = put_group(decisions, at, set, &err);
	if (!err)
		set_list_end(set);
	return err ? err : changes;
}
