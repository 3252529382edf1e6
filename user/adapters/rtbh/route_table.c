// SPDX-License-Identifier: GPL-2.0-only
#include "route_table.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

/* One route of a prefix, which has an action. */
struct variant {
	struct route_key key;
	uint32_t dump;
	enum route_action action;
};

/* What a prefix waits for: in each queue all wait equally long, so the first one is due first. */
enum waits {
	WAITS_NOT,
	WAITS_REMOVAL,
	WAITS_DAMPED,
	WAITS_FORGET, /* it is not in force, and known only for its flaps */
	WAITS_COUNT
};

struct node {
	struct prefix prefix; /* first: nodes are compared by it */
	enum route_action in_force;
	struct variant *variant;
	uint8_t variants;
	uint8_t flaps;
	enum waits waits;
	int64_t due_ms, gone_ms;
	TAILQ_ENTRY(node) next;
};

TAILQ_HEAD(queue, node);

struct routes {
	struct routes_options options;
	void *root;
	size_t count;
	enum routes_mode mode;
	uint32_t dump;
	struct queue queue[WAITS_COUNT];
	struct routes_counts counts;
	int64_t now_ms; /* while the tree is walked */
	struct node **found;
	size_t found_count;
};

static int compare(const void *a, const void *b)
{
	const struct prefix *x = a, *y = b;
	int order = memcmp(&x->address, &y->address, sizeof(x->address));

	return order ? order : (int)x->length - y->length;
}

struct routes *routes_new(const struct routes_options *options)
{
	struct routes *routes = calloc(1, sizeof(*routes));

	if (!routes)
		return NULL;
	routes->options = *options;
	for (size_t i = 0; i < WAITS_COUNT; i++)
		TAILQ_INIT(&routes->queue[i]);
	return routes;
}

static void free_node(void *node)
{
	free(((struct node *)node)->variant);
	free(node);
}

void routes_free(struct routes *routes)
{
	if (!routes)
		return;
	tdestroy(routes->root, free_node);
	free(routes);
}

/* --- queues --- */

static void wait_not(struct routes *routes, struct node *node)
{
	if (node->waits == WAITS_NOT)
		return;
	TAILQ_REMOVE(&routes->queue[node->waits], node, next);
	routes->counts.dampened -= node->waits == WAITS_DAMPED;
	node->waits = WAITS_NOT;
}

static void wait_for(struct routes *routes, struct node *node, enum waits what, int64_t due_ms)
{
	wait_not(routes, node);
	node->waits = what;
	node->due_ms = due_ms;
	TAILQ_INSERT_TAIL(&routes->queue[what], node, next);
	routes->counts.dampened += what == WAITS_DAMPED;
}

static void forget(struct routes *routes, struct node *node)
{
	wait_not(routes, node);
	tdelete(node, &routes->root, compare);
	free_node(node);
	routes->count--;
}

/* --- what a prefix comes to --- */

static enum route_action strictest(const struct node *node)
{
	enum route_action action = ROUTE_NOTHING;

	for (size_t i = 0; i < node->variants; i++)
		if (node->variant[i].action > action)
			action = node->variant[i].action;
	return action;
}

static void enforce(struct routes *routes, struct node *node, enum route_action action)
{
	if (node->in_force == action)
		return;
	routes->counts.prefixes[node->in_force]--;
	routes->counts.prefixes[action]++;
	node->in_force = action;
	routes->options.changed(&node->prefix, action, routes->options.data);
}

/* It is not in force any more, or never was. */
static void leave(struct routes *routes, struct node *node, int64_t now_ms)
{
	if (node->variants)
		wait_not(routes, node);
	else if (node->flaps)
		wait_for(routes, node, WAITS_FORGET, now_ms + routes->options.dampen_ms);
	else
		forget(routes, node);
}

static void begin_removal(struct routes *routes, struct node *node, int64_t now_ms)
{
	const struct routes_options *options = &routes->options;

	if (node->waits == WAITS_REMOVAL || node->waits == WAITS_DAMPED)
		return;
	if (now_ms - node->gone_ms > options->dampen_ms)
		node->flaps = 0;
	if (node->flaps < ROUTES_FLAPS_MAX)
		node->flaps++;
	node->gone_ms = now_ms;
	if (node->flaps == ROUTES_FLAPS_MAX)
		wait_for(routes, node, WAITS_DAMPED, now_ms + options->dampen_ms);
	else
		wait_for(routes, node, WAITS_REMOVAL, now_ms + options->removal_ms);
}

static void update(struct routes *routes, struct node *node, int64_t now_ms)
{
	enum route_action action = strictest(node);

	if (routes->mode == ROUTES_ENDED) {
		enforce(routes, node, ROUTE_NOTHING);
		leave(routes, node, now_ms);
		return;
	}
	if (action > node->in_force || (action && routes->mode == ROUTES_LIVE)) {
		wait_not(routes, node);
		enforce(routes, node, action);
	} else if (action == node->in_force && action) {
		wait_not(routes, node); /* it came back */
	} else if (!node->in_force) {
		leave(routes, node, now_ms);
	} else if (!action && routes->mode == ROUTES_LIVE) {
		begin_removal(routes, node, now_ms);
	}
}

/* --- routes come and go --- */

static struct node *find(struct routes *routes, const struct prefix *prefix)
{
	struct node **found = tfind(prefix, &routes->root, compare);

	return found ? *found : NULL;
}

static struct node *add(struct routes *routes, const struct prefix *prefix)
{
	struct node *oldest = TAILQ_FIRST(&routes->queue[WAITS_FORGET]), *node;

	if (routes->count >= routes->options.max && oldest)
		forget(routes, oldest);
	if (routes->count >= routes->options.max)
		return NULL;
	node = calloc(1, sizeof(*node));
	if (!node)
		return NULL;
	node->prefix = *prefix;
	node->gone_ms = INT64_MIN / 2;
	if (!tsearch(node, &routes->root, compare)) {
		free(node);
		return NULL;
	}
	routes->count++;
	routes->counts.prefixes[ROUTE_NOTHING]++;
	return node;
}

static bool is_key(const struct route_key *a, const struct route_key *b)
{
	return a->metric == b->metric && a->protocol == b->protocol && a->type == b->type;
}

/* node->variants if it is not there */
static size_t find_variant(const struct node *node, const struct route_key *key)
{
	size_t i = 0;

	while (i < node->variants && !is_key(&node->variant[i].key, key))
		i++;
	return i;
}

static int set_variant(struct node *node, const struct route_key *key, enum route_action action,
		       uint32_t dump)
{
	struct variant *variant = node->variant;
	size_t i = find_variant(node, key);

	if (i == ROUTES_VARIANTS_MAX)
		return -ENOSPC;
	if (i == node->variants) {
		variant = realloc(variant, (i + 1) * sizeof(*variant));
		if (!variant)
			return -ENOMEM;
		node->variant = variant;
		node->variants++;
	}
	variant[i] = (struct variant){*key, dump, action};
	return 0;
}

/* Is there another one of that metric, which may be the one that was replaced? */
static bool may_replace(const struct node *node, const struct route_key *key)
{
	for (size_t i = 0; i < node->variants; i++)
		if (node->variant[i].key.metric == key->metric &&
		    !is_key(&node->variant[i].key, key))
			return true;
	return false;
}

static void remove_variant(struct node *node, size_t i)
{
	node->variant[i] = node->variant[--node->variants];
}

int routes_note(struct routes *routes, const struct prefix *prefix, const struct route_key *key,
		enum route_action action, enum route_news news, int64_t now_ms)
{
	struct node *node = find(routes, prefix);
	bool may_be_over = node && news == ROUTE_REPLACES && may_replace(node, key);
	int err = 0;

	/* a route that does nothing takes no room from those that do */
	if (news == ROUTE_IS_GONE || action == ROUTE_NOTHING) {
		size_t i = node ? find_variant(node, key) : 0;

		if (node && i < node->variants)
			remove_variant(node, i);
		if (node)
			update(routes, node, now_ms);
		return may_be_over;
	}
	if (!node)
		node = add(routes, prefix);
	err = node ? set_variant(node, key, action, routes->dump) : -ENOSPC;
	routes->counts.left_out += err != 0;
	if (node)
		update(routes, node, now_ms);
	return err ? err : may_be_over;
}

/* --- all of them: collected first, as a node may be freed --- */

static void collect(const void *tree_node, VISIT which, void *data)
{
	struct routes *routes = data;

	if (which == postorder || which == leaf)
		routes->found[routes->found_count++] = *(struct node *const *)tree_node;
}

/* NULL if out of memory: the next dump makes up for it. To be freed. */
static struct node **all_nodes(struct routes *routes, size_t *count)
{
	struct node **found = calloc(routes->count ? routes->count : 1, sizeof(*found));

	*count = 0;
	if (!found)
		return NULL;
	routes->found = found;
	routes->found_count = 0;
	twalk_r(routes->root, collect, routes);
	*count = routes->found_count;
	return found;
}

void routes_dump_begin(struct routes *routes)
{
	routes->dump++;
}

void routes_dump_end(struct routes *routes, int64_t now_ms)
{
	size_t count;
	struct node **node = all_nodes(routes, &count);

	for (size_t i = 0; i < count; i++) {
		bool is_changed = false;

		for (size_t v = 0; v < node[i]->variants;)
			if (node[i]->variant[v].dump == routes->dump) {
				v++;
			} else {
				remove_variant(node[i], v);
				is_changed = true;
			}
		if (is_changed)
			update(routes, node[i], now_ms);
	}
	free(node);
}

void routes_set_mode(struct routes *routes, enum routes_mode mode, int64_t now_ms)
{
	size_t count;
	struct node **node;

	if (routes->mode == mode)
		return;
	routes->mode = mode;
	node = all_nodes(routes, &count);
	for (size_t i = 0; i < count; i++)
		update(routes, node[i], now_ms);
	free(node);
}

int routes_each(struct routes *routes)
{
	size_t count;
	struct node **node = all_nodes(routes, &count);

	if (!node)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (node[i]->in_force)
			routes->options.changed(&node[i]->prefix, node[i]->in_force,
						routes->options.data);
	free(node);
	return 0;
}

/* --- what is due --- */

static int64_t next_due(const struct routes *routes, int64_t now_ms)
{
	int64_t next = -1;

	for (enum waits what = WAITS_REMOVAL; what < WAITS_COUNT; what++) {
		const struct node *first = TAILQ_FIRST(&routes->queue[what]);
		int64_t left;

		/* while they are held, nothing is removed */
		if (!first || (what != WAITS_FORGET && routes->mode == ROUTES_HELD))
			continue;
		left = first->due_ms > now_ms ? first->due_ms - now_ms : 0;
		if (next < 0 || left < next)
			next = left;
	}
	return next;
}

int64_t routes_tick(struct routes *routes, int64_t now_ms)
{
	struct node *node;

	while ((node = TAILQ_FIRST(&routes->queue[WAITS_FORGET])) && node->due_ms <= now_ms)
		forget(routes, node);
	for (enum waits what = WAITS_REMOVAL; what <= WAITS_DAMPED; what++)
		while (routes->mode != ROUTES_HELD && (node = TAILQ_FIRST(&routes->queue[what])) &&
		       node->due_ms <= now_ms) {
			wait_not(routes, node);
			enforce(routes, node, ROUTE_NOTHING);
			leave(routes, node, now_ms);
		}
	return next_due(routes, now_ms);
}

void routes_count(const struct routes *routes, struct routes_counts *counts)
{
	*counts = routes->counts;
	counts->prefixes[ROUTE_NOTHING] = 0;
}
