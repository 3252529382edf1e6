// SPDX-License-Identifier: GPL-2.0-only
/* Any text as a configuration: an accepted one is complete and within its bounds, a refused one has
 * a one-line error with its position.
 */
#include "fuzz.h"

#include <jansson.h>

#include "config/config.h"
#include "config/policy_lint.h"
#include "config/policy_json.h"

#define NAME	"fuzz.yaml"
#define TICK_NS 4000000

static void check_refusal(const struct error *error)
{
	const char *at = error->text + strlen(NAME ":");
	char *end;

	promise_one_line(error->text, sizeof(error->text));
	promise(!strncmp(error->text, NAME ":", strlen(NAME ":")), "no file in '%s'", error->text);
	/* an empty text has no lines */
	promise(strstr(at, " empty;") || (strtoul(at, &end, 10) > 0 && *end == ':'),
		"no line in '%s'", error->text);
}

static void check_prefixes(const struct config_prefixes *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct prefix *p = &list->entry[i].prefix;
		struct prefix cut;

		promise(p->length <= 128, "length %u", p->length);
		cut = prefix_around(&p->address, p->length);
		promise(!prefix_compare(&cut, p), "entry %zu has bits behind its length", i);
		promise(list->entry[i].line > 0, "entry %zu has no line", i);
		promise(memchr(list->entry[i].reason, 0, REASON_TEXT_MAX), "a reason without end");
	}
}

static void check_feeds(const struct config *config)
{
	promise(config->feed_count <= CONFIG_FEEDS_MAX, "%zu feeds", config->feed_count);
	for (size_t i = 0; i < config->feed_count; i++) {
		const struct config_feed *feed = &config->feed[i];

		promise(origin_is_valid(feed->origin), "the origin '%s'", feed->origin);
		promise(feed->file[0], "a feed without a file");
		promise(feed->for_ms >= 0, "a span below 0");
	}
}

/* Every accepted policy compiles to tables without an unknown action. */
static void check_policy(const struct policy *policy, const struct policy *base, uint32_t slot)
{
	static struct s64_limit limits[S64_LIMIT_MAX];
	struct s64_iface_policy compiled;

	policy_compile(policy, base, slot, TICK_NS, &compiled, limits);
	for (int i = 0; i < NAMES_COUNT; i++) {
		const struct policy_row *row = &policy->row[i];

		promise(row->limit.rate <= RATE_MAX && row->limit.aggregate_rate <= RATE_MAX,
			"the rate of %s", policy_row_name(i));
		for (int direction = 0; direction < S64_DIRECTION_COUNT; direction++)
			promise(row->action[direction] <= S64_ACTION_SCOPE, "the action of %s",
				policy_row_name(i));
	}
}

static void warn(unsigned int line, const char *text, void *data)
{
	(void)line;
	promise_one_line(text, ERROR_TEXT_MAX);
	++*(unsigned int *)data;
}

static void check_taken(const struct config *config)
{
	unsigned int warnings = 0, told;
	json_t *json;

	promise(config->iface_count <= CONFIG_IFACES_MAX, "%zu interfaces", config->iface_count);
	promise(config->blocks >= CONFIG_BLOCKS_MIN && config->blocks <= CONFIG_BLOCKS_MAX,
		"blocks: %u", config->blocks);
	promise(config->socket[0] && config->state[0] && config->pins[0], "a path is empty");
	check_prefixes(&config->allow);
	check_prefixes(&config->block);
	check_prefixes(&config->peers);
	check_feeds(config);
	check_policy(&config->policy, NULL, 0);
	for (size_t i = 0; i < config->iface_count; i++) {
		struct policy policy;

		promise(config->iface[i].name[0] && config->iface[i].line > 0, "interface %zu", i);
		config_iface_policy(config, &config->iface[i], &policy);
		check_policy(&policy, &config->policy, i);
	}
	told = policy_check(config, warn, &warnings);
	promise(told == warnings, "%u warnings, and %u were told", told, warnings);
	json = policy_to_json(config);
	promise(json, "no policy");
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	char *text = (char *)exact_copy(data, bytes);
	struct error error = {};
	struct config config;
	int err = config_load_text(&config, NAME, text, bytes, &error);

	promise(err <= 0, "returned %d", err);
	if (err) {
		check_refusal(&error);
	} else {
		check_taken(&config);
		config_free(&config);
	}
	free(text);
	return 0;
}
